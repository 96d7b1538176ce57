#include "bot/dingtalk/markdown.hpp"

#include <algorithm>
#include <optional>

#include "bot/chat/words.hpp"
#include "config/text.hpp"
#include "integrations/net/http.hpp"

namespace tocsin::dingtalk {
namespace {

using std::string_view;

// A variation selector that stands for nothing; dropped from foreign text.
constexpr char32_t kAddress = 0xE0115;
constexpr string_view kAddressMark = "\xF3\xA0\x84\x95";
constexpr string_view kBroken = "\xEF\xBF\xBD";
constexpr string_view kHardBlank = "\xC2\xA0";
constexpr string_view kLineEnd = "  \n";
constexpr string_view kCommand = "dtmd://dingtalkclient/sendMessage?content=";

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_sign(char c) { return c > ' ' && c < 0x7F && !is_letter(c) && !is_digit(c); }
bool is_blank(char c) { return c == ' ' || c == '\0'; }

/// Controls, marks that turn the writing direction, private tags.
bool is_unseen(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x61C || (c >= 0x200B && c <= 0x200F && c != 0x200D) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xE0000 && c <= 0xE0FFF);
}

/// With one blank for a tab, without what is not seen, valid; `@` where its mark stood, if `marks` says so.
std::string clean(string_view text, string_view mark) {
  std::string out;
  while (!text.empty()) {
    auto const before = text;
    auto const c = take_character(text);
    if (!c) {
      out += kBroken;
    } else if (*c == kAddress) {
      out += mark;
    } else if (*c == U'\n' || !is_unseen(*c)) {
      out += before.substr(0, before.size() - text.size());
    } else if (*c == U'\t') {
      out += ' ';
    }
  }
  return out;
}

bool ends_in_word(string_view text, string_view lower) {
  if (text.size() < lower.size()) return false;
  auto const end = text.substr(text.size() - lower.size());
  return std::equal(end.begin(), end.end(), lower.begin(), [](char a, char b) { return (a | 0x20) == b; });
}

/// `&lt;`, `&#60;`: some clients decode them before they look for HTML.
bool is_entity(string_view rest) {
  constexpr std::size_t kLongest = 33;  // &CounterClockwiseContourIntegral;
  auto const end = rest.substr(0, kLongest + 1).find(';');
  return end != string_view::npos && end > 1 && std::all_of(rest.begin() + 1, rest.begin() + end, [](char c) {
           return is_letter(c) || is_digit(c) || c == '#';
         });
}

/// What would do something; empty: it is no such sign here. `rest` begins with it.
string_view like_of(string_view before, string_view rest) {
  char const next = rest.size() > 1 ? rest[1] : '\0';
  switch (rest.front()) {
    case '@': {
      // An e-mail address stays one.
      char const last = before.empty() ? '\0' : before.back();
      return is_blank(next) || next == '\n' || is_letter(last) || is_digit(last) ? string_view() : "＠";
    }
    case ']':
      // In front of a line it would say where a link goes that stands elsewhere.
      return next == '(' || (next == ':' && before.starts_with('[')) ? "］" : string_view();
    case '<':
      return is_letter(next) || next == '/' || next == '!' || next == '?' ? "‹" : string_view();
    case '&':
      return is_entity(rest) ? "＆" : string_view();
    case ':':
      return rest.starts_with("://") && (ends_in_word(before, "dtmd") || ends_in_word(before, "dingtalk"))
                 ? "∶"
                 : string_view();
    default:
      return {};
  }
}

/// Does the sign at `at` need a backslash wherever it stands in a line?
bool formats(string_view line, std::size_t at) {
  // What stands around the line is not known: it may be bold.
  char const before = at == 0 ? '*' : line[at - 1];
  char const next = at + 1 < line.size() ? line[at + 1] : '*';
  switch (line[at]) {
    case '*':
    case '_':
    case '`':
      return !is_blank(before) || !is_blank(next);
    case '~':
      return next == '~' || before == '~' || (!is_blank(next) && line.find('~', at + 1) != string_view::npos);
    case '\\':
      return is_sign(next);
    default:
      return false;
  }
}

/// Where the sign stands that makes a line a heading, a list item, a quotation, a rule or part of a table.
std::optional<std::size_t> sign_in_front(string_view line) {
  if (line.empty()) return std::nullopt;
  char const first = line.front();
  // `---` makes a heading of the line above, `|--|--|` a table.
  if (line.find_first_not_of("-=_*|:+~# ") == string_view::npos) return 0;
  char const second = line.size() > 1 ? line[1] : ' ';
  if (first == '>' || first == '#') return 0;
  if ((first == '-' || first == '+' || first == '*') && is_blank(second)) return 0;
  auto const digits = line.find_first_not_of("0123456789");
  if (digits == 0 || digits == string_view::npos) return std::nullopt;
  bool const ends = digits + 1 == line.size() || line[digits + 1] == ' ';
  if ((line[digits] == '.' || line[digits] == ')') && ends) return digits;
  return std::nullopt;
}

/// A line of clean text, of which the marks are still to be written.
std::string line_of(string_view line) {
  std::string out;
  // Four blanks in front would be code.
  while (line.starts_with(' ')) {
    out += kHardBlank;
    line.remove_prefix(1);
  }
  while (line.ends_with(' ')) line.remove_suffix(1);
  auto const front = sign_in_front(line);
  for (std::size_t at = 0; at < line.size(); ++at) {
    auto const rest = line.substr(at);
    if (rest.starts_with(kAddressMark)) {
      out += '@';
      at += kAddressMark.size() - 1;
    } else if (auto const like = like_of(line.substr(0, at), rest); !like.empty()) {
      out += like;
    } else {
      if (front == at || formats(line, at)) out += '\\';
      out += line[at];
    }
  }
  return out;
}

template <class Visit>
void each_line(string_view text, Visit visit) {
  while (!text.empty()) {
    auto const end = text.find('\n');
    visit(text.substr(0, end));
    text.remove_prefix(end == string_view::npos ? text.size() : end + 1);
  }
}

/// As many bytes from the front as fit.
std::size_t fitting(string_view text, std::size_t most, std::size_t heaviest) {
  auto rest = text;
  std::size_t used = 0;
  for (std::size_t i = 0; i < most && !rest.empty(); ++i) {
    auto after = rest;
    static_cast<void>(take_character(after));
    used += weight(rest.substr(0, rest.size() - after.size()));
    if (used > heaviest && i > 0) break;  // one goes whatever it weighs, or there would be no end
    rest = after;
  }
  return text.size() - rest.size();
}

/// May a piece end before `at`? Not between a backslash and its sign.
bool is_whole(string_view text, std::size_t at) {
  std::size_t slashes = 0;
  while (slashes < at && text[at - 1 - slashes] == '\\') ++slashes;
  return slashes % 2 == 0;
}

/// The end of a piece inside a line that is longer than it: what comes next should not look like the front of a list.
std::size_t end_in_line(string_view text, std::size_t bytes) {
  constexpr std::size_t kBack = 24;
  for (std::size_t at = bytes; at > 0 && at + kBack > bytes; --at) {
    bool const starts_character = (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80;
    if (starts_character && !is_sign(text[at]) && !is_digit(text[at]) && text[at] != ' ' && is_whole(text, at))
      return at;
  }
  return bytes > 1 && !is_whole(text, bytes) ? bytes - 1 : bytes;
}

std::size_t piece_end(string_view text, std::size_t bytes) {
  if (text[bytes] == '\n') return bytes;
  auto const head = text.substr(0, bytes);
  // A paragraph is kept together if the piece is not much shorter for it.
  auto const paragraph = head.rfind("\n\n");
  if (paragraph != string_view::npos && paragraph > bytes / 2) return paragraph;
  auto const line = head.rfind('\n');
  if (line != string_view::npos && head.find_first_not_of(" \n") < line) return line;
  return end_in_line(text, bytes);
}

}  // namespace

std::string marked_address(string_view name) { return std::string(kAddressMark) + harmless(name) + ' '; }

std::string markdown(string_view text) {
  std::string out;
  bool parted = false;
  each_line(clean(text, kAddressMark), [&](string_view line) {
    bool const empty = line.find_first_not_of(' ') == string_view::npos;
    if (empty) {
      parted = true;
      return;
    }
    if (!out.empty()) out += parted ? "\n\n" : kLineEnd;
    parted = false;
    out += line_of(line);
  });
  return out;
}

std::string unmarked(string_view text) { return clean(text, "@"); }

std::string quoted(string_view text) {
  std::string out;
  each_line(clean(text, kAddressMark), [&](string_view line) {
    if (!out.empty()) out += kLineEnd;
    out += "> ";
    // An empty line would end the quotation on some clients.
    out += line.find_first_not_of(' ') == string_view::npos ? std::string(kHardBlank) : line_of(line);
  });
  return out;
}

std::string bold(string_view text) {
  auto line = one_line(text);
  auto const begin = line.find_first_not_of(' ');
  if (begin == std::string::npos) return {};
  return "**" + markdown(string_view(line).substr(begin)) + "**";
}

std::string one_line(string_view text) {
  std::string line(text);
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

std::string command_url(string_view command) { return std::string(kCommand) + net::percent_encode(command); }

std::string command_link(string_view label, string_view command) {
  auto words = one_line(unmarked(label));
  std::string shown;
  for (char const c : words) {
    // A bracket in it would end it or begin another.
    if (c == '[') {
      shown += "［";
    } else if (c == ']') {
      shown += "］";
    } else {
      shown += c;
    }
  }
  shown = markdown(shown);
  return "[" + (shown.empty() ? std::string("…") : shown) + "](" + command_url(command) + ")";
}

std::size_t weight(string_view utf8) noexcept {
  constexpr std::size_t kControl = 6;  // \u0000
  std::size_t bytes = 0;
  for (char const c : utf8) {
    bool const pair = c == '"' || c == '\\' || c == '\n' || c == '\t' || c == '\r';
    bool const control = static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    bytes += pair ? 2 : control ? kControl : 1;
  }
  return bytes;
}

std::vector<std::string> pieces(string_view text, std::size_t most, std::size_t heaviest) {
  std::vector<std::string> all;
  most = std::max<std::size_t>(most, 1);
  while (true) {
    while (text.starts_with('\n')) text.remove_prefix(1);
    if (text.empty()) return all;
    auto bytes = fitting(text, most, heaviest);
    if (bytes < text.size()) bytes = piece_end(text, bytes);
    auto piece = text.substr(0, bytes);
    text.remove_prefix(bytes);
    while (!piece.empty() && (piece.back() == ' ' || piece.back() == '\n')) piece.remove_suffix(1);
    if (!piece.empty()) all.emplace_back(piece);
  }
}

}  // namespace tocsin::dingtalk
