// Looking things up in a configuration, and what a user's value must look like.
#include "config/parameter.hpp"
#include "tests/config/catalogue_support.hpp"
#include "tests/config/support.hpp"

using namespace tocsin;
using namespace tocsin::testing;
using namespace std::chrono_literals;

TEST_CASE("what a file leaves out has the declared default") { CHECK(loaded("mode: production") == Config{}); }

TEST_CASE("the default chain is the one of the manual") {
  auto const table = default_policies();
  auto const& p0 = table[0];
  REQUIRE(p0.steps.size() == 5);
  CHECK(p0.steps[0] ==
        EscalationStep{Target::response, 0, {{Recipient::Kind::role, "duty"}}, Millis{5min}, Until::acknowledged});
  CHECK(p0.steps[1] ==
        EscalationStep{Target::response, 100, {{Recipient::Kind::role, "tech-lead"}}, {}, Until::acknowledged});
  CHECK(p0.steps[2] ==
        EscalationStep{Target::response, 200, {{Recipient::Kind::role, "cto"}}, {}, Until::acknowledged});
  CHECK(p0.steps[3] ==
        EscalationStep{Target::recovery, 80, {{Recipient::Kind::role, "tech-lead"}}, {}, Until::mitigated});
  CHECK(p0.steps[4].page.size() == 2);
  CHECK(p0.idle_page == Millis{10min});
  CHECK(table[1].steps == p0.steps);
  CHECK_FALSE(table[1].idle_page.has_value());
  CHECK_FALSE(table[2].steps[0].repeat_every.has_value());
  CHECK(table[2] == table[3]);
}

TEST_CASE("off means none, and the default can be switched off") {
  auto const config = loaded("guard: {rate_limit: off, break_glass_after: off}\nescalation: {P0: {idle: off}}");
  CHECK_FALSE(config.guard.rate_limit.has_value());
  CHECK_FALSE(config.guard.break_glass_after.has_value());
  CHECK_FALSE(config.escalation[0].idle_page.has_value());
  CHECK(loaded(print(config)) == config);
}

TEST_CASE("a step may page a person, and the zone of the rotation is that of the bot") {
  auto const config = loaded(
      "time_zone: Europe/Berlin\npeople: [{id: a, name: A}]\nroles: {cto: [a]}\n"
      "duty: {rotation: {people: [a], start: 2024-01-01}}\n"
      "escalation: {P2: {steps: [{at: 50% of recovery, page: [duty, cto, a]}]}}");
  CHECK(config.duty.schedule.rotation->zone == "Europe/Berlin");
  auto const& page = config.escalation[2].steps[0].page;
  CHECK(page == std::vector<Recipient>{
                    {Recipient::Kind::role, "duty"}, {Recipient::Kind::role, "cto"}, {Recipient::Kind::person, "a"}});
}

TEST_CASE("channels: by severity, quiet hours looked at, nothing that can not be served") {
  auto const config = loaded(R"(
people:
  - id: a
    name: A
    identities: {email: a@x.org}
    channels: {P0: [email, inbox], P3: [inbox]}
    quiet: {hours: "22:00-08:00", channels: {P0: [email], P2: [inbox]}}
  - {id: b, name: B, zone: Europe/Berlin, quiet: {hours: "22:00-08:00", channels: [inbox]},
     identities: {email: b@x.org}}
  - {id: c, name: C}
mail: {host: localhost, from: bot@x.org}
)");
  struct Row {
    char const* name;
    char const* person;
    Severity severity;
    Instant when;
    std::vector<Channel> channels;
  };
  auto const email = Channel::email;
  auto const inbox = Channel::inbox;
  for (Row const& row : {Row{"by day", "a", Severity::p0, at(12, 0), {email, inbox}},
                         Row{"by night", "a", Severity::p0, at(3, 0), {email}},
                         Row{"the first quiet minute", "a", Severity::p0, at(22, 0), {email}},
                         Row{"the minute before", "a", Severity::p0, at(21, 59), {email, inbox}},
                         Row{"the last quiet minute", "a", Severity::p0, at(7, 59), {email}},
                         Row{"the first minute after", "a", Severity::p0, at(8, 0), {email, inbox}},
                         Row{"a severity that quiet hours leave alone", "a", Severity::p3, at(3, 0), {inbox}},
                         Row{"no list of one's own: all there is", "a", Severity::p1, at(12, 0), {email, inbox}},
                         Row{"no list, at night", "a", Severity::p2, at(3, 0), {inbox}},
                         Row{"quiet in one's own zone", "b", Severity::p0, at(6, 0), {inbox}},  // 23:00 in Berlin
                         Row{"not quiet in one's own zone", "b", Severity::p0, at(3, 0), {email, inbox}},  // 20:00
                         Row{"no address at all", "c", Severity::p0, at(3, 0), {inbox}}}) {
    CAPTURE(row.name);
    CHECK(config.channels(*config.person(PersonId{row.person}), row.severity, row.when) == row.channels);
  }
  CHECK(config.zone_of(PersonId{"b"}) == "Europe/Berlin");
  CHECK(config.zone_of(PersonId{"a"}) == "Asia/Shanghai");
  CHECK(config.locale_of(PersonId{"nobody"}) == Locale::zh_cn);
}

TEST_CASE("maintenance windows: weekly, over midnight, in their zone") {
  auto const open = [](char const* when, Instant moment) {
    return loaded(std::string("maintenance: [{when: \"") + when + "\"}]").maintenance_at(moment) != nullptr;
  };
  using std::chrono::days;
  auto const sunday = at(0, 0) - days{1};  // the 23rd is a Monday
  CHECK(open("sunday 02:00-04:00", sunday + 2h));
  CHECK(open("sunday 02:00-04:00", sunday + 4h - 1ms));
  CHECK_FALSE(open("sunday 02:00-04:00", sunday + 4h));
  CHECK_FALSE(open("sunday 02:00-04:00", sunday + 2h - 1ms));
  CHECK_FALSE(open("sunday 02:00-04:00", at(3, 0)));
  CHECK(open("daily 02:00-04:00", at(3, 0)));
  CHECK(open("sunday 23:00-01:00", sunday + 23h));
  CHECK(open("sunday 23:00-01:00", sunday + 24h + 30min));
  CHECK_FALSE(open("sunday 23:00-01:00", sunday + 30min));
  CHECK_FALSE(open("monday 23:00-01:00", sunday + 24h + 30min));
}

TEST_CASE("what a user types for a parameter is checked, or handed over as it is meant") {
  auto const config =
      loaded("services: [{name: backend, aliases: [后端]}]\nlogs: [{name: error, path: e.log, aliases: [错误]}]");
  ActionParameter word;
  word.name = "p";
  auto number = word;
  number.type = ParameterType::number;
  number.min = 5;
  number.max = 50;
  auto choice = word;
  choice.type = ParameterType::choice;
  choice.choices = {"1h", "24h"};
  auto service = word;
  service.type = ParameterType::service;
  auto log = word;
  log.type = ParameterType::log;
  auto identifier = word;
  identifier.type = ParameterType::text;
  auto version = identifier;
  version.characters = CharacterClass::version;
  auto plain = identifier;
  plain.characters = CharacterClass::plain;

  struct Row {
    ActionParameter const& parameter;
    std::string typed;
    std::string result;  ///< the value, or the refusal's key
  };
  for (Row const& row : std::vector<Row>{{word, "nginx-1.2_x", "nginx-1.2_x"},
                                         {word, "", "parameter.missing"},
                                         {word, "-rf", "parameter.dash"},
                                         {word, "--help", "parameter.dash"},
                                         {word, "..", "parameter.word"},
                                         {word, "../etc", "parameter.word"},
                                         {word, "a b", "parameter.word"},
                                         {word, "a;b", "parameter.word"},
                                         {word, "$(id)", "parameter.word"},
                                         {word, "后端", "parameter.word"},
                                         {word, std::string("a\0b", 3), "parameter.word"},
                                         {word, std::string(64, 'x'), std::string(64, 'x')},
                                         {word, std::string(65, 'x'), "parameter.long"},
                                         {number, "5", "5"},
                                         {number, "50", "50"},
                                         {number, "007", "7"},
                                         {number, "4", "parameter.number"},
                                         {number, "51", "parameter.number"},
                                         {number, "-5", "parameter.number"},
                                         {number, "5x", "parameter.number"},
                                         {number, "99999999999999999999", "parameter.number"},
                                         {choice, "24h", "24h"},
                                         {choice, "48h", "parameter.choice"},
                                         {service, "后端", "backend"},
                                         {service, "BACKEND", "backend"},
                                         {service, "frontend", "parameter.service"},
                                         {log, "错误", "error"},
                                         {log, "e.log", "parameter.log"},
                                         {identifier, "user_1", "user_1"},
                                         {identifier, "user-1", "parameter.identifier"},
                                         {version, "v2.8.1-rc+3", "v2.8.1-rc+3"},
                                         {version, ".hidden", "parameter.version"},
                                         {version, "-v", "parameter.dash"},
                                         {plain, "网站 打不开 (again)", "网站 打不开 (again)"},
                                         {plain, "a/b", "parameter.plain"},
                                         {plain, "a\\b", "parameter.plain"},
                                         {plain, "a\nb", "parameter.plain"},
                                         {plain,
                                          "a\xE2\x80\xAE"
                                          "b",
                                          "parameter.plain"},
                                         {plain, "\xFF", "parameter.plain"},
                                         {plain, "-x", "parameter.dash"}}) {
    CAPTURE(row.typed);
    auto const accepted = accept(row.parameter, row.typed, config);
    CHECK((accepted ? *accepted : accepted.error().key) == row.result);
  }
}

TEST_CASE("arguments of a program: a parameter whole, or right after fixed text") {
  CHECK(parse_argument("ps") == Argument{"ps", ""});
  CHECK(parse_argument("{lines}") == Argument{"", "lines"});
  CHECK(parse_argument("--tail={lines}") == Argument{"--tail=", "lines"});
  CHECK(parse_argument("{{.Names}}") == Argument{"{.Names}", ""});
  CHECK(parse_argument("") == Argument{"", ""});
  for (char const* text : {"{", "}", "{a}{b}", "{a}x", "{a b}", "{}", "a}b"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_argument(text).has_value());
  }
  for (char const* text : {"ps", "{lines}", "--tail={lines}", "{{.Names}}"})
    CHECK(print(*parse_argument(text)) == text);
}
