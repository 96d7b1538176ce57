#include "commands/flags.hpp"

#include <algorithm>
#include <array>

#include "commands/lexicon.hpp"
#include "commands/utf8.hpp"
#include "commands/values.hpp"

namespace tocsin {
namespace {

/// By the flag's own name or a label of the parameter (级别=P0).
std::size_t parameter_called(Command const& command, std::string_view name) {
  auto const key = folded(name);
  for (std::size_t i = 0; i < command.parameters.size() && !key.empty(); ++i) {
    auto const& parameter = command.parameters[i];
    if (parameter.flag_name.empty()) continue;
    if (key == folded(parameter.flag_name)) return i;
    for (auto const& [locale, label] : parameter.labels) {
      if (key == folded(label)) return i;
    }
  }
  return kUnknownFlag;
}

/// `"two words"` or one word at `flag.value_at`.
void read_flag_value(std::string_view text, Flag& flag) {
  auto const at = flag.value_at;
  char const quote = at < text.size() ? text[at] : '\0';
  if (quote == '"' || quote == '\'') {
    auto const close = text.find(quote, at + 1);
    if (close != text.npos) {
      flag.quoted = true;
      flag.value_at = at + 1;
      flag.value_size = close - at - 1;
      flag.used = close + 1;
      return;
    }
    flag.open_quote = quote == '"';
  }
  flag.used = word_end(text, at);
  flag.value_size = flag.used - at;
}

std::optional<Flag> read_key(Command const& command, std::string_view text) {
  auto const sign = text.find_first_of("= ,\"'");
  if (sign == text.npos || sign == 0 || text[sign] != '=') return {};
  Flag flag;
  flag.name = text.substr(0, sign);
  flag.parameter = parameter_called(command, flag.name);
  if (flag.parameter == kUnknownFlag) return {};
  flag.value_at = sign + 1;
  flag.joined = true;
  read_flag_value(text, flag);
  return flag;
}

}  // namespace

std::optional<Flag> read_flag(Command const& command, std::string_view text) {
  if (!text.starts_with('-')) return read_key(command, text);
  std::size_t const start = text.starts_with("--") ? 2 : 1;
  if (start >= text.size() || text[start] == '-' || text[start] == '=') return {};
  auto const first = utf8::decode(text, start).code;
  if (first < 0x80 && !utf8::is_ascii_letter(static_cast<char>(first))) return {};
  auto const end = std::min(text.find_first_of("= ,", start), text.size());
  Flag flag;
  flag.name = text.substr(start, end - start);
  flag.parameter = parameter_called(command, flag.name);
  flag.value_at = flag.used = end;
  if (flag.parameter == kUnknownFlag) return flag;
  if (end < text.size() && text[end] == '=') {
    flag.value_at = end + 1;
    flag.joined = true;
    read_flag_value(text, flag);
  } else if (command.parameters[flag.parameter].type != ParamType::flag) {
    auto const next = skip_spaces(text, end);
    bool const another = text.substr(next).starts_with("--");
    if (next == text.size() || another) return flag;
    flag.value_at = next;
    read_flag_value(text, flag);
  }
  return flag;
}

std::size_t trailing_flags(Command const& command, std::string_view text) {
  // A run that breaks off breaks off for every start inside it, so the search goes on behind the break.
  for (std::size_t start = text.find(" --"); start != text.npos;) {
    std::size_t at = start + 1;
    while (at < text.size() && text.substr(at).starts_with("--")) {
      auto const flag = read_flag(command, text.substr(at));
      if (!flag || flag->parameter == kUnknownFlag) break;
      if (flag->open_quote) return start;  // to be refused
      at = skip_spaces(text, at + flag->used);
    }
    if (at == text.size()) return start;
    start = text.find(" --", at);
  }
  return text.size();
}

std::optional<bool> switch_of(std::string_view text) {
  constexpr std::array<std::string_view, 5> kYes{"yes", "true", "on", "1", "是"};
  constexpr std::array<std::string_view, 5> kNo{"no", "false", "off", "0", "否"};
  auto const word = utf8::lower(text);
  if (std::find(kYes.begin(), kYes.end(), word) != kYes.end()) return true;
  if (std::find(kNo.begin(), kNo.end(), word) != kNo.end()) return false;
  return {};
}

}  // namespace tocsin
