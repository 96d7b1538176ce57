#include <algorithm>
#include <array>
#include <string>

#include "tests/tidy/rules.hpp"

namespace tocsin::tidy {
namespace {

constexpr auto npos = std::string_view::npos;

/// Braces after these call a constructor, or make a value with nothing to destroy, which g++ 12 gets right.
constexpr std::array kSafeBraces{"Millis",       "Instant",      "hours",  "minutes",    "seconds",
                                 "milliseconds", "microseconds", "string", "string_view"};

std::size_t last_solid(std::string_view code, std::size_t before) {
  return before == 0 ? npos : code.find_last_not_of(" \t\r\n", before - 1);
}

std::string_view word_ending_at(std::string_view code, std::size_t last) {
  if (last == npos || !is_word(code[last])) return {};
  auto begin = last;
  while (begin > 0 && is_word(code[begin - 1])) --begin;
  return code.substr(begin, last + 1 - begin);
}

std::string_view trimmed(std::string_view text) {
  auto const begin = skip_space(text, 0);
  auto const end = text.find_last_not_of(" \t\r\n");
  return begin >= text.size() ? std::string_view{} : text.substr(begin, end + 1 - begin);
}

/// Splits at the commas that stand in no bracket.
std::vector<std::string_view> split(std::string_view list) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  int depth = 0;
  for (std::size_t at = 0; at < list.size(); ++at) {
    if (std::string_view("([{<").find(list[at]) != npos) ++depth;
    if (std::string_view(")]}>").find(list[at]) != npos) --depth;
    if (list[at] != ',' || depth != 0) continue;
    parts.push_back(trimmed(list.substr(begin, at - begin)));
    begin = at + 1;
  }
  if (auto const last = trimmed(list.substr(begin)); !last.empty()) parts.push_back(last);
  return parts;
}

/// Does '[' begin a lambda here, rather than a subscript or an attribute?
bool begins_lambda(std::string_view code, std::size_t open) {
  auto const before = last_solid(code, open);
  if (before == npos) return true;
  if (code.substr(open).starts_with("[[")) return false;
  auto const word = word_ending_at(code, before);
  if (word == "return" || word == "co_return" || word == "co_await") return true;
  return word.empty() && code[before] != ')' && code[before] != ']' && code[before] != '[';
}

bool owns(std::string_view capture) { return capture != "this" && !capture.starts_with('&'); }

/// The last character of the lambda that begins at `open`; the end of the text if it is not whole.
std::size_t end_of_lambda(std::string_view code, std::size_t open) {
  auto const captures = closing(code, open);
  auto const body = captures == npos ? npos : code.find('{', captures);
  auto const end = body == npos ? npos : closing(code, body);
  return end == npos ? code.size() : end;
}

class Traps {
 public:
  Traps(Source const& source, Findings& found) : source_(source), code_(source.code), found_(found) {}

  void run() {
    for (auto at = find_word(code_, "co_await"); at != npos; at = find_word(code_, "co_await", at + 1)) {
      before(at);
      after(at + 8);
    }
  }

 private:
  void add(std::size_t at, std::string_view rule, std::string_view detail) {
    auto const line = line_of(code_, at);
    if (excused(source_, line, rule)) return;
    found_.push_back({source_.path, line, std::string(rule), std::string(detail)});
  }

  /// From the awaited expression's first character to where it ends.
  void after(std::size_t at) {
    int depth = 0;
    for (; at < code_.size() && code_[at] != ';'; ++at) {
      char const c = code_[at];
      if (c == '[' && begins_lambda(code_, at)) {
        at = lambda(at);
      } else if (c == '{') {
        at = braces(at);
      } else if (c == '(' || c == '[') {
        ++depth;
      } else if (c == ')' || c == ']' || c == '}') {
        if (--depth < 0) return;
      }
    }
  }

  std::size_t lambda(std::size_t open) {
    auto const close = closing(code_, open);
    if (close == npos) return code_.size();
    auto const captures = split(code_.substr(open + 1, close - open - 1));
    if (std::any_of(captures.begin(), captures.end(), owns)) {
      add(open, "co_await-lambda", "g++ 12 destroys its captures twice: name it before the co_await");
    }
    return end_of_lambda(code_, open);
  }

  std::size_t braces(std::size_t open) {
    auto const word = word_ending_at(code_, last_solid(code_, open));
    if (std::find(kSafeBraces.begin(), kSafeBraces.end(), word) == kSafeBraces.end()) {
      add(open, "co_await-braces", "g++ 12 destroys an aggregate made here twice: name it before the co_await");
    }
    auto const close = closing(code_, open);
    return close == npos ? code_.size() : close;
  }

  /// An earlier argument of the same call: `send(Post{…}, co_await …)`.
  void before(std::size_t at) {
    auto const stop = code_.substr(0, at).find_last_of(";{}");
    if (stop == npos || code_[stop] != '}') return;
    auto const next = code_[skip_space(code_, stop + 1)];
    if (next == ',' || next == ')') {
      add(stop, "co_await-braces", "g++ 12 destroys an aggregate made here twice: name it before the co_await");
    }
  }

  Source const& source_;
  std::string_view code_;
  Findings& found_;
};

/// The parameter list of the function whose return type ends at `type_end`; npos if it is none.
std::size_t named_parameters(std::string_view code, std::size_t type_end) {
  auto const name = skip_space(code, type_end + 1);
  auto at = name;
  while (at < code.size() && (is_word(code[at]) || code[at] == ':')) ++at;
  if (word_ending_at(code, at - 1) == "operator") at += 2;  // operator()
  at = skip_space(code, at);
  return at > name && at < code.size() && code[at] == '(' && is_word(code[name]) ? at : npos;
}

/// The same for `(…) -> awaitable<…>`, where `type` is the first character of the type's last word.
std::size_t trailing_parameters(std::string_view code, std::size_t type) {
  auto const arrow = code.substr(0, type).rfind("->");
  if (arrow == npos || code.substr(arrow, type - arrow).find_first_of(";{}(),") != npos) return npos;
  auto last = last_solid(code, arrow);
  for (auto word = word_ending_at(code, last); word == "mutable" || word == "noexcept" || word == "const";
       word = word_ending_at(code, last)) {
    last = last_solid(code, last + 1 - word.size());
  }
  if (last == npos || code[last] != ')') return npos;
  int depth = 0;
  for (auto at = last;; --at) {
    if (code[at] == ')') ++depth;
    if (code[at] == '(' && --depth == 0) return at;
    if (at == 0) return npos;
  }
}

/// Does a body with co_… words follow the parameter list, after `const`, `override` and the like?
bool is_coroutine(std::string_view code, std::size_t after) {
  auto const body = code.find_first_of("{;=", after);
  if (body == npos || code[body] != '{') return false;
  auto const end = closing(code, body);
  auto const text = code.substr(body, end == npos ? end : end - body);
  return find_word(text, "co_await") != npos || find_word(text, "co_return") != npos ||
         find_word(text, "co_yield") != npos;
}

/// A reference to what may be a temporary of the caller, or a view into one.
bool may_dangle(std::string_view parameter) {
  auto const value = parameter.substr(0, parameter.find('='));
  bool const constant = find_word(value, "const") != npos;
  auto const reference = value.find_last_of('&');
  return find_word(value, "string_view") != npos || find_word(value, "span") != npos ||
         (reference != npos && (constant || value.find("&&") != npos));
}

void find_parameters(Source const& source, Findings& found) {
  std::string_view const code = source.code;
  for (auto at = find_word(code, "awaitable"); at != npos; at = find_word(code, "awaitable", at + 1)) {
    if (at + 9 >= code.size() || code[at + 9] != '<') continue;
    auto const type_end = closing(code, at + 9);
    if (type_end == npos) continue;
    auto const trailing = trailing_parameters(code, at);
    auto const open = trailing == npos ? named_parameters(code, type_end) : trailing;
    auto const close = open == npos ? npos : closing(code, open);
    if (close == npos || !is_coroutine(code, std::max(close, type_end))) continue;
    for (auto const parameter : split(code.substr(open + 1, close - open - 1))) {
      auto const line = line_of(code, static_cast<std::size_t>(parameter.data() - code.data()));
      if (!may_dangle(parameter) || excused(source, line, "coroutine-parameter")) continue;
      found.push_back({source.path, line, "coroutine-parameter",
                       "by value, or say why every caller awaits at once: " + std::string(parameter)});
    }
  }
}

}  // namespace

Findings coroutine_traps(Source const& source) {
  Findings found;
  if (!is_cpp(source.path)) return found;
  Traps(source, found).run();
  find_parameters(source, found);
  return found;
}

}  // namespace tocsin::tidy
