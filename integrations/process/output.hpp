// What a program printed, made fit to be read: without terminal control, in valid UTF-8, and bounded.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tocsin::process {

/// A line longer than this is passed on in pieces; a carriage return can no longer take back what was passed on.
inline constexpr std::size_t kMaxHeldLineBytes = 8 * 1024;
/// An escape sequence longer than this is not one: what follows is text again.
inline constexpr std::size_t kMaxEscapeBytes = 4 * 1024;

/// Turns the bytes of a terminal program into plain text, byte by byte, so that the result does not depend on how
/// the bytes were cut into chunks:
///  - escape sequences (ECMA-48: CSI, OSC, DCS and their like; also the C1 forms) are dropped. An unfinished one ends
///    with its line, so that garbage can't swallow the rest;
///  - invalid UTF-8 becomes U+FFFD, one for each maximal part (Unicode 15, 3.9, as browsers do);
///  - other control characters but \n and \t are dropped;
///  - \r\n is \n; a lone \r starts the line anew, so that a progress bar leaves its last state only.
/// Text is given out in whole lines. Owned by one reader; any thread, one at a time.
class OutputCleaner {
 public:
  /// Appends to `out` what is certain.
  void feed(std::string_view raw, std::string& out);
  /// Appends the unfinished last line. The cleaner is as new afterwards.
  void finish(std::string& out);

 private:
  enum class State : std::uint8_t { text, escape, intermediate, csi, string, string_escape };

  void take(unsigned char byte, std::string& out);
  void take_text(unsigned char byte, std::string& out);
  void take_escape(unsigned char byte, std::string& out);
  void take_string(unsigned char byte, std::string& out);
  void leave_escape(unsigned char byte, std::string& out);
  void enter(State state);
  void begin_sequence(unsigned char lead, std::string& out);
  void end_sequence(std::string& out);
  std::size_t put_plain_run(std::string_view raw, std::string& out);
  void put(std::string_view text, std::string& out);
  void end_line(std::string& out);
  void restart_line(std::string& out);

  State state_ = State::text;
  std::size_t escape_bytes_ = 0;
  unsigned char previous_ = 0;  // inside a control string: to see its two-byte end
  std::string line_;
  bool return_pending_ = false;  // a \r was seen; what follows decides what it means
  bool partly_out_ = false;      // the beginning of this line was given out already
  std::array<char, 4> sequence_{};
  std::size_t sequence_size_ = 0;
  std::size_t sequence_missing_ = 0;
  unsigned char continuation_low_ = 0x80;
  unsigned char continuation_high_ = 0xBF;
};

/// All of `raw` at once.
[[nodiscard]] std::string cleaned(std::string_view raw);

/// The longest beginning of `text` that has at most `bytes` bytes and splits no character of valid UTF-8.
[[nodiscard]] std::string_view utf8_prefix(std::string_view text, std::size_t bytes) noexcept;
/// The longest end of `text` that has at most `bytes` bytes and splits no character of valid UTF-8.
[[nodiscard]] std::string_view utf8_suffix(std::string_view text, std::size_t bytes) noexcept;

/// Keeps the beginning and the end of a text of any length: a quarter of the limit for the beginning, the rest for
/// the end, where the reason usually stands. Needs at most twice the limit of memory.
class HeadAndTail {
 public:
  explicit HeadAndTail(std::size_t limit_bytes);

  /// `text` begins and ends with a whole character, as the cleaner gives it out.
  void add(std::string_view text);
  [[nodiscard]] bool truncated() const noexcept;
  /// Everything when it was within the limit; else both ends around a line `[… 12345 B …]`, which counts on top of
  /// the limit. No character is split.
  [[nodiscard]] std::string text() const;

 private:
  std::size_t head_limit_;
  std::size_t tail_limit_;
  std::string head_;
  bool head_full_ = false;
  std::string tail_;  // up to twice its limit, so that cutting it is rare
  std::size_t total_ = 0;
};

}  // namespace tocsin::process
