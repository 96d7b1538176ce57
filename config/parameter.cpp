#include "config/parameter.hpp"

#include <algorithm>
#include <charconv>

#include "config/text.hpp"

namespace tocsin {
namespace {

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

bool of_characters(std::string_view text, std::string_view also) {
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return is_letter_or_digit(c) || also.find(c) != std::string_view::npos; });
}

std::size_t characters_of(std::string_view text) {
  std::size_t count = 0;
  while (!text.empty()) {
    static_cast<void>(take_character(text));
    ++count;
  }
  return count;
}

bool plain(std::string_view text) {
  // `harmless` changes whatever is not a printable character or a single blank.
  return text.find_first_of("/\\") == std::string_view::npos && harmless(text, text.size()) == text;
}

Notice refused(ActionParameter const& parameter, char const* why) {
  return Notice(std::string("parameter.") + why).with("name", parameter.name);
}

std::string joined(std::vector<std::string> const& words) {
  std::string text;
  for (auto const& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

template <class T>
std::string names_of(std::vector<T> const& list) {
  std::vector<std::string> names;
  for (auto const& each : list) names.push_back(each.name);
  return joined(names);
}

/// Spelled out, because a Notice can be made from a text too.
Decided<std::string> accepted(std::string value) { return {boost::system::in_place_value, std::move(value)}; }

Decided<std::string> number(ActionParameter const& parameter, std::string_view text) {
  std::int64_t value = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  auto const least = parameter.min.value_or(0);
  auto const greatest = parameter.max.value_or(kGreatestNumber);
  if (error != std::errc{} || end != text.data() + text.size() || value < least || value > greatest)
    return refused(parameter, "number").with("min", least).with("max", greatest);
  return accepted(std::to_string(value));
}

Decided<std::string> free_text(ActionParameter const& parameter, std::string_view text) {
  if (std::cmp_greater(characters_of(text), parameter.max_length))
    return refused(parameter, "long").with("limit", parameter.max_length);
  if (text.front() == '-') return refused(parameter, "dash");
  if (parameter.type == ParameterType::word) {
    if (!of_characters(text, "._-") || text.front() == '.') return refused(parameter, "word");
  } else if (parameter.characters == CharacterClass::identifier) {
    if (!of_characters(text, "_")) return refused(parameter, "identifier");
  } else if (parameter.characters == CharacterClass::version) {
    if (!of_characters(text, "_.+-") || text.front() == '.') return refused(parameter, "version");
  } else if (!plain(text)) {
    return refused(parameter, "plain");
  }
  return accepted(std::string(text));
}

}  // namespace

Decided<std::string> accept(ActionParameter const& parameter, std::string_view text, Config const& config) {
  if (text.empty()) return refused(parameter, "missing");
  switch (parameter.type) {
    case ParameterType::number:
      return number(parameter, text);
    case ParameterType::choice: {
      auto const found = std::find(parameter.choices.begin(), parameter.choices.end(), text);
      if (found == parameter.choices.end())
        return refused(parameter, "choice").with("choices", joined(parameter.choices));
      return accepted(*found);
    }
    case ParameterType::service: {
      auto const* found = config.service(text);
      if (found == nullptr) return refused(parameter, "service").with("choices", names_of(config.services));
      return accepted(found->name);
    }
    case ParameterType::log: {
      auto const* found = config.log(text);
      if (found == nullptr) return refused(parameter, "log").with("choices", names_of(config.logs));
      return accepted(found->name);
    }
    case ParameterType::word:
    case ParameterType::text:
      return free_text(parameter, text);
  }
  return refused(parameter, "missing");
}

}  // namespace tocsin
