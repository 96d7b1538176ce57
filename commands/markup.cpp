#include "commands/markup.hpp"

#include <optional>

#include "commands/vocabulary.hpp"

namespace tocsin {
namespace {

bool is_id(std::string_view text) {
  return text.size() >= 2 && text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == std::string_view::npos;
}

/// `inside`: what stands between the brackets.
std::optional<std::string> meaning_of(std::string_view inside, Vocabulary const* vocabulary) {
  auto const bar = inside.find('|');
  auto const what = inside.substr(0, bar);
  auto const label = bar == std::string_view::npos ? std::string_view() : inside.substr(bar + 1);
  if (what.starts_with("https://") || what.starts_with("http://")) return std::string(what);
  if (what.starts_with("mailto:")) return std::string(what.substr(7));
  auto const id = what.substr(what.empty() ? 0 : 1);
  if (what.starts_with('@') && is_id(id)) {
    auto const person = vocabulary == nullptr ? std::nullopt : vocabulary->person(id);
    if (person) return '@' + person->value;
    return '@' + std::string(label.empty() ? id : label);
  }
  if (what.starts_with('#') && is_id(id)) return '#' + std::string(label.empty() ? id : label);
  if (what.starts_with("!subteam^")) return label.empty() ? std::string(what.substr(9)) : std::string(label);
  if (what == "!here" || what == "!channel" || what == "!everyone") return '@' + std::string(id);
  return std::nullopt;
}

}  // namespace

std::string_view address_of(std::string_view word) {
  if (word.starts_with('<') && word.ends_with('>') && word.find("://") != word.npos) {
    word.remove_prefix(1);
    word.remove_suffix(1);
    word = word.substr(0, word.find('|'));
  }
  return word;
}

std::string without_markup(std::string_view text, Vocabulary const* vocabulary) {
  std::string out;
  while (!text.empty()) {
    auto const open = text.find('<');
    out += text.substr(0, open);
    if (open == std::string_view::npos) break;
    text.remove_prefix(open);
    auto const end = text.find_first_of("<>\n", 1);
    auto const meaning = end != std::string_view::npos && text[end] == '>'
                             ? meaning_of(text.substr(1, end - 1), vocabulary)
                             : std::nullopt;
    if (!meaning) {
      out += '<';
      text.remove_prefix(1);
      continue;
    }
    out += *meaning;
    text.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace tocsin
