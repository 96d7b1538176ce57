#include "incidents/base/secret_shapes.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace tocsin {
namespace {

constexpr std::size_t kLongestAuthority = 1024;
constexpr std::size_t kLongestGap = 4;  // blanks around a separator
constexpr std::size_t kMarkerWidth = 64;

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alnum(char c) { return is_lower(c) || is_upper(c) || is_digit(c); }
bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_base64(char c) { return is_alnum(c) || c == '+' || c == '/' || c == '-' || c == '_'; }
bool is_token(char c) { return is_base64(c) || c == '.' || c == '~' || c == '='; }
/// Of tokens, JSON Web Tokens and options: what does not end them.
bool is_part(char c) { return is_alnum(c) || c == '-' || c == '_'; }
bool is_space(char c) { return static_cast<unsigned char>(c) <= ' '; }

bool begins_with(std::string_view text, std::string_view beginning) {
  return text.size() >= beginning.size() &&
         std::equal(beginning.begin(), beginning.end(), text.begin(),
                    [](char a, char b) { return (is_upper(b) ? static_cast<char>(b - 'A' + 'a') : b) == a; });
}

/// A walk over a line from some place on.
class Cursor {
 public:
  Cursor(std::string_view line, std::size_t at) : line_(line), at_(at) {}
  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] bool over() const { return at_ >= line_.size(); }
  [[nodiscard]] char here() const { return over() ? '\0' : line_[at_]; }
  [[nodiscard]] std::string_view rest() const { return line_.substr(std::min(at_, line_.size())); }
  bool take(std::string_view text) {
    if (!rest().starts_with(text)) return false;
    at_ += text.size();
    return true;
  }
  void take_blanks() {
    for (std::size_t i = 0; i < kLongestGap && is_blank(here()); ++i) ++at_;
  }
  template <class Of>
  Span take_while(Of of, std::size_t most = std::string_view::npos) {
    auto const begin = at_;
    while (!over() && at_ - begin < most && of(line_[at_])) ++at_;
    return {begin, at_};
  }

 private:
  std::string_view line_;
  std::size_t at_;
};

std::optional<Span> unless_hidden(std::string_view line, Span span) {
  if (span.begin >= span.end || line.substr(span.begin).starts_with(kMarkBegin)) return std::nullopt;
  return span;
}

/// Chance rather than a word: a digit, or capitals in the middle, or padding.
bool looks_random(std::string_view text) {
  bool const digit = std::any_of(text.begin(), text.end(), is_digit);
  bool const mixed = text.size() > 1 && std::any_of(text.begin() + 1, text.end(), is_upper) &&
                     std::any_of(text.begin(), text.end(), is_lower);
  return digit || mixed || text.ends_with('=');
}

std::optional<Span> in_address(std::string_view line, Span word) {
  if (word.begin == 0 || !is_alnum(line[word.begin - 1])) return std::nullopt;
  auto const stops = [](char c) {
    return is_space(c) || std::string_view("\"'<>`\\").find(c) != std::string_view::npos;
  };
  Cursor cursor(line, word.end);
  auto authority =
      cursor.take_while([&](char c) { return !stops(c) && c != '/' && c != '?' && c != '#'; }, kLongestAuthority);
  auto const text = [&] { return line.substr(authority.begin, authority.end - authority.begin); };
  auto const colon = text().find(':');
  if (text().find('@') == std::string_view::npos && colon != std::string_view::npos && !text().starts_with('[')) {
    // A port is a number. If this is none, the password has a slash in it that nobody encoded.
    auto const port = text().substr(colon + 1);
    if (std::all_of(port.begin(), port.end(), is_digit)) return std::nullopt;
    cursor.take_while([&](char c) { return !stops(c) && c != '@'; }, kLongestAuthority);
    if (!cursor.take("@")) return std::nullopt;
    authority.end = cursor.at();
  }
  auto const at = text().rfind('@');
  if (at == std::string_view::npos) return std::nullopt;
  auto const split = text().substr(0, at).find(':');
  if (split != std::string_view::npos) return unless_hidden(line, {authority.begin + split + 1, authority.begin + at});
  // A user alone may be a token: https://0123456789abcdef…@host. git@host is none.
  constexpr std::size_t kTokenBytes = 20;
  if (at < kTokenBytes || !looks_random(text().substr(0, at))) return std::nullopt;
  return unless_hidden(line, {authority.begin, authority.begin + at});
}

/// `"`, `'`, or either behind a backslash; the text that ends the quotation too.
std::string_view opening_quote(Cursor& cursor) {
  for (std::string_view const quote : {"\\\"", "\\'", "\"", "'", "`"}) {
    if (cursor.take(quote)) return quote;
  }
  return {};
}

bool separates(Cursor& cursor) {
  bool found = false;
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::string_view const each : {"=", ":", "：", "＝"}) found = cursor.take(each) || found;
  }
  if (found) cursor.take(">");  // Ruby's =>
  return found;
}

/// Says that there is a secret somewhere, without being one.
bool is_placeholder(std::string_view value) {
  static constexpr std::array<std::string_view, 20> kWords{
      "true",    "false",   "null",      "none",  "nil",    "yes",       "no",    "required", "missing", "empty",
      "expired", "invalid", "incorrect", "wrong", "failed", "undefined", "unset", "changed",  "set",     "***"};
  auto const same = [value](std::string_view word) { return value.size() == word.size() && begins_with(value, word); };
  if (std::any_of(kWords.begin(), kWords.end(), same)) return true;
  for (std::string_view const beginning : {"env:", "file:", "${", "$(", "{{", "<", "%("}) {
    if (value.starts_with(beginning)) return true;
  }
  return value.size() > 1 && value.front() == '$' &&
         std::all_of(value.begin() + 1, value.end(), [](char c) { return is_upper(c) || c == '_'; });
}

Span value_after(Cursor& cursor, std::string_view line) {
  auto const quote = opening_quote(cursor);
  if (!quote.empty()) {
    auto const begin = cursor.at();
    auto end = begin;
    // A backslash takes the next character along, unless it belongs to the quotation mark itself.
    while (end < line.size() && !line.substr(end).starts_with(quote))
      end += line[end] == '\\' && quote.size() == 1 ? 2U : 1U;
    return {begin, std::min(end, line.size())};
  }
  auto const ends = [](char c) {
    return is_space(c) || std::string_view(",;&)]}<>\"'`").find(c) != std::string_view::npos;
  };
  auto span = cursor.take_while([&](char c) { return !ends(c); });
  for (std::string_view const mark : {"，", "；", "。", "）", "、"}) {
    auto const at = line.substr(span.begin, span.end - span.begin).find(mark);
    if (at != std::string_view::npos) span.end = span.begin + at;
  }
  return span;
}

/// `--password hunter2`: the name is an option, the value the next word.
bool is_option(std::string_view line, std::size_t begin) {
  auto const least = begin > kLookBehindBytes ? begin - kLookBehindBytes : 0;
  while (begin > least && is_part(line[begin - 1])) --begin;
  return line.substr(begin).starts_with("--");
}

/// <password>hunter2</password>
std::optional<Span> in_element(std::string_view line, std::size_t begin) {
  auto const end = line.substr(begin, kLongestAuthority).find("</");
  if (end == std::string_view::npos) return std::nullopt;
  return unless_hidden(line, {begin, begin + end});
}

std::optional<Span> after_name(std::string_view line, Span word) {
  Cursor cursor(line, word.end);
  if (cursor.here() == '>') return in_element(line, word.end + 1);
  auto const closing = opening_quote(cursor);
  cursor.take_blanks();
  bool spoken = cursor.here() == ':';  // may be prose: "token: unexpected end"
  if (!separates(cursor)) {
    bool const gap = word.end < line.size() && is_blank(line[word.end]);
    if (!gap || !closing.empty() || !is_option(line, word.begin)) return std::nullopt;
    spoken = false;
  }
  bool const gap = is_blank(cursor.here());
  cursor.take_blanks();
  auto const span = value_after(cursor, line);
  auto const value = line.substr(span.begin, span.end - span.begin);
  if (value.empty() || is_placeholder(value)) return std::nullopt;
  auto const name = line.substr(word.begin, word.end - word.begin);
  // The working directory is called so, too.
  if (begins_with(name, "pwd") && value.front() == '/') return std::nullopt;
  bool const quoted = span.begin > 0 && (line[span.begin - 1] == '"' || line[span.begin - 1] == '\'');
  bool const is_password =
      begins_with(name, "pass") || begins_with(name, "pwd") || static_cast<unsigned char>(name.front()) >= 0x80;
  if (spoken && gap && !quoted && closing.empty() && !is_password && std::all_of(value.begin(), value.end(), is_lower))
    return std::nullopt;
  return unless_hidden(line, span);
}

std::optional<Span> after_header(std::string_view line, Span word) {
  Cursor cursor(line, word.end);
  opening_quote(cursor);
  cursor.take_blanks();
  if (!separates(cursor)) return std::nullopt;
  cursor.take_blanks();
  opening_quote(cursor);
  auto const stops = [](char c) { return is_space(c) || std::string_view("\"'`,").find(c) != std::string_view::npos; };
  auto const first = cursor.take_while([&](char c) { return !stops(c); });
  auto const scheme = line.substr(first.begin, first.end - first.begin);
  if (is_blank(cursor.here()) && scheme.size() <= 12 && !looks_random(scheme)) {
    cursor.take_blanks();
    auto const second = cursor.take_while([&](char c) { return !stops(c); });
    if (second.begin < second.end) return unless_hidden(line, second);
  }
  return unless_hidden(line, first);
}

std::optional<Span> after_cookie(std::string_view line, Span word) {
  Cursor cursor(line, word.end);
  if (!separates(cursor)) return std::nullopt;
  cursor.take_blanks();
  auto const span = cursor.take_while([](char c) { return c != '"' && c != '\'' && c != '`'; });
  if (line.substr(span.begin, span.end - span.begin).find('=') == std::string_view::npos) return std::nullopt;
  return unless_hidden(line, span);
}

std::optional<Span> after_scheme(std::string_view line, Span word) {
  if (word.begin > 0 && is_alnum(line[word.begin - 1])) return std::nullopt;
  Cursor cursor(line, word.end);
  cursor.take_blanks();
  auto const span = cursor.take_while(is_token);
  constexpr std::size_t kShortestCredential = 8;
  auto const text = line.substr(span.begin, span.end - span.begin);
  if (text.size() < kShortestCredential || !looks_random(text)) return std::nullopt;
  return span;
}

struct Make {
  std::string_view beginning;  ///< as its maker writes it
  std::size_t least;           ///< characters that follow at least
  std::size_t most;
  bool capitals = false;  ///< capital letters and digits only
};

constexpr std::size_t kAny = 4096;
constexpr std::array kMakes{Make{"xoxa-", 10, kAny},
                            Make{"xoxb-", 10, kAny},
                            Make{"xoxc-", 10, kAny},
                            Make{"xoxd-", 10, kAny},
                            Make{"xoxe-", 10, kAny},
                            Make{"xoxe.", 10, kAny},
                            Make{"xoxo-", 10, kAny},
                            Make{"xoxp-", 10, kAny},
                            Make{"xoxr-", 10, kAny},
                            Make{"xoxs-", 10, kAny},
                            Make{"xapp-", 10, kAny},
                            Make{"AKIA", 16, 16, true},
                            Make{"ASIA", 16, 16, true},
                            Make{"LTAI", 12, 26},
                            Make{"ghp_", 20, kAny},
                            Make{"gho_", 20, kAny},
                            Make{"ghu_", 20, kAny},
                            Make{"ghs_", 20, kAny},
                            Make{"ghr_", 20, kAny},
                            Make{"github_pat_", 20, kAny},
                            Make{"glpat-", 16, kAny},
                            Make{"sk_live_", 10, kAny},
                            Make{"rk_live_", 10, kAny},
                            Make{"sk-", 20, kAny},
                            Make{"AIza", 30, kAny},
                            Make{"npm_", 30, kAny},
                            Make{"SG.", 30, kAny},
                            Make{"pypi-", 30, kAny},
                            Make{"hooks.slack.com/services/", 20, kAny}};

constexpr std::string_view kJwt = "eyJ";

/// Three parts of base64url; the last may be empty.
std::optional<Span> web_token(std::string_view line, Span word) {
  Cursor cursor(line, word.end);
  constexpr std::size_t kShortestPart = 8;
  auto const part = [&] {
    auto const span = cursor.take_while(is_part, kAny);
    return span.end - span.begin;
  };
  if (part() < kShortestPart || !cursor.take(".") || part() < kShortestPart || !cursor.take(".")) return std::nullopt;
  part();
  return Span{word.begin, cursor.at()};
}

std::optional<Span> token_at(std::string_view line, Span word) {
  // A token begins where a word begins; this also keeps the walk over a row of half-tokens linear.
  if (word.begin > 0 && (is_part(line[word.begin - 1]) || line[word.begin - 1] == '.')) return std::nullopt;
  auto const text = line.substr(word.begin);
  if (text.starts_with(kJwt)) return web_token(line, word);
  for (auto const& make : kMakes) {
    if (!text.starts_with(make.beginning)) continue;
    Cursor cursor(line, word.begin + make.beginning.size());
    auto const span = make.capitals
                          ? cursor.take_while([](char c) { return is_upper(c) || is_digit(c); }, kAny)
                          : cursor.take_while([](char c) { return is_part(c) || c == '.' || c == '/'; }, kAny);
    auto const size = span.end - span.begin;
    auto const seen = line.substr(span.begin, size);
    if (size >= make.least && size <= make.most && looks_random(seen)) return Span{word.begin, span.end};
  }
  return std::nullopt;
}

bool ends_marker(std::string_view text) {
  return text.starts_with("PRIVATE KEY-----") || text.starts_with("PRIVATE KEY BLOCK-----");
}

/// `lead … PRIVATE KEY-----` from `at` on: its end.
std::optional<std::size_t> private_key_marker(std::string_view line, std::size_t after_lead) {
  auto const near = line.substr(after_lead, kMarkerWidth);
  auto const at = near.find("PRIVATE KEY");
  if (at == std::string_view::npos || !ends_marker(near.substr(at))) return std::nullopt;
  if (near.substr(0, at).find("-----") != std::string_view::npos) return std::nullopt;
  return after_lead + near.find("-----", at) + 5;
}

std::optional<Span> from_private_key(std::string_view line, Span word) {
  auto const begun = private_key_marker(line, word.end);
  if (!begun) return std::nullopt;
  auto const end = end_of_private_key(line, *begun);
  return Span{word.begin, end ? end->end : line.size()};
}

}  // namespace

std::vector<TelltaleWord> const& telltales() {
  static std::vector<TelltaleWord> const words = [] {
    std::vector<TelltaleWord> list{{"://", Telltale::address},   {"authorization", Telltale::header},
                                   {"cookie", Telltale::cookie}, {"bearer ", Telltale::scheme},
                                   {"basic ", Telltale::scheme}, {"-----BEGIN ", Telltale::private_key},
                                   {kJwt, Telltale::token}};
    for (std::string_view const name : {"password",
                                        "passwd",
                                        "passphrase",
                                        "passcode",
                                        "pwd",
                                        "secret",
                                        "token",
                                        "api_key",
                                        "api-key",
                                        "apikey",
                                        "access_key",
                                        "access-key",
                                        "accesskey",
                                        "secret_key",
                                        "secret-key",
                                        "secretkey",
                                        "secret_key_base",
                                        "private_key",
                                        "private-key",
                                        "privatekey",
                                        "auth_key",
                                        "encryption_key",
                                        "signing_key",
                                        "credential",
                                        "credentials",
                                        "密码",
                                        "口令",
                                        "密钥",
                                        "令牌"})
      list.push_back({name, Telltale::name});
    for (auto const& make : kMakes) list.push_back({make.beginning, Telltale::token});
    return list;
  }();
  return words;
}

std::optional<Span> hidden_by(Telltale kind, std::string_view line, Span word) {
  switch (kind) {
    case Telltale::address:
      return in_address(line, word);
    case Telltale::header:
      return after_header(line, word);
    case Telltale::cookie:
      return after_cookie(line, word);
    case Telltale::scheme:
      return after_scheme(line, word);
    case Telltale::name:
      return after_name(line, word);
    case Telltale::token:
      return token_at(line, word);
    case Telltale::private_key:
      return from_private_key(line, word);
  }
  return std::nullopt;
}

std::optional<Span> end_of_private_key(std::string_view line, std::size_t from) {
  constexpr std::string_view kLead = "-----END ";
  for (auto at = line.find(kLead, from); at != std::string_view::npos; at = line.find(kLead, at + 1)) {
    if (auto const end = private_key_marker(line, at + kLead.size())) return Span{at, *end};
  }
  return std::nullopt;
}

bool inside_private_key(std::string_view line) {
  while (!line.empty() && is_space(line.back())) line.remove_suffix(1);
  while (!line.empty() && is_space(line.front())) line.remove_prefix(1);
  for (std::string_view const header : {"Proc-Type:", "DEK-Info:", "Version:", "Comment:"}) {
    if (line.starts_with(header)) return true;
  }
  // "backend_1  | MIIEvQ…": what a multiplexer of logs puts in front.
  auto const bar = line.rfind("| ");
  if (bar != std::string_view::npos) line.remove_prefix(bar + 2);
  return std::all_of(line.begin(), line.end(), [](char c) { return is_base64(c) || c == '='; });
}

Span base64_around(std::string_view line, Span part) {
  constexpr std::size_t kReach = 512;
  auto const least = part.begin > kReach ? part.begin - kReach : 0;
  auto const most = std::min(line.size(), part.end + kReach);
  while (part.begin > least && is_base64(line[part.begin - 1])) --part.begin;
  while (part.end < most && (is_base64(line[part.end]) || line[part.end] == '=')) ++part.end;
  return part;
}

}  // namespace tocsin
