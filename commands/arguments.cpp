#include "commands/arguments.hpp"

#include <stdexcept>

#include "commands/duration.hpp"

namespace tocsin {
namespace {

/// Which alternative of ArgValue belongs to a type.
std::size_t alternative_of(ParamType type) {
  switch (type) {
    case ParamType::word:
    case ParamType::text:
    case ParamType::choice:
    case ParamType::version:
      return 0;
    case ParamType::number:
      return 1;
    case ParamType::severity:
      return 2;
    case ParamType::incident:
      return 3;
    case ParamType::person:
      return 4;
    case ParamType::duration:
      return 5;
    case ParamType::time_of_day:
      return 6;
    case ParamType::time_range:
      return 7;
    case ParamType::instant:
      return 8;
    case ParamType::flag:
      return 9;
  }
  return std::variant_npos;
}

struct Describe {
  std::string& out;
  void operator()(std::string const& text) const {
    out += '"';
    for (char const c : text) {
      if (c == '"' || c == '\\') out += '\\';
      if (c == '\n') {
        out += "\\n";
      } else {
        out += c;
      }
    }
    out += '"';
  }
  void operator()(std::int64_t number) const { out += std::to_string(number); }
  void operator()(Severity severity) const { out += name_of(severity); }
  void operator()(IncidentId id) const { out += "INC-" + std::to_string(id.value); }
  void operator()(PersonId const& person) const { out += "@" + person.value; }
  void operator()(Millis length) const { out += compact(length); }
  void operator()(TimeOfDay time) const { out += compact(time); }
  void operator()(TimeRange const& range) const { out += compact(range); }
  void operator()(Moment const& moment) const { out += '"' + compact(moment) + '"'; }
  void operator()(bool on) const { out += on ? "yes" : "no"; }
};

}  // namespace

Arguments::Arguments(std::vector<Parameter> const& parameters) {
  slots_.reserve(parameters.size());
  for (auto const& parameter : parameters) slots_.push_back({parameter.name, parameter.type, parameter.repeated, {}});
}

void Arguments::put(std::string_view name, ArgValue value) {
  auto& place = slots_[index_of(name)];
  if (value.index() != alternative_of(place.type)) throw std::logic_error("argument of another type: " + place.name);
  if (!place.values.empty() && !place.repeated) throw std::logic_error("argument given twice: " + place.name);
  place.values.push_back(std::move(value));
}

bool Arguments::flag(std::string_view name) const {
  auto const& values = slot(name, ParamType::flag).values;
  return !values.empty() && std::get<bool>(values.front());
}

std::string Arguments::describe() const {
  std::string out;
  for (auto const& place : slots_) {
    for (auto const& value : place.values) {
      if (!out.empty()) out += ' ';
      out += place.name + '=';
      std::visit(Describe{out}, value);
    }
  }
  return out;
}

std::size_t Arguments::index_of(std::string_view name) const {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].name == name) return i;
  }
  throw std::logic_error("no such argument: " + std::string(name));
}

Arguments::Slot const& Arguments::slot(std::string_view name, ParamType type) const {
  auto const& found = slot(name);
  if (found.type != type) throw std::logic_error("argument of another type: " + found.name);
  return found;
}

void Arguments::missing(std::string_view name) {
  throw std::logic_error("argument was not given: " + std::string(name));
}

}  // namespace tocsin
