// What is allowed and still dangerous.
#include "config/findings.hpp"

#include <algorithm>

#include "tests/config/support.hpp"

using namespace tocsin;
using namespace tocsin::testing;
using namespace std::chrono_literals;

namespace {

// 2026-11-23 03:10 UTC, 11:10 in Shanghai.
Instant const kNow = from_millis(1'795'403'400'000);

std::string const kMail = "mail: {host: smtp.example, port: 587, security: starttls, from: bot@example.com}\n";
std::string const kBeat = "heartbeat: {url: \"https://beat.example/x\"}\n";
std::string const kSlack = "chat: {slack: {app_token: env:SLACK_APP_TOKEN, bot_token: env:SLACK_BOT_TOKEN}}\n";
std::string const kRoles = "roles: {tech-lead: [lead], cto: [boss]}\n";
std::string const kRota = "duty: {rotation: {every: week, people: [ops], start: 2024-01-01, hand_over: 09:00}}\n";

std::string people(std::string const& ops = "identities: {email: o@example.com}") {
  return "people:\n  - {id: ops, name: Ops, " + ops +
         "}\n"
         "  - {id: lead, name: Lead, identities: {email: l@example.com}}\n"
         "  - {id: boss, name: Boss, identities: {email: b@example.com}}\n";
}

std::vector<Notice> found(std::string const& text, std::vector<Override> const& overrides = {}) {
  return findings(loaded(text), overrides, kNow);
}

std::vector<std::string> keys(std::vector<Notice> const& notices) {
  std::vector<std::string> result;
  for (auto const& each : notices) result.push_back(each.key);
  return result;
}

std::string const kSound = people() + kRoles + kRota + kMail + kBeat;

}  // namespace

TEST_CASE("a sound configuration has no findings") { CHECK(keys(found(kSound)).empty()); }

TEST_CASE("each danger is found") {
  struct Case {
    std::string name;
    std::string text;
    std::vector<std::string> expected;
  };
  auto const in_slack =
      "people:\n"
      "  - {id: ops, name: Ops, identities: {slack: U024BE7LH}}\n"
      "  - {id: lead, name: Lead, identities: {slack: U024BE7LJ}}\n"
      "  - {id: boss, name: Boss, identities: {slack: U024BE7LK}}\n";
  for (auto const& row : {
           Case{"nobody hears of the bot's death", people() + kRoles + kRota + kMail, {"finding.no_heartbeat"}},
           Case{"a step pages a role that nobody holds",
                people() + "roles: {tech-lead: [lead]}\n" + kRota + kMail + kBeat,
                {"finding.role_empty"}},
           Case{"somebody in the chain has no address",
                people("identities: {web: ops}") + kRoles + kRota + kMail + kBeat,
                {"finding.inbox_alone"}},
           Case{"no mail server: an address alone reaches nobody",
                people() + kRoles + kRota + kBeat,
                {"finding.inbox_alone", "finding.inbox_alone", "finding.inbox_alone"}},
           Case{"chat alone",
                std::string(in_slack) + kRoles + kRota + kSlack + kMail + kBeat,
                {"finding.chat_alone", "finding.chat_alone"}},
           Case{"one e-mail address among them is enough",
                people("identities: {slack: U024BE7LH}") + kRoles + kRota + kSlack + kMail + kBeat,
                {}},
           Case{"the rota begins later",
                people() + kRoles +
                    "duty: {rotation: {every: week, people: [ops], start: 2026-12-01, hand_over: 09:00}}\n" + kMail +
                    kBeat,
                {"finding.gap"}},
           Case{"no rota, but backups", people() + kRoles + "duty: {backups: [ops]}\n" + kMail + kBeat, {}},
           Case{"the demonstration leaves nothing, so it wakes nobody",
                "mode: demo\n" + people("identities: {web: ops}") + kRoles + kRota,
                {}},
       }) {
    CAPTURE(row.name);
    CHECK(keys(found(row.text)) == row.expected);
  }
}

TEST_CASE("quiet hours that leave the inbox alone are found, with the instant they begin") {
  auto const text =
      people("identities: {email: o@example.com}, quiet: {hours: \"22:00-08:00\", channels: {P0: [inbox]}}") + kRoles +
      kRota + kMail + kBeat;
  auto const notices = found(text);
  REQUIRE(keys(notices) == std::vector<std::string>{"finding.inbox_alone"});
  CHECK(*notices[0].find("who") == Arg{PersonId{"ops"}});
  CHECK(*notices[0].find("severity") == Arg{Severity::p0});
  auto const* from = notices[0].find("from");
  REQUIRE(from != nullptr);
  // 22:00 in Shanghai is 14:00 UTC; seen on a grid of half an hour that starts now.
  auto const begins = from_millis(1'795'442'400'000);
  auto const at = std::get<Instant>(*from);
  CHECK(at >= begins);
  CHECK(at < begins + 30min);
}

TEST_CASE("quiet hours of P2 are nobody's danger") {
  auto const text =
      people("identities: {email: o@example.com}, quiet: {hours: \"22:00-08:00\", channels: {P2: [inbox]}}") + kRoles +
      kRota + kMail + kBeat;
  CHECK(keys(found(text)).empty());
}

TEST_CASE("an override closes a gap, or moves it") {
  auto const text = people() + kRoles +
                    "duty: {rotation: {every: week, people: [ops], start: 2026-12-01, hand_over: 09:00}}\n" + kMail +
                    kBeat;
  auto const starts = from_millis(1'796'086'800'000);  // 2026-12-01 09:00 in Shanghai
  Override const whole{PersonId{"lead"}, kNow - 1h, starts, PersonId{"lead"}};
  CHECK(keys(found(text, {whole})).empty());
  Override const part{PersonId{"lead"}, kNow - 1h, kNow + 5h, PersonId{"lead"}};
  auto const notices = found(text, {part});
  REQUIRE(keys(notices) == std::vector<std::string>{"finding.gap"});
  CHECK(*notices[0].find("from") == Arg{kNow + 5h});
  CHECK(*notices[0].find("to") == Arg{starts});
}

TEST_CASE("the manual's configuration is reachable once its secrets are there; only its death would go unseen") {
  auto const config = loaded(read_file(source_path("config/lawsker.yaml")), "lawsker.yaml");
  CHECK(keys(findings(config, {}, kNow)) == std::vector<std::string>{"finding.no_heartbeat"});
}
