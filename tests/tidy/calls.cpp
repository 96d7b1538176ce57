#include <algorithm>
#include <array>
#include <string>

#include "tests/tidy/rules.hpp"

namespace tocsin::tidy {
namespace {

using Names = std::vector<std::string_view>;

/// Names that may stand in their homes only. A home is the beginning of a path.
struct Ban {
  std::string_view rule;
  Names words;  ///< wherever they stand
  Names calls;  ///< only where the C function of that name is called
  Names homes;
};

std::vector<Ban> const& table() {
  static std::vector<Ban> const rows{
      {"wall-clock",
       {"system_clock::now", "high_resolution_clock", "std::time", "time(nullptr)"},
       {"gettimeofday", "clock_gettime"},
       {"bot/clock.", "tests/"}},
      // Deadlines of what waits: adapters, and the few places that join several of them.
      {"monotonic-clock",
       {"steady_clock::now"},
       {},
       {"integrations/", "bot/clock.", "bot/doctor/side_by_side.", "commands/action_run.", "commands/diagnosis.",
        "incidents/store/writer.", "tests/"}},
      {"environment", {}, {"getenv", "secure_getenv", "setenv", "putenv"}, {"bot/environment.", "tests/"}},
      {"sleep", {"sleep_for", "sleep_until"}, {"sleep", "usleep", "nanosleep"}, {}},
      {"shell", {}, {"system", "popen", "wordexp"}, {}},
      {"chance", {"random_device"}, {"RAND_bytes", "getrandom", "arc4random"}, {"bot/"}},
      {"chance", {}, {"rand", "srand", "random"}, {"tests/"}},
      {"stdout",
       {"std::cout", "fmt::print", "fprintf(stdout"},
       {"printf", "vprintf", "puts", "putchar"},
       {"bot/", "tests/"}},
  };
  return rows;
}

/// integrations/postgres asks another system's catalogues, with bound parameters; it stores nothing of ours.
Names const kSqlHomes{"incidents/store/", "integrations/postgres/", "tests/"};
Names const kSqlWords{"SELECT",      "INSERT INTO", "INSERT OR",   "DELETE FROM", "CREATE TABLE",    "CREATE INDEX",
                      "ALTER TABLE", "DROP TABLE",  "CREATE VIEW", "ON CONFLICT", "BEGIN IMMEDIATE", "PRAGMA"};

bool begins_with_any(std::string_view path, Names const& homes) {
  return std::any_of(homes.begin(), homes.end(), [path](std::string_view home) { return path.starts_with(home); });
}

/// Can an expression begin after this word? After any other, `word name(` declares a function.
bool begins_expression(std::string_view word) {
  constexpr std::array kWords{"return", "co_return", "co_await", "co_yield", "else", "do",
                              "case",   "throw",     "and",      "or",       "not"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

/// The function of the C library: not a member, not another namespace's, not a declaration.
bool calls_c_function(std::string_view code, std::size_t at, std::size_t size) {
  auto const open = skip_space(code, at + size);
  if (open >= code.size() || code[open] != '(') return false;
  auto before = code.substr(0, at);
  auto const trim = [&before] {
    while (!before.empty() && (before.back() == ' ' || before.back() == '\n')) before.remove_suffix(1);
  };
  auto const last_word = [&before] {
    auto begin = before.size();
    while (begin > 0 && is_word(before[begin - 1])) --begin;
    return before.substr(begin);
  };
  trim();
  if (before.ends_with('.') || before.ends_with("->")) return false;
  if (before.ends_with("::")) {
    before.remove_suffix(2);
    return last_word().empty() || last_word() == "std";
  }
  return last_word().empty() || begins_expression(last_word());
}

void find_bans(Source const& source, Findings& found) {
  auto const add = [&](std::size_t at, std::string_view rule, std::string_view word) {
    found.push_back(
        {source.path, line_of(source.code, at), std::string(rule), std::string(word) + " has no place here"});
  };
  for (auto const& ban : table()) {
    if (begins_with_any(source.path, ban.homes)) continue;
    for (auto const word : ban.words) {
      for (auto at = find_word(source.code, word); at != std::string::npos; at = find_word(source.code, word, at + 1)) {
        add(at, ban.rule, word);
      }
    }
    for (auto const call : ban.calls) {
      for (auto at = find_word(source.code, call); at != std::string::npos; at = find_word(source.code, call, at + 1)) {
        if (calls_c_function(source.code, at, call.size())) add(at, ban.rule, call);
      }
    }
  }
}

void find_sql(Source const& source, Findings& found) {
  if (begins_with_any(source.path, kSqlHomes)) return;
  for (auto const word : kSqlWords) {
    auto const at = find_word(source.literals, word);
    if (at == std::string::npos) continue;
    found.push_back({source.path, line_of(source.code, at), "sql", "SQL belongs to incidents/store/"});
  }
}

/// `catch (...) {}`, whatever the comment inside says: the world broke and nobody is told.
void find_swallowed(Source const& source, Findings& found) {
  std::string_view const code = source.code;
  for (auto at = find_word(code, "catch"); at != std::string_view::npos; at = find_word(code, "catch", at + 1)) {
    auto where = at + 5;
    bool matches = true;
    for (auto const part : {"(", "...", ")", "{", "}"}) {
      where = skip_space(code, where);
      matches = matches && code.substr(where).starts_with(part);
      where += std::string_view(part).size();
      if (!matches) break;
    }
    if (matches) found.push_back({source.path, line_of(code, at), "swallowed", "an exception ends here unseen"});
  }
}

}  // namespace

Findings banned_calls(Source const& source) {
  Findings found;
  if (!is_cpp(source.path)) return found;
  find_bans(source, found);
  find_sql(source, found);
  find_swallowed(source, found);
  return found;
}

}  // namespace tocsin::tidy
