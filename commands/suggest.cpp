#include "commands/suggest.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "commands/lexicon.hpp"
#include "commands/utf8.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kMaxCompared = 32;      // characters of either word
constexpr std::size_t kMaxWordsLookedAt = 4;  // of a line
constexpr double kNear = 0.5;

/// Edits that a word of `length` characters may be away.
std::size_t edits_allowed(std::size_t length) { return length <= 2 ? 0 : length <= 4 ? 1 : length <= 8 ? 2 : 3; }

/// Damerau-Levenshtein, each piece edited once (optimal string alignment).
std::size_t edits(std::u32string_view a, std::u32string_view b) {
  using Line = std::array<std::size_t, kMaxCompared + 1>;
  Line before{};
  Line last{};
  Line now{};
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      auto const change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      now[j] = std::min({change, last[j] + 1, now[j - 1] + 1});
      bool const swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) now[j] = std::min(now[j], before[j - 2] + 1);
    }
    before = last;
    last = now;
  }
  return last[b.size()];
}

/// The longest run of characters that both have in the same order, gaps allowed.
std::size_t shared(std::u32string_view a, std::u32string_view b) {
  std::array<std::size_t, kMaxCompared + 1> line{};
  for (char32_t const c : a) {
    std::size_t diagonal = 0;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      auto const above = line[j];
      line[j] = c == b[j - 1] ? diagonal + 1 : std::max(line[j], line[j - 1]);
      diagonal = above;
    }
  }
  return line[b.size()];
}

double latin_likeness(std::u32string_view typed, std::u32string_view known) {
  if (typed == known) return 1;
  auto const longer = std::max(typed.size(), known.size());
  auto const away = edits(typed, known);
  double score = 0;
  if (away <= edits_allowed(std::min(typed.size(), known.size()))) {
    score = 1 - static_cast<double>(away) / static_cast<double>(longer + 1);
  }
  if (typed.size() >= 3 && known.starts_with(typed)) score = std::max(score, 0.75);
  // A letter too few or too many in a word too short for edits: `ak`, `dbb`.
  if (typed.size() == 2 && known.size() == 3 && typed[0] == known[0] && away == 1) score = std::max(score, 0.6);
  if (known.size() == 2 && typed.size() == 3 && typed.starts_with(known)) score = std::max(score, 0.6);
  return score;
}

double han_likeness(std::u32string_view typed, std::u32string_view known) {
  if (typed == known) return 1;
  auto const n = static_cast<double>(typed.size());
  auto const m = static_cast<double>(known.size());
  if (known.size() == 1) return typed.size() <= 3 && typed.find(known) != typed.npos ? 0.6 : 0;
  if (typed.find(known) != typed.npos) return 0.7 + 0.25 * m / n;
  if (typed.size() >= 2 && known.find(typed) != known.npos) return 0.7 + 0.2 * n / m;
  auto const common = shared(typed, known);
  // One of two characters right, in its place: most likely a homophone picked from the input method's list.
  if (typed.size() == 2 && known.size() == 2) return typed[0] == known[0] || typed[1] == known[1] ? 0.5 : 0;
  auto const score = 2 * static_cast<double>(common) / (n + m);
  return common >= 2 && score >= 0.6 ? score : 0;
}

bool has_han(std::u32string_view text) { return std::any_of(text.begin(), text.end(), utf8::is_han); }

std::u32string only_han(std::u32string_view text) {
  std::u32string out;
  std::copy_if(text.begin(), text.end(), std::back_inserter(out), utf8::is_han);
  return out;
}

std::u32string comparable(std::string_view text) {
  auto out = utf8::decode_all(folded(text));
  out.resize(std::min(out.size(), kMaxCompared));
  return out;
}

void best_first(std::vector<Near>& found) {
  std::stable_sort(found.begin(), found.end(), [](Near const& a, Near const& b) { return a.likeness > b.likeness; });
}

/// The words of a line by their first byte and one past their last.
struct Span {
  std::size_t from;
  std::size_t to;
};

/// A word ends at a space, and where Han begins or ends: 认另42 is two.
std::vector<Span> words_of(std::string_view line) {
  std::vector<Span> out;
  bool inside = false;
  bool han = false;
  for (std::size_t at = 0; at < line.size();) {
    auto const [code, size] = utf8::decode(line, at);
    if (size == 0) break;
    bool const now_han = utf8::is_han(code);
    if (code == ' ') {
      inside = false;
    } else if (inside && han == now_han) {
      out.back().to = at + size;
    } else {
      if (out.size() == 2 * kMaxWordsLookedAt) break;
      out.push_back({at, at + size});
      inside = true;
    }
    han = now_han;
    at += size;
  }
  return out;
}

/// Phrases of several Latin words are as near as their worst word; else `incident foo` would be near to `incident
/// undo`.
double phrase_likeness(std::string_view typed, std::string_view known) {
  auto const typed_end = typed.find(' ');
  auto const known_end = known.find(' ');
  bool const latin = !has_han(utf8::decode_all(known));
  if (!latin || typed_end == typed.npos || known_end == known.npos) return likeness(typed, known);
  auto const first = likeness(typed.substr(0, typed_end), known.substr(0, known_end));
  if (first == 0) return 0;
  return std::min(first, phrase_likeness(typed.substr(skip_spaces(typed, typed_end)), known.substr(known_end + 1)));
}

/// A phrase against `count` words of the line, from each of the first few on.
Near nearest_window(std::string_view line, std::vector<Span> const& words, std::string const& known,
                    std::size_t count) {
  Near best;
  for (std::size_t i = 0; i + count <= words.size() && i < kMaxWordsLookedAt; ++i) {
    Span const window{words[i].from, words[i + count - 1].to};
    // Words before it make it less likely that it was meant.
    auto const part = line.substr(window.from, window.to - window.from);
    auto const score = phrase_likeness(part, known) - 0.1 * static_cast<double>(i);
    if (score > best.likeness) best = {0, score, window.from, window.to, false};
  }
  return best;
}

/// A Han phrase against as many characters at the beginning of a longer run: 重器后端 begins like 重启.
Near nearest_start(std::string_view line, std::vector<Span> const& words, std::string const& known) {
  if (words.empty()) return {};
  auto const length = utf8::decode_all(known).size();
  std::size_t end = words[0].from;
  for (std::size_t i = 0; i < length && end < words[0].to; ++i) end += utf8::decode(line, end).size;
  if (length < 2 || end >= words[0].to) return {};
  return {0, likeness(line.substr(words[0].from, end - words[0].from), known), words[0].from, end, true};
}

/// A Han phrase that stands somewhere in a line; where, in bytes.
Near nearest_contained(std::string_view line, std::string const& known) {
  auto const at = line.find(known);
  if (at == line.npos || utf8::decode_all(known).size() < 2) return {};
  return {0, likeness(line.substr(0, line.find(' ', at)), known), at, at + known.size(), false};
}

}  // namespace

double likeness(std::string_view typed, std::string_view known) {
  auto const a = comparable(typed);
  auto const b = comparable(known);
  if (a.empty() || b.empty()) return 0;
  auto const score = has_han(a) && has_han(b)   ? han_likeness(only_han(a), only_han(b))
                     : has_han(a) != has_han(b) ? 0
                                                : latin_likeness(a, b);
  return score >= kNear ? score : 0;
}

std::vector<Near> nearest(std::string_view typed, std::span<std::string const> known, std::size_t at_most) {
  std::vector<Near> out;
  for (std::size_t i = 0; i < known.size(); ++i) {
    auto const score = likeness(typed, known[i]);
    if (score > 0) out.push_back({i, score, 0, typed.size(), false});
  }
  best_first(out);
  if (out.size() > at_most) out.resize(at_most);
  return out;
}

std::vector<Near> nearest_in(std::string_view line, std::span<std::string const> known) {
  auto const words = words_of(line);
  std::vector<Near> out;
  for (std::size_t i = 0; i < known.size(); ++i) {
    auto const count = static_cast<std::size_t>(1 + std::count(known[i].begin(), known[i].end(), ' '));
    auto best = nearest_window(line, words, known[i], count);
    if (has_han(utf8::decode_all(known[i]))) {
      auto const joined = nearest_window(line, words, known[i], 1);
      auto const inside = nearest_contained(line, known[i]);
      if (joined.likeness > best.likeness) best = joined;
      if (inside.likeness > 0 && inside.likeness >= best.likeness) best = inside;
      if (auto const start = nearest_start(line, words, known[i]); start.likeness > best.likeness) best = start;
    }
    if (best.likeness < kNear) continue;
    best.index = i;
    out.push_back(best);
  }
  best_first(out);
  return out;
}

}  // namespace tocsin
