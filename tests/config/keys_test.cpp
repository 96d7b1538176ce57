// Every key that the code names has its words: those written whole, and those put together from a prefix and a name.
#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "config/people.hpp"
#include "config/rights.hpp"
#include "incidents/incident.hpp"
#include "incidents/page.hpp"
#include "incidents/people.hpp"
#include "tests/config/catalogue_support.hpp"
#include "tests/config/sources.hpp"

using namespace tocsin;
using namespace tocsin::testing;

namespace {

/// Keys of notices that are records (of a message, a room), or are replaced by something else before they are worded.
std::set<std::string> const kNeverWorded{"card",    "message",  "say",    "code",     "table", "row",
                                         "buttons", "button",   "fields", "progress", "file",  "room",
                                         "damaged", "incident", "pause",  "p",        "s"};
/// A name of a file may look like a key.
constexpr std::array kFileEndings{".html", ".yaml", ".md", ".js", ".css", ".txt", ".json", ".sql", ".svg"};

bool is_key(std::string_view text) {
  return !text.empty() && text.front() >= 'a' && text.front() <= 'z' &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-. ") == std::string_view::npos;
}

bool is_file(std::string_view text) {
  return std::any_of(kFileEndings.begin(), kFileEndings.end(), [text](char const* end) { return text.ends_with(end); });
}

/// The first parts of all keys: "refused", "incident", …
std::set<std::string> families() {
  std::set<std::string> all;
  for (auto const& key : shipped_catalogue().keys()) {
    if (auto const dot = key.find('.'); dot != std::string::npos) all.insert(key.substr(0, dot));
  }
  return all;
}

/// `Notice("`, `Notice notice("`; not `FooNotice("`.
bool in_notice(std::string const& before) {
  if (!before.ends_with('(')) return false;
  auto name = std::string_view(before).substr(0, before.size() - 1);
  auto const at = name.rfind("Notice");
  if (at == name.npos ||
      (at > 0 && (std::isalnum(static_cast<unsigned char>(name[at - 1])) != 0 || name[at - 1] == '_')))
    return false;
  return std::all_of(name.begin() + static_cast<std::ptrdiff_t>(at), name.end(),
                     [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == ' '; });
}

bool in_call(std::string const& before, std::string const& function) {
  auto const call = function + "(";
  if (!before.ends_with(call)) return false;
  auto const at = before.size() - call.size();
  return at == 0 || (std::isalnum(static_cast<unsigned char>(before[at - 1])) == 0 && before[at - 1] != '_');
}

struct Named {
  std::string key;
  bool whole = true;  ///< else a prefix that something is added to
};

/// The key that a literal names, if it does.
std::optional<Named> key_named(Literal const& literal, std::set<std::string> const& known_families) {
  auto const& text = literal.text;
  if (!is_key(text) || literal.continues()) return std::nullopt;
  if (in_call(literal.before, "refusal")) return Named{"refused." + text, !literal.goes_on()};
  if (in_notice(literal.before) || in_call(literal.before, "about")) return Named{text, !literal.goes_on()};
  // Anywhere else (behind a question mark, in a variable), what looks like a key of a known family is one.
  auto const dot = text.find('.');
  if (dot == std::string::npos || known_families.count(text.substr(0, dot)) == 0 || is_file(text)) return std::nullopt;
  return Named{text, !literal.goes_on() && !text.ends_with('.') && !text.ends_with('_')};
}

bool worded(Named const& named) {
  if (kNeverWorded.count(named.key) > 0) return true;
  auto const keys = shipped_catalogue().keys();
  if (named.whole) return std::find(keys.begin(), keys.end(), named.key) != keys.end();
  return std::any_of(keys.begin(), keys.end(), [&](auto const& key) { return key.starts_with(named.key); });
}

/// What a source names and the catalogues lack, as "file:line key".
std::vector<std::string> unworded(std::vector<Literal> const& literals) {
  auto const known = families();
  std::vector<std::string> missing;
  for (auto const& literal : literals) {
    auto const named = key_named(literal, known);
    if (named && !worded(*named)) missing.push_back(literal.where() + " " + named->key);
  }
  return missing;
}

std::string joined(std::vector<std::string> const& lines) {
  std::string text;
  for (auto const& line : lines) text += "\n" + line;
  return text;
}

template <class Enum, std::size_t n>
std::vector<std::string> names(std::array<Enum, n> const& values) {
  std::vector<std::string> all;
  for (auto const value : values) all.emplace_back(name_of(value));
  return all;
}

template <std::size_t n>
std::vector<std::string> names(std::array<std::string_view, n> const& words) {
  return {words.begin(), words.end()};
}

}  // namespace

TEST_CASE("every key that the sources name has words in both languages") {
  // The catalogues load only when both have the same keys, so one look-up answers for both.
  auto const literals = literals_in({"incidents", "config", "commands", "bot"});
  CHECK(literals.size() > 1000);
  auto const missing = unworded(literals);
  CHECK_MESSAGE(missing.empty(), joined(missing));
}

TEST_CASE("the search for keys finds what it is for") {
  struct Row {
    char const* code;
    std::vector<std::string> missing;
  };
  for (Row const& row : {
           Row{"auto n = Notice(\"no.such_key\");", {"f.cpp:1 no.such_key"}},
           Row{"\n\nNotice text(\"nonsense\");", {"f.cpp:3 nonsense"}},
           Row{"Notice(\"incident.closed\").with(\"who\", x);", {}},
           Row{"return refusal(\"no_such_reason\", incident);", {"f.cpp:1 refused.no_such_reason"}},
           Row{"return refusal(\"same_severity\", incident);", {}},
           Row{"about(\"incident.nonsense\", incident)", {"f.cpp:1 incident.nonsense"}},
           Row{"Notice(x ? \"audit.whole\" : \"audit.half\")", {"f.cpp:1 audit.half"}},
           Row{"Notice(\"channel.\" + name)", {}},
           Row{"Notice(\"no_such_prefix.\" + name)", {"f.cpp:1 no_such_prefix."}},
           Row{"Notice(\"timeline.\" + clock + \"_lapsed\")", {}},
           Row{"// Notice(\"no.such_key\")\n/* Notice(\"no.such_key\") */", {}},
           Row{"auto c = '\"'; Notice(\"no.such_key\");", {"f.cpp:1 no.such_key"}},
           Row{"auto r = R\"(\"x\")\"; Notice(\"no.such_key\");", {"f.cpp:1 no.such_key"}},
           Row{"auto page = asset(\"ack.html\");", {}},
       }) {
    CAPTURE(row.code);
    CHECK(unworded(literals_of("f.cpp", row.code)) == row.missing);
  }
}

TEST_CASE("every key that is put together has words for each of its names") {
  auto const statuses =
      names(std::array{Status::open, Status::acknowledged, Status::mitigated, Status::resolved, Status::closed});
  auto const page_states =
      names(std::array{PageState::queued, PageState::sending, PageState::accepted, PageState::delivered,
                       PageState::seen, PageState::acknowledged, PageState::failed, PageState::superseded});
  auto const clock_states =
      names(std::array{ClockState::running, ClockState::paused, ClockState::met, ClockState::lapsed});
  auto const deliveries = names(std::array{DeliveryState::waiting, DeliveryState::sending, DeliveryState::accepted,
                                           DeliveryState::failed, DeliveryState::skipped});
  std::vector<std::string> const run_states{"running", "verified", "ran", "failed", "stopped", "undone", "interrupted"};
  std::vector<std::string> const outcomes{"ran", "verified", "failed", "stopped", "undone"};
  struct Row {
    char const* prefix;
    std::vector<std::string> names;
  };
  for (Row const& row : {
           Row{"card.head_", statuses},
           Row{"status.", statuses},
           Row{"word.", statuses},
           Row{"card.paged_", page_states},
           Row{"page_state.", page_states},
           Row{"delivery.", deliveries},
           Row{"clock.", clock_states},
           Row{"word.", clock_states},
           Row{"role_of.", names(Names<Role>::kAll)},
           Row{"effect.", names(Names<Effect>::kAll)},
           Row{"channel.", names(Names<Channel>::kAll)},
           Row{"role.", names(std::array{IncidentRole::commander, IncidentRole::scribe, IncidentRole::communications})},
           Row{"run_word.", run_states},
           Row{"run.", outcomes},
           Row{"timeline.run_", outcomes},
           Row{"look.", {"ran", "verified", "failed", "stopped"}},  // what only looks has nothing to undo
           Row{"timeline.", {"response_warning", "recovery_warning", "response_lapsed", "recovery_lapsed"}},
           Row{"warning.", {"response", "recovery"}},
           Row{"lapse.", {"response", "recovery"}},
           Row{"health_is.",
               {"ok", "slow", "wrong_status", "redirect", "marker_missing", "certificate", "refused", "timed_out",
                "unresolved", "unreachable", "closed", "invalid"}},
           Row{"reach.", {"refused", "timed_out", "unreachable", "unresolved", "stopped"}},
           Row{"mark.", {"drill", "late", "may_repeat", "redacted"}},
       }) {
    for (auto const& name : row.names) {
      auto const key = row.prefix + name;
      CAPTURE(key);
      CHECK(shipped_catalogue().has(key));
    }
  }
}

TEST_CASE("every command has its line of help, and every line of help its command") {
  std::set<std::string> commands{"declared", "declared_read", "head", "one"};
  for (auto const& literal : literals_in({"commands/verbs"})) {
    if (!in_call(literal.before, "verb") && !in_call(literal.before, "look")) continue;
    commands.insert(literal.text);
    CHECK_MESSAGE(shipped_catalogue().has("help." + literal.text), literal.where() << " help." << literal.text);
  }
  CHECK(commands.size() > 40);
  for (auto const& key : shipped_catalogue().keys()) {
    if (key.starts_with("help.")) CHECK_MESSAGE(commands.count(key.substr(5)) == 1, key);
  }
}

TEST_CASE("every button of a card has its label") {
  int found = 0;
  for (auto const& literal : literals_in({"commands"})) {
    if (literal.file != "commands/card.cpp" || literal.before.find("add(Button::Style::") == std::string::npos)
      continue;
    if (!literal.before.ends_with("primary,") && !literal.before.ends_with("plain,")) continue;
    ++found;
    CHECK_MESSAGE(shipped_catalogue().has("button." + literal.text), literal.where() << " button." << literal.text);
  }
  CHECK(found >= 10);
}
