#include "integrations/process/output.hpp"

#include <algorithm>

namespace tocsin::process {
namespace {

constexpr unsigned char kEscape = 0x1B;
constexpr unsigned char kBell = 0x07;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

constexpr bool between(unsigned char byte, unsigned char low, unsigned char high) noexcept {
  return low <= byte && byte <= high;
}

constexpr bool is_plain(unsigned char byte) noexcept { return between(byte, 0x20, 0x7E); }

constexpr bool is_continuation(char byte) noexcept { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

}  // namespace

void OutputCleaner::feed(std::string_view raw, std::string& out) {
  while (!raw.empty()) {
    auto const run = put_plain_run(raw, out);
    raw.remove_prefix(run);
    if (run != 0) continue;
    take(static_cast<unsigned char>(raw.front()), out);
    raw.remove_prefix(1);
  }
}

void OutputCleaner::finish(std::string& out) {
  if (sequence_missing_ != 0) end_sequence(out);
  out += line_;
  *this = OutputCleaner();
}

/// The common case, in one go: printable ASCII. It stops where the held line is full, since that must not depend on
/// the chunk.
std::size_t OutputCleaner::put_plain_run(std::string_view raw, std::string& out) {
  if (state_ != State::text || sequence_missing_ != 0) return 0;
  auto const window = raw.substr(0, kMaxHeldLineBytes - line_.size());
  auto const end = std::find_if_not(window.begin(), window.end(),
                                    [](char byte) { return is_plain(static_cast<unsigned char>(byte)); });
  auto const run = static_cast<std::size_t>(end - window.begin());
  if (run == 0) return 0;
  // A pending return empties the line first and so makes more room; taking less than there is does no harm.
  put(window.substr(0, run), out);
  return run;
}

void OutputCleaner::take(unsigned char byte, std::string& out) {
  switch (state_) {
    case State::text:
      return take_text(byte, out);
    case State::string:
    case State::string_escape:
      return take_string(byte, out);
    case State::escape:
    case State::intermediate:
    case State::csi:
      return take_escape(byte, out);
  }
}

void OutputCleaner::enter(State state) {
  state_ = state;
  escape_bytes_ = 0;
  previous_ = 0;
}

void OutputCleaner::take_text(unsigned char byte, std::string& out) {
  if (sequence_missing_ != 0) {
    if (between(byte, continuation_low_, continuation_high_)) {
      sequence_[sequence_size_++] = static_cast<char>(byte);
      continuation_low_ = 0x80;
      continuation_high_ = 0xBF;
      if (--sequence_missing_ == 0) end_sequence(out);
      return;
    }
    end_sequence(out);  // broken off: one replacement, and this byte is looked at afresh
  }
  if (byte >= 0x80) return begin_sequence(byte, out);
  if (byte == '\n') return end_line(out);
  if (byte == '\r') return_pending_ = true;
  if (byte == kEscape) return enter(State::escape);
  if (is_plain(byte) || byte == '\t') {
    char const character = static_cast<char>(byte);
    put({&character, 1}, out);
  }
}

/// Which second byte may follow is what keeps out overlong forms, surrogates and anything above U+10FFFF
/// (Unicode 15, table 3-7).
void OutputCleaner::begin_sequence(unsigned char lead, std::string& out) {
  continuation_low_ = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  continuation_high_ = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  std::size_t const missing = between(lead, 0xC2, 0xDF) ? 1U : between(lead, 0xE0, 0xEF) ? 2U : 3U;
  if (!between(lead, 0xC2, 0xF4)) return put(kReplacement, out);
  sequence_[0] = static_cast<char>(lead);
  sequence_size_ = 1;
  sequence_missing_ = missing;
}

void OutputCleaner::end_sequence(std::string& out) {
  bool const whole = sequence_missing_ == 0;
  sequence_missing_ = 0;
  if (!whole) return put(kReplacement, out);
  auto const second = static_cast<unsigned char>(sequence_[1]);
  if (static_cast<unsigned char>(sequence_[0]) == 0xC2 && second < 0xA0) {
    // A C1 control, U+0080 to U+009F: some of them are one-character forms of ESC [, ESC ] and so on.
    if (second == 0x9B) enter(State::csi);
    if (second == 0x90 || second == 0x98 || between(second, 0x9D, 0x9F)) enter(State::string);
    return;
  }
  put({sequence_.data(), sequence_size_}, out);
}

void OutputCleaner::take_escape(unsigned char byte, std::string& out) {
  if (++escape_bytes_ > kMaxEscapeBytes) return leave_escape(byte, out);
  if (state_ == State::csi) {
    if (between(byte, 0x20, 0x3F)) return;
    if (between(byte, 0x40, 0x7E)) return enter(State::text);
    return leave_escape(byte, out);
  }
  if (between(byte, 0x20, 0x2F)) {
    state_ = State::intermediate;
    return;
  }
  if (!between(byte, 0x30, 0x7E)) return leave_escape(byte, out);
  if (state_ == State::intermediate) return enter(State::text);
  if (byte == '[') return enter(State::csi);
  if (byte == ']' || byte == 'P' || byte == 'X' || byte == '^' || byte == '_') return enter(State::string);
  enter(State::text);
}

void OutputCleaner::take_string(unsigned char byte, std::string& out) {
  if (state_ == State::string_escape) {
    if (byte == '\\') return enter(State::text);
    enter(State::escape);  // ESC breaks off the string and begins a sequence of its own
    return take_escape(byte, out);
  }
  if (++escape_bytes_ > kMaxEscapeBytes) return leave_escape(byte, out);
  if (byte == kEscape) {
    state_ = State::string_escape;
    return;
  }
  if (byte == kBell || (previous_ == 0xC2 && byte == 0x9C)) return enter(State::text);
  if (byte < 0x20) return leave_escape(byte, out);
  previous_ = byte;
}

/// Not what an escape sequence may hold: it is over, and the byte counts as text.
void OutputCleaner::leave_escape(unsigned char byte, std::string& out) {
  enter(State::text);
  take_text(byte, out);
}

void OutputCleaner::put(std::string_view text, std::string& out) {
  if (return_pending_) restart_line(out);
  line_ += text;
  if (line_.size() < kMaxHeldLineBytes) return;
  out += line_;
  line_.clear();
  partly_out_ = true;
}

void OutputCleaner::end_line(std::string& out) {
  out += line_;
  out += '\n';
  line_.clear();
  return_pending_ = false;
  partly_out_ = false;
}

void OutputCleaner::restart_line(std::string& out) {
  return_pending_ = false;
  if (partly_out_) return end_line(out);  // what was given out can't be taken back
  line_.clear();
}

std::string cleaned(std::string_view raw) {
  std::string out;
  OutputCleaner cleaner;
  cleaner.feed(raw, out);
  cleaner.finish(out);
  return out;
}

std::string_view utf8_prefix(std::string_view text, std::size_t bytes) noexcept {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && is_continuation(text[bytes])) --bytes;
  return text.substr(0, bytes);
}

std::string_view utf8_suffix(std::string_view text, std::size_t bytes) noexcept {
  if (text.size() <= bytes) return text;
  auto start = text.size() - bytes;
  while (start < text.size() && is_continuation(text[start])) ++start;
  return text.substr(start);
}

HeadAndTail::HeadAndTail(std::size_t limit_bytes)
    : head_limit_(limit_bytes / 4), tail_limit_(limit_bytes - limit_bytes / 4) {}

void HeadAndTail::add(std::string_view text) {
  total_ += text.size();
  if (!head_full_) {
    auto const first = utf8_prefix(text, head_limit_ - head_.size());
    head_ += first;
    text.remove_prefix(first.size());
    head_full_ = !text.empty();
  }
  if (text.size() >= tail_limit_) {
    tail_ = utf8_suffix(text, tail_limit_);
    return;
  }
  tail_ += text;
  if (tail_.size() > 2 * tail_limit_) tail_ = std::string(utf8_suffix(tail_, tail_limit_));
}

bool HeadAndTail::truncated() const noexcept { return total_ > head_.size() + tail_limit_; }

std::string HeadAndTail::text() const {
  if (!truncated()) return head_ + tail_;
  auto const tail = utf8_suffix(tail_, tail_limit_);
  auto const left_out = total_ - head_.size() - tail.size();
  return head_ + "\n[… " + std::to_string(left_out) + " B …]\n" + std::string(tail);
}

}  // namespace tocsin::process
