// The values of one command line, by the names of the row's parameters.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "commands/clock_time.hpp"
#include "commands/command.hpp"
#include "incidents/base/ids.hpp"
#include "incidents/base/time.hpp"
#include "incidents/severity.hpp"

namespace tocsin {

/// std::string: word, text, choice (canonical), version. bool: flag.
using ArgValue =
    std::variant<std::string, std::int64_t, Severity, IncidentId, PersonId, Millis, TimeOfDay, TimeRange, Moment, bool>;

/// Asking for a name that the row does not declare, with another type, or for a value that was not given is a bug:
/// std::logic_error. Required parameters are always given; for optional ones ask `given` or the `find_` form.
/// Keeps no reference to the row: it may outlive a reload of the configuration.
class Arguments {
 public:
  Arguments() = default;
  explicit Arguments(std::vector<Parameter> const& parameters);

  /// Adds a value; a second one only where the parameter is repeated.
  void put(std::string_view name, ArgValue value);

  [[nodiscard]] bool given(std::string_view name) const { return !slot(name).values.empty(); }

  [[nodiscard]] std::string const& word(std::string_view name) const { return one<std::string>(name, ParamType::word); }
  [[nodiscard]] std::string const& text(std::string_view name) const { return one<std::string>(name, ParamType::text); }
  [[nodiscard]] std::string const& choice(std::string_view name) const {
    return one<std::string>(name, ParamType::choice);
  }
  [[nodiscard]] std::string const& version(std::string_view name) const {
    return one<std::string>(name, ParamType::version);
  }
  [[nodiscard]] std::int64_t number(std::string_view name) const { return one<std::int64_t>(name, ParamType::number); }
  [[nodiscard]] Severity severity(std::string_view name) const { return one<Severity>(name, ParamType::severity); }
  [[nodiscard]] IncidentId incident(std::string_view name) const { return one<IncidentId>(name, ParamType::incident); }
  [[nodiscard]] PersonId const& person(std::string_view name) const { return one<PersonId>(name, ParamType::person); }
  [[nodiscard]] Millis duration(std::string_view name) const { return one<Millis>(name, ParamType::duration); }
  [[nodiscard]] TimeOfDay time_of_day(std::string_view name) const {
    return one<TimeOfDay>(name, ParamType::time_of_day);
  }
  [[nodiscard]] TimeRange time_range(std::string_view name) const {
    return one<TimeRange>(name, ParamType::time_range);
  }
  [[nodiscard]] Moment const& instant(std::string_view name) const { return one<Moment>(name, ParamType::instant); }
  /// False when it was not given.
  [[nodiscard]] bool flag(std::string_view name) const;

  [[nodiscard]] std::optional<std::string> find_word(std::string_view name) const {
    return find<std::string>(name, ParamType::word);
  }
  [[nodiscard]] std::optional<std::string> find_text(std::string_view name) const {
    return find<std::string>(name, ParamType::text);
  }
  [[nodiscard]] std::optional<std::string> find_choice(std::string_view name) const {
    return find<std::string>(name, ParamType::choice);
  }
  [[nodiscard]] std::optional<std::string> find_version(std::string_view name) const {
    return find<std::string>(name, ParamType::version);
  }
  [[nodiscard]] std::optional<std::int64_t> find_number(std::string_view name) const {
    return find<std::int64_t>(name, ParamType::number);
  }
  [[nodiscard]] std::optional<Severity> find_severity(std::string_view name) const {
    return find<Severity>(name, ParamType::severity);
  }
  [[nodiscard]] std::optional<IncidentId> find_incident(std::string_view name) const {
    return find<IncidentId>(name, ParamType::incident);
  }
  [[nodiscard]] std::optional<PersonId> find_person(std::string_view name) const {
    return find<PersonId>(name, ParamType::person);
  }
  [[nodiscard]] std::optional<Millis> find_duration(std::string_view name) const {
    return find<Millis>(name, ParamType::duration);
  }
  [[nodiscard]] std::optional<TimeOfDay> find_time_of_day(std::string_view name) const {
    return find<TimeOfDay>(name, ParamType::time_of_day);
  }
  [[nodiscard]] std::optional<TimeRange> find_time_range(std::string_view name) const {
    return find<TimeRange>(name, ParamType::time_range);
  }
  [[nodiscard]] std::optional<Moment> find_instant(std::string_view name) const {
    return find<Moment>(name, ParamType::instant);
  }

  /// All values of a repeated parameter, in the order they were typed; may be empty when it is optional.
  [[nodiscard]] std::vector<std::string> words(std::string_view name) const {
    return all<std::string>(name, ParamType::word);
  }
  [[nodiscard]] std::vector<std::string> choices(std::string_view name) const {
    return all<std::string>(name, ParamType::choice);
  }
  [[nodiscard]] std::vector<std::int64_t> numbers(std::string_view name) const {
    return all<std::int64_t>(name, ParamType::number);
  }
  [[nodiscard]] std::vector<IncidentId> incidents(std::string_view name) const {
    return all<IncidentId>(name, ParamType::incident);
  }
  [[nodiscard]] std::vector<PersonId> people(std::string_view name) const {
    return all<PersonId>(name, ParamType::person);
  }

  /// `name=value …` in the order of the row, only what was given; texts quoted. The same values give the same line,
  /// whatever was typed: what an approval binds and an example expects.
  [[nodiscard]] std::string describe() const;

 private:
  struct Slot {
    std::string name;
    ParamType type;
    bool repeated;
    std::vector<ArgValue> values;
  };

  [[nodiscard]] std::size_t index_of(std::string_view name) const;
  [[nodiscard]] Slot const& slot(std::string_view name) const { return slots_[index_of(name)]; }
  [[nodiscard]] Slot const& slot(std::string_view name, ParamType type) const;

  template <class T>
  [[nodiscard]] T const& one(std::string_view name, ParamType type) const {
    auto const& values = slot(name, type).values;
    if (values.empty()) missing(name);
    return std::get<T>(values.front());
  }
  template <class T>
  [[nodiscard]] std::optional<T> find(std::string_view name, ParamType type) const {
    auto const& values = slot(name, type).values;
    return values.empty() ? std::nullopt : std::optional<T>(std::get<T>(values.front()));
  }
  template <class T>
  [[nodiscard]] std::vector<T> all(std::string_view name, ParamType type) const {
    std::vector<T> out;
    for (auto const& value : slot(name, type).values) out.push_back(std::get<T>(value));
    return out;
  }
  [[noreturn]] static void missing(std::string_view name);

  std::vector<Slot> slots_;
};

}  // namespace tocsin
