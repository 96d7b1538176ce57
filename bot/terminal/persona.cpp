#include "bot/terminal/persona.hpp"

#include <array>

#include "commands/utf8.hpp"

namespace tocsin {
namespace {

constexpr std::array<std::string_view, 2> kWords{"as", "扮演"};

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view kWide = "　";
  for (;;) {
    if (text.starts_with(' ') || text.starts_with('\t')) {
      text.remove_prefix(1);
    } else if (text.starts_with(kWide)) {
      text.remove_prefix(kWide.size());
    } else {
      break;
    }
  }
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

std::string_view without_slash(std::string_view text) {
  constexpr std::string_view kWide = "／";
  if (text.starts_with('/')) return text.substr(1);
  return text.starts_with(kWide) ? text.substr(kWide.size()) : text;
}

}  // namespace

std::optional<PersonaWish> read_persona(std::string_view line) {
  auto const text = without_slash(without_blanks(line));
  for (auto const word : kWords) {
    if (!utf8::equal_ignoring_case(text.substr(0, word.size()), word)) continue;
    auto rest = text.substr(word.size());
    auto const next = without_blanks(rest);
    // `assign` is another word; Han needs no blank.
    bool const ends = rest.empty() || next.size() != rest.size() || static_cast<unsigned char>(word.front()) >= 0x80;
    if (!ends) continue;
    auto const end = std::min(next.find(' '), next.size());
    auto name = next.substr(0, end);
    if (name.starts_with('@')) name.remove_prefix(1);
    return PersonaWish{std::string(name), std::string(without_blanks(next.substr(end)))};
  }
  return std::nullopt;
}

Notice unknown_persona(std::string const& name, std::vector<PersonId> const& people) {
  std::vector<Notice> items;
  for (auto const& person : people) items.push_back(Notice("terminal.person").with("id", person.value));
  auto notice = Notice("terminal.persona_unknown").with("people", std::move(items));
  if (!name.empty()) notice.with("name", name);
  return notice;
}

std::vector<std::string> persona_completions(std::string_view typed, std::vector<Person> const& people) {
  std::vector<std::string> lines;
  for (auto const word : kWords) {
    auto const head = std::string(word) + " ";
    if (!typed.empty() && typed.size() < head.size() && head.starts_with(typed)) lines.push_back(head);
    if (!typed.starts_with(head)) continue;
    for (auto const& person : people) {
      auto line = head + person.id.value + " ";
      if (line.starts_with(typed) && line != typed) lines.push_back(std::move(line));
    }
  }
  return lines;
}

}  // namespace tocsin
