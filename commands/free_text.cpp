#include "commands/free_text.hpp"

#include <algorithm>
#include <array>

#include "commands/utf8.hpp"
#include "commands/values.hpp"

namespace tocsin {
namespace {

enum class Edge : std::uint8_t { front, back };

/// Punctuation that only made sense beside a word that was taken out.
std::string_view without_marks(std::string_view text, Edge edge) {
  constexpr std::array<std::string_view, 7> kMarks{" ", ",", "，", "、", ":", "：", "\n"};
  for (bool again = true; again;) {
    again = false;
    for (auto const mark : kMarks) {
      if (edge == Edge::back ? !text.ends_with(mark) : !text.starts_with(mark)) continue;
      edge == Edge::back ? text.remove_suffix(mark.size()) : text.remove_prefix(mark.size());
      again = true;
    }
  }
  return text;
}

bool stands_free(std::string_view text, std::size_t at) {
  auto const before = utf8::decode_before(text, at).code;
  return !utf8::is_word(before) && before != '-' && before != '_' && before != '.' && before != '/' && before != '@';
}

/// What is left of [from, to) without [cut, cut_end), joined as a writer would.
std::string without(Normalised const& line, std::size_t from, std::size_t cut, std::size_t cut_end, std::size_t to) {
  auto const left = line.free_text(from, cut);
  auto const right = line.free_text(cut_end, to);
  auto const first = right.empty() ? without_marks(left, Edge::back) : std::string_view(left);
  bool const marked = first != without_marks(first, Edge::back);
  auto const second = first.empty() || marked ? without_marks(right, Edge::front) : std::string_view(right);
  bool const spaced = cut > from && line.text[cut - 1] == ' ';
  std::string out(first);
  if (spaced && !first.empty() && !second.empty()) out += ' ';
  return out += second;
}

}  // namespace

std::optional<SeverityInText> severity_in(Normalised const& line, std::size_t from, std::size_t to, bool from_speech) {
  auto const text = std::string_view(line.text).substr(0, to);
  std::optional<SeverityInText> out;
  for (std::size_t at = from; at < to; ++at) {
    if (utf8::lower(text[at]) != 'p' || (at > from && !stands_free(text, at))) continue;
    auto const read = read_severity(text.substr(at), from_speech);
    if (!read) continue;
    auto const end = at + read->used;
    if (!out) {
      out = SeverityInText{read->value, without(line, from, at, end, to), 0, 0};
    } else if (out->severity != read->value && out->other_end == 0) {
      out->other_at = at;
      out->other_end = end;
    }
  }
  return out;
}

bool looks_like_severity(std::string_view word) noexcept {
  return word.size() >= 2 && word.size() <= 4 && utf8::lower(word[0]) == 'p' &&
         std::all_of(word.begin() + 1, word.end(), utf8::is_ascii_digit);
}

}  // namespace tocsin
