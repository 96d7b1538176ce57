#include "integrations/paging/email_message.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>

#include "integrations/net/base64.hpp"

namespace tocsin::paging {
namespace {

constexpr std::size_t kEncodedWord = 75;  // RFC 2047 section 2
constexpr std::size_t kEncodedLine = 76;  // the same, for lines that hold encoded words
constexpr std::size_t kBase64Line = 76;   // RFC 2045 section 6.8
constexpr std::size_t kMaxIdBytes = 250;  // a message id must fit on a line of 998
constexpr std::string_view kWordStart = "=?UTF-8?B?";
constexpr std::string_view kWordEnd = "?=";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::string_view kEllipsis = "…";

bool is_alphanumeric(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// RFC 5322 atext and the dot.
bool is_dot_atom(std::string_view text) noexcept {
  static constexpr std::string_view kMarks = "!#$%&'*+-/=?^_`{|}~.";
  return !text.empty() && text.front() != '.' && text.back() != '.' && text.find("..") == std::string_view::npos &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alphanumeric(c) || kMarks.find(c) != std::string_view::npos; });
}

bool is_domain(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 253 && text.front() != '.' && text.back() != '.' &&
         text.find("..") == std::string_view::npos &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_alphanumeric(c) || c == '-' || c == '.'; });
}

bool is_message_id(std::string_view text) noexcept {
  auto const at = text.find('@');
  return text.size() <= kMaxIdBytes && at != std::string_view::npos && is_dot_atom(text.substr(0, at)) &&
         is_dot_atom(text.substr(at + 1));
}

bool splits_a_header(std::string_view text) noexcept {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

/// How many bytes the character at the front takes; nothing when it is no well-formed UTF-8 (Unicode table 3-7).
std::optional<std::size_t> character_bytes(std::string_view text) noexcept {
  auto const byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  auto const is_next = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  unsigned const first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF && is_next(1)) return 2;
  if (first >= 0xE0 && first <= 0xEF && is_next(1) && is_next(2)) {
    bool const overlong = first == 0xE0 && byte(1) < 0xA0;
    bool const surrogate = first == 0xED && byte(1) > 0x9F;
    if (!overlong && !surrogate) return 3;
  }
  if (first >= 0xF0 && first <= 0xF4 && is_next(1) && is_next(2) && is_next(3)) {
    bool const overlong = first == 0xF0 && byte(1) < 0x90;
    bool const beyond = first == 0xF4 && byte(1) > 0x8F;
    if (!overlong && !beyond) return 4;
  }
  return std::nullopt;
}

/// Well-formed UTF-8 of at most `limit` bytes and an ellipsis, cut between characters.
std::string clean(std::string_view text, std::size_t limit) {
  std::string result;
  while (!text.empty()) {
    auto const size = character_bytes(text);
    auto const character = size ? text.substr(0, *size) : kReplacement;
    if (result.size() + character.size() > limit) return result.append(kEllipsis);
    result += character;
    text.remove_prefix(size.value_or(1));
  }
  return result;
}

std::string without_controls(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
  return text;
}

/// `value` in encoded words after `start`, one to a line. Each begins and ends with whole characters, so that each
/// can be decoded alone (RFC 2047 section 5).
std::string encoded_field(std::string start, std::string_view value) {
  std::string result;
  do {
    auto const room = std::min(kEncodedWord, kEncodedLine - start.size()) - kWordStart.size() - kWordEnd.size();
    std::size_t taken = 0;
    while (taken < value.size()) {
      auto const size = character_bytes(value.substr(taken)).value_or(1);
      if (taken + size > room / 4 * 3) break;
      taken += size;
    }
    result.append(start).append(kWordStart).append(net::base64(value.substr(0, taken))).append(kWordEnd).append("\r\n");
    value.remove_prefix(taken);
    start = " ";
  } while (!value.empty());
  return result;
}

std::string subject_field(std::string const& subject) {
  std::string const start = "Subject: ";
  bool const plain = subject.find("=?") == std::string::npos && start.size() + subject.size() <= kEncodedLine &&
                     !subject.starts_with(' ') && !subject.ends_with(' ') &&
                     std::all_of(subject.begin(), subject.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
  return plain ? start + subject + "\r\n" : encoded_field(start, subject);
}

std::string from_field(EmailMessage const& message) {
  std::string const start = "From: ";
  if (message.from_name.empty()) return start + '<' + message.from + ">\r\n";
  auto const name = without_controls(clean(message.from_name, kMaxSubjectBytes));
  // Words of atoms may stand as they are; quoting the rest would only be a second way to say the same.
  bool const atoms = start.size() + name.size() <= kEncodedLine &&
                     std::all_of(name.begin(), name.end(), [](char c) { return is_alphanumeric(c) || c == ' '; });
  return (atoms ? start + name + "\r\n" : encoded_field(start, name)) + " <" + message.from + ">\r\n";
}

std::string date_field(Instant at) {
  static constexpr std::array<char const*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<char const*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  auto const day = std::chrono::floor<std::chrono::days>(at);
  std::chrono::year_month_day const date(day);
  std::chrono::hh_mm_ss const time(std::chrono::floor<std::chrono::seconds>(at - day));
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "Date: %s, %02u %s %04d %02d:%02d:%02d +0000\r\n",
                kDays.at(std::chrono::weekday(day).c_encoding()), static_cast<unsigned>(date.day()),
                kMonths.at(static_cast<unsigned>(date.month()) - 1), static_cast<int>(date.year()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return text.data();
}

/// RFC 5322 section 3.6.4; one id to a line.
std::string thread_fields(std::vector<std::string> const& references) {
  if (references.empty()) return {};
  std::string text = "In-Reply-To: <" + references.back() + ">\r\nReferences:";
  std::size_t const skipped = references.size() > kMaxReferences ? references.size() - kMaxReferences : 0;
  for (std::size_t i = 0; i < references.size(); ++i) {
    // The first keeps the thread together, the last ones its order.
    if (i > 0 && i <= skipped) continue;
    text += (text.ends_with(':') ? " <" : "\r\n <") + references[i] + '>';
  }
  return text + "\r\n";
}

/// Text in base64 travels with CRLF line ends (RFC 2045 section 6.8).
std::string body_lines(std::string const& body) {
  std::string canonical;
  canonical.reserve(body.size() + body.size() / 32);
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (body[i] == '\r' && i + 1 < body.size() && body[i + 1] == '\n') continue;
    if (body[i] == '\n' || body[i] == '\r') {
      canonical += "\r\n";
    } else {
      canonical += body[i];
    }
  }
  if (!canonical.ends_with("\r\n")) canonical += "\r\n";
  auto const encoded = net::base64(canonical);
  std::string text;
  text.reserve(encoded.size() + encoded.size() / 32);
  for (std::size_t at = 0; at < encoded.size(); at += kBase64Line) {
    text.append(encoded, at, kBase64Line).append("\r\n");
  }
  return text;
}

}  // namespace

bool is_email_address(std::string_view text) noexcept {
  auto const at = text.find('@');
  return text.size() <= 254 && at != std::string_view::npos && at <= 64 && is_dot_atom(text.substr(0, at)) &&
         is_domain(text.substr(at + 1));
}

Result<std::string> build_email(EmailMessage const& message, Instant at) {
  if (!is_email_address(message.from)) return Error{Errc::invalid, "the sender is no e-mail address"};
  if (!is_email_address(message.to)) return Error{Errc::invalid, "the recipient is no e-mail address"};
  if (!is_message_id(message.message_id)) return Error{Errc::invalid, "the message id is none"};
  if (!std::all_of(message.references.begin(), message.references.end(), is_message_id)) {
    return Error{Errc::invalid, "a referenced message id is none"};
  }
  if (splits_a_header(message.subject) || splits_a_header(message.from_name)) {
    return Error{Errc::invalid, "a line break in the subject or the sender's name"};
  }
  std::string text = date_field(at);
  text += from_field(message);
  text += "To: <" + message.to + ">\r\n";
  text += subject_field(without_controls(clean(message.subject, kMaxSubjectBytes)));
  text += "Message-ID: <" + message.message_id + ">\r\n";
  text += thread_fields(message.references);
  text += "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n";
  text += "Auto-Submitted: auto-generated\r\n";  // RFC 3834: no holiday notices in return
  if (message.may_repeat) text += "X-Tocsin-May-Repeat: yes\r\n";
  text += "\r\n";
  text += body_lines(clean(message.body, kMaxBodyBytes));
  return text;
}

}  // namespace tocsin::paging
