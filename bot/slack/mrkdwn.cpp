#include "bot/slack/mrkdwn.hpp"

#include <algorithm>
#include <optional>

#include "bot/slack/gesture.hpp"
#include "config/text.hpp"

namespace tocsin::slack {
namespace {

// Variation selectors that stand for nothing: no width, and dropped from foreign text.
constexpr char32_t kInstant = 0xE0110;
constexpr char32_t kEpoch = 0xE0111;
constexpr char32_t kMember = 0xE0113;
constexpr char32_t kEnd = 0xE0114;
constexpr char32_t kDigit = 0xE0100;
constexpr std::int64_t kLatest = 100'000'000'000;  // of more digits no clock tells
constexpr std::string_view kBroken = "\xEF\xBF\xBD";

void put(std::string& out, char32_t c) {
  out += static_cast<char>(0xF0U | c >> 18U);
  out += static_cast<char>(0x80U | (c >> 12U & 0x3FU));
  out += static_cast<char>(0x80U | (c >> 6U & 0x3FU));
  out += static_cast<char>(0x80U | (c & 0x3FU));
}

bool is_mark(char32_t c) { return c >= kDigit && c <= kEnd; }

/// Does a sign at the front of `rest` have a partner that would end what it begins? On the same line, after something
/// that is no blank. A lone sign formats nothing and stays as it is: people copy commands and paths.
bool has_partner(char sign, std::string_view rest) {
  rest = rest.substr(1, rest.find('\n') == std::string_view::npos ? std::string_view::npos : rest.find('\n') - 1);
  if (rest.empty() || rest.front() == ' ') return false;
  for (auto at = rest.find(sign, 1); at != std::string_view::npos; at = rest.find(sign, at + 1)) {
    if (rest[at - 1] != ' ') return true;
  }
  return false;
}

/// After what a sign can begin to format.
bool is_boundary(std::string_view before) {
  if (before.empty()) return true;
  auto const c = static_cast<unsigned char>(before.back());
  bool const word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  // Of a Han character nobody knows: taken for one.
  return !word;
}

std::string_view like_of(char c) {
  switch (c) {
    case '*':
      return "∗";
    case '_':
      return "ˍ";
    case '~':
      return "∼";
    case '`':
      return "ˋ";
    default:
      return {};
  }
}

/// "03:15" and "03:15:20" are of today; anything longer names its day.
std::string_view pattern_of(std::string_view words) {
  constexpr std::size_t kClock = 5;
  constexpr std::size_t kWithSeconds = 8;
  if (words.size() == kClock) return "{time}";
  if (words.size() == kWithSeconds && words[2] == ':') return "{time_secs}";
  return "{date_short_pretty} {time}";
}

/// Replaces each character; marks are gathered into instants.
class Writing {
 public:
  explicit Writing(bool dates) : dates_(dates) {}

  /// `rest` begins with the character.
  void take(std::string_view bytes, std::optional<char32_t> c, std::string_view rest) {
    rest_ = rest;
    if (!c) return put_plain(kBroken);
    if (*c == kInstant) {
      begun_ = out_.size();
      words_.clear();
      epoch_ = 0;
      state_ = State::words;
    } else if (*c == kMember) {
      begun_ = out_.size();
      words_.clear();
      state_ = State::member;
    } else if (*c == kEpoch) {
      state_ = State::epoch;
    } else if (*c == kEnd) {
      finish();
    } else if (state_ == State::epoch && is_mark(*c)) {
      constexpr std::int64_t kLast = 100'000'000'000;
      if (epoch_ < kLast) epoch_ = epoch_ * 10 + static_cast<std::int64_t>(*c - kDigit);
    } else if (!is_mark(*c)) {
      put_plain(bytes);
    }
  }
  std::string result() && { return std::move(out_); }

 private:
  enum class State : std::uint8_t { plain, words, epoch, member };

  void put_plain(std::string_view bytes) {
    if (state_ == State::words || state_ == State::member) words_ += bytes;
    if (bytes.size() > 1) {
      out_ += bytes;
      return;
    }
    char const c = bytes.front();
    auto const like = like_of(c);
    bool const quotes = c == '>' && (out_.empty() || out_.back() == '\n');
    if (quotes) {
      out_ += "›";
    } else if (!like.empty() && (c == '`' || (is_boundary(out_) && has_partner(c, rest_)))) {
      out_ += like;
    } else {
      out_ += encoded(bytes);
    }
  }

  void finish() {
    if (state_ == State::epoch && dates_) {
      out_.resize(begun_);
      out_ += "<!date^" + std::to_string(epoch_) + "^" + std::string(pattern_of(words_)) + "|" + encoded(words_) + ">";
    }
    if (state_ == State::member) {
      out_.resize(begun_);
      if (dates_) out_ += "<@" + encoded(words_) + ">";
    }
    state_ = State::plain;
  }

  bool dates_;
  State state_ = State::plain;
  std::string_view rest_;
  std::string out_;
  std::string words_;
  std::size_t begun_ = 0;
  std::int64_t epoch_ = 0;
};

std::string written(std::string_view text, bool dates) {
  Writing writing(dates);
  while (!text.empty()) {
    auto const before = text;
    auto const c = take_character(text);
    writing.take(before.substr(0, before.size() - text.size()), c, before);
  }
  return std::move(writing).result();
}

std::size_t units_of(std::optional<char32_t> c) { return c && *c > 0xFFFF ? 2 : 1; }

/// Where a piece of at most `bytes` bytes may end: not inside `<…>` or `&…;`.
std::size_t whole_end(std::string_view text, std::size_t bytes) {
  auto const head = text.substr(0, bytes);
  auto const open = head.rfind('<');
  if (open != std::string_view::npos && head.find('>', open) == std::string_view::npos && open > 0) return open;
  constexpr std::size_t kLongestEntity = 5;
  auto const amp = head.rfind('&');
  if (amp != std::string_view::npos && head.find(';', amp) == std::string_view::npos && amp > 0 &&
      head.size() - amp < kLongestEntity)
    return amp;
  return bytes;
}

}  // namespace

std::size_t units(std::string_view utf8) noexcept {
  std::size_t count = 0;
  while (!utf8.empty()) count += units_of(take_character(utf8));
  return count;
}

std::string_view first_units(std::string_view utf8, std::size_t most) noexcept {
  auto rest = utf8;
  std::size_t used = 0;
  while (!rest.empty()) {
    auto after = rest;
    used += units_of(take_character(after));
    if (used > most) break;
    rest = after;
  }
  return utf8.substr(0, utf8.size() - rest.size());
}

std::string_view last_units(std::string_view utf8, std::size_t most) noexcept {
  auto all = units(utf8);
  while (all > most) all -= units_of(take_character(utf8));
  return utf8;
}

std::string marked_instant(Instant at, std::string const& plain) {
  std::string out;
  put(out, kInstant);
  out += plain;
  put(out, kEpoch);
  auto const seconds = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
  for (char const c : std::to_string(std::max<std::int64_t>(seconds, 0)))
    put(out, kDigit + static_cast<char32_t>(c - '0'));
  put(out, kEnd);
  return out;
}

std::string marked_member(std::string_view id) {
  std::string out;
  put(out, kMember);
  out += id;
  put(out, kEnd);
  return out;
}

std::string mrkdwn(std::string_view text) { return written(text, true); }
std::string unmarked(std::string_view text) { return written(text, false); }

std::string fenced(std::string_view text) {
  std::string clean;
  while (!text.empty()) {
    auto const before = text;
    auto const c = take_character(text);
    auto const bytes = before.substr(0, before.size() - text.size());
    if (!c) {
      clean += kBroken;
    } else if (*c == U'`') {
      clean += like_of('`');
    } else if (!is_mark(*c)) {
      clean += encoded(bytes);
    }
  }
  while (clean.ends_with('\n')) clean.pop_back();
  return "```\n" + (clean.empty() ? std::string(" ") : clean) + "\n```";
}

std::vector<std::string> pieces(std::string_view text, std::size_t most) {
  std::vector<std::string> all;
  while (!text.empty()) {
    auto bytes = first_units(text, most).size();
    // A character that is wider than a piece goes alone: else there would be no end.
    if (bytes == 0) bytes = first_units(text, 2).size();
    if (bytes < text.size()) {
      auto const line = text.substr(0, bytes).rfind('\n');
      bytes = line != std::string_view::npos && line > 0 ? line : whole_end(text, bytes);
    }
    all.emplace_back(text.substr(0, bytes));
    text.remove_prefix(bytes);
    while (text.starts_with('\n')) text.remove_prefix(1);
  }
  return all;
}

}  // namespace tocsin::slack
