#include "integrations/logs/words.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace tocsin::logs {
namespace {

constexpr std::size_t kLevelSearchBytes = 200;
constexpr std::size_t kMaxContainerNameBytes = 64;

constexpr std::array<std::pair<std::string_view, Level>, 25> kLevels{{
    {"TRACE", Level::calm},       {"DEBUG", Level::calm},     {"INFO", Level::calm},      {"NOTICE", Level::calm},
    {"WARN", Level::calm},        {"WARNING", Level::calm},   {"SUCCESS", Level::calm},   {"LOG", Level::calm},
    {"ERROR", Level::error},      {"ERR", Level::error},      {"CRITICAL", Level::error}, {"CRIT", Level::error},
    {"FATAL", Level::error},      {"PANIC", Level::error},    {"ALERT", Level::error},    {"EMERG", Level::error},
    {"EMERGENCY", Level::error},  {"SEVERE", Level::error},   {"DETAIL", Level::detail},  {"HINT", Level::detail},
    {"STATEMENT", Level::detail}, {"CONTEXT", Level::detail}, {"QUERY", Level::detail},   {"LOCATION", Level::detail},
    {"BACKTRACE", Level::detail},
}};

constexpr char upper(char c) noexcept { return 'a' <= c && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

constexpr bool is_name(char c) noexcept { return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '.'; }

constexpr bool is_part_of_word(char c) noexcept { return is_letter(c) || is_digit(c) || c == '_'; }

std::string_view first_word(std::string_view text) noexcept {
  auto const end = std::find_if_not(text.begin(), text.end(), is_letter);
  return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

/// Is the word that begins at `at` named as a level by what stands around it?
bool marked_as_level(std::string_view line, std::size_t at, std::size_t size) noexcept {
  auto const before = line.substr(0, at);
  auto const after = line.substr(at + size);
  if (before.ends_with('[') && after.starts_with(']')) return true;
  if (before.empty() && after.starts_with(':')) return true;
  for (std::string_view const mark : {"level=", "level=\"", "level\":\"", "level\": \"", "severity\":\"", "lvl="}) {
    if (before.ends_with(mark)) return true;
  }
  return false;
}

std::string_view without_spaces(std::string_view text) noexcept {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return text;
}

}  // namespace

Level level_of_word(std::string_view word, bool any_case) noexcept {
  for (auto const& [name, level] : kLevels) {
    if (word == name) return level;
    // In small letters only those of nginx and of structured logs; "log" and "query" are too common.
    if (any_case && level != Level::detail && word.size() == name.size() &&
        std::equal(word.begin(), word.end(), name.begin(), [](char a, char b) { return upper(a) == b; })) {
      return level;
    }
  }
  return Level::none;
}

Level level_of_line(std::string_view line) noexcept {
  line = line.substr(0, kLevelSearchBytes);
  for (std::size_t at = 0; at < line.size();) {
    auto const word = first_word(line.substr(at));
    if (word.empty()) {
      ++at;
      continue;
    }
    auto const after = line.substr(at + word.size());
    bool const whole =
        (at == 0 || !is_part_of_word(line[at - 1])) && (after.empty() || !is_part_of_word(after.front()));
    auto const level = whole ? level_of_word(word, marked_as_level(line, at, word.size())) : Level::none;
    // PostgreSQL writes its own with a colon; in capitals without one they are words of a statement.
    if (level != Level::none && (level != Level::detail || after.starts_with(':'))) return level;
    at += word.size();
  }
  return Level::none;
}

bool begins_with_level(std::string_view line) noexcept {
  bool const bracket = line.starts_with('[');
  auto const text = line.substr(bracket ? 1 : 0);
  auto const word = first_word(text);
  auto const after = text.substr(word.size());
  auto const level = level_of_word(word, bracket || after.starts_with(':'));
  if (level == Level::none || level == Level::detail) return false;
  return bracket ? after.starts_with(']') : after.empty() || after.front() == ':' || after.front() == ' ';
}

std::string_view without_lead(std::string_view line) noexcept {
  if (line.empty()) return line;
  if (begins_with_level(line)) {
    auto rest = line.substr(line.starts_with('[') ? 1 : 0);
    rest.remove_prefix(first_word(rest).size());
    while (!rest.empty() && (rest.front() == ']' || rest.front() == ':')) rest.remove_prefix(1);
    return without_spaces(rest);
  }
  if (line.front() == '<') {
    auto const end = std::find_if_not(line.begin() + 1, line.end(), is_digit);
    if (end != line.begin() + 1 && end != line.end() && *end == '>') {
      return line.substr(static_cast<std::size_t>(end - line.begin()) + 1);
    }
  }
  if (line.front() == '[' || line.front() == '(' || line.front() == '"') return line.substr(1);
  // docker-compose writes `name  | ` before each line.
  auto const name = std::find_if_not(line.begin(), line.end(), is_name);
  auto const size = static_cast<std::size_t>(name - line.begin());
  auto const rest = without_spaces(line.substr(size));
  if (size > 0 && size <= kMaxContainerNameBytes && rest.starts_with("| ")) return rest.substr(2);
  return line;
}

std::optional<int> http_status(std::string_view line) noexcept {
  constexpr std::string_view kProtocol = "HTTP/";
  for (auto at = line.find(kProtocol); at != std::string_view::npos; at = line.find(kProtocol, at + 1)) {
    auto rest = line.substr(at + kProtocol.size());
    rest.remove_prefix(std::min(rest.find_first_not_of("0123456789."), rest.size()));
    if (!rest.starts_with("\" ")) continue;
    rest.remove_prefix(2);
    auto const end = std::find_if_not(rest.begin(), rest.end(), is_digit);
    if (end - rest.begin() != 3) continue;
    return (rest[0] - '0') * 100 + (rest[1] - '0') * 10 + (rest[2] - '0');
  }
  return std::nullopt;
}

}  // namespace tocsin::logs
