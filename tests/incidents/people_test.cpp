#include "incidents/people.hpp"

#include "tests/incidents/support.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

constexpr std::size_t kMaxText = 4000;
constexpr auto kNow = kStart + 3min;

Incident open_now(bool hidden = false) {
  auto incident = advanced(opened(Severity::p0), kNow);
  incident.hidden = hidden;
  if (hidden) incident.members = {kAlice};
  return incident;
}

}  // namespace

TEST_CASE("being assigned is told quietly, unless by oneself, and pages nobody") {
  auto const decision = made(assign(open_now(), kCarol, {kBob, kNow}));
  CHECK(decision.next.assignee == kCarol);
  CHECK(decision.next.status == Status::open);
  CHECK(all_of<PageOrder>(decision).empty());
  REQUIRE(all_of<Whisper>(decision).size() == 1);
  CHECK(all_of<Whisper>(decision).front().person == kCarol);
  CHECK(all_of<Whisper>(made(assign(open_now(), kBob, {kBob, kNow}))).empty());
  CHECK(verdict(assign(decision.next, kCarol, {kBob, kNow})) == "refused.already_assigned");
  CHECK(verdict(assign(decision.next, kBob, {kBob, kNow})) == "ok");
}

TEST_CASE("a responder is on the list once") {
  auto const once = made(add_responder(open_now(), kCarol, {kBob, kNow})).next;
  CHECK(made(add_responder(once, kCarol, {kBob, kNow})).next.responders == std::vector{kCarol});
}

TEST_CASE("each role is given and found by its name") {
  for (auto const role : {IncidentRole::commander, IncidentRole::scribe, IncidentRole::communications}) {
    CHECK(incident_role_of(name_of(role)) == role);
    auto const next = made(give_role(open_now(), role, kCarol, {kBob, kNow})).next;
    CHECK((next.commander == kCarol) == (role == IncidentRole::commander));
    CHECK((next.scribe == kCarol) == (role == IncidentRole::scribe));
    CHECK((next.communications == kCarol) == (role == IncidentRole::communications));
  }
  CHECK_FALSE(incident_role_of(""));
  CHECK_FALSE(incident_role_of("Commander"));
}

TEST_CASE("notes have a text, a bound and an instant that can be believed") {
  struct Row {
    char const* name;
    std::string text;
    std::optional<Instant> happened;
    char const* expected;
  };
  for (Row const& row : {
           Row{"plain", "磁盘满了", {}, "ok"},
           Row{"no text", "", {}, "refused.text_missing"},
           Row{"at the bound", std::string(kMaxText, 'x'), {}, "ok"},
           Row{"over the bound", std::string(kMaxText + 1, 'x'), {}, "refused.text_long"},
           Row{"now", "x", kNow, "ok"},
           Row{"in the future", "x", kNow + 1ms, "refused.claim_outside"},
           Row{"before the opening", "x", kStart - 2h, "ok"},
           Row{"a week before the opening", "x", kStart - 24h * 7, "ok"},
           Row{"more than a week before", "x", kStart - 24h * 7 - 1ms, "refused.claim_outside"},
       }) {
    CAPTURE(row.name);
    auto const decided = note(open_now(), row.text, {kBob, kNow}, row.happened);
    CHECK(verdict(decided) == row.expected);
    if (decided.has_error()) continue;
    auto const& entry = decided->timeline.front();
    CHECK(entry.happened == row.happened.value_or(kNow));
    CHECK(entry.recorded == kNow);
    CHECK(std::get<std::string>(*entry.what.find("text")) == row.text);
    CHECK(decided->next.active_at == kNow);
  }
}

TEST_CASE("a correction is an entry of its own that points at the first") {
  auto const decision = made(correct(open_now(), 3, "不是磁盘", {kBob, kNow}));
  CHECK(decision.timeline.front().corrects == 3);
  CHECK(decision.timeline.front().kind == EntryKind::correction);
  CHECK(verdict(correct(open_now(), 3, "", {kBob, kNow})) == "refused.text_missing");
  CHECK(verdict(correct(open_now(), 3, std::string(kMaxText + 1, 'x'), {kBob, kNow})) == "refused.text_long");
}

TEST_CASE("a link is a web address; address and title have a bound") {
  auto const key = [](std::string const& url, std::string const& title) {
    return verdict(link(open_now(), url, title, {kBob, kNow}));
  };
  std::string const prefix = "https://x/";
  CHECK(key("https://grafana/d/1", "面板") == "ok");
  CHECK(key("http://x", "") == "ok");
  CHECK(key("javascript:alert(1)", "") == "refused.not_a_link");
  CHECK(key("", "") == "refused.not_a_link");
  CHECK(key(" https://x", "") == "refused.not_a_link");
  CHECK(key(prefix + std::string(kMaxText - prefix.size(), 'x'), "") == "ok");
  CHECK(key(prefix + std::string(kMaxText - prefix.size() + 1, 'x'), "") == "refused.text_long");
  CHECK(key(prefix, std::string(kMaxText, 'x')) == "ok");
  CHECK(key(prefix, std::string(kMaxText + 1, 'x')) == "refused.text_long");
}

TEST_CASE("a refused link does not repeat a long input") {
  auto const refused = link(open_now(), std::string(100'000, 'x'), "", {kBob, kNow});
  REQUIRE(refused.has_error());
  CHECK(encode(refused.error()).size() < 1000);
}

TEST_CASE("an update promises the next one, or ends the promise") {
  auto const promised = made(update(open_now(), "在查", Millis{15min}, {kBob, kNow}));
  CHECK(stamp(promised.next.update_due) == "18:00");
  CHECK_FALSE(made(update(promised.next, "好了", std::nullopt, {kBob, kNow})).next.update_due);
  CHECK(verdict(update(open_now(), "", std::nullopt, {kBob, kNow})) == "refused.text_missing");
}

TEST_CASE("making an incident private keeps everybody who works on it, once, and nobody else") {
  auto incident = open_now();
  incident.assignee = kBob;
  incident.commander = kBob;
  incident.scribe = kCarol;
  incident.responders = {kCarol, kLead};
  auto const next = made(make_private(incident, {kBob, kNow})).next;
  CHECK(next.hidden);
  CHECK(next.members == std::vector{kBob, kAlice, kCarol, kLead});
  CHECK(may_see(next, kAlice));
  CHECK_FALSE(may_see(next, kCto));
  CHECK_FALSE(may_see(next, kBot));
  CHECK(verdict(make_private(next, {kBob, kNow})) == "refused.already_private");
}

TEST_CASE("whoever is brought into a private incident can see it") {
  for (auto const& next : {made(assign(open_now(true), kCarol, {kAlice, kNow})).next,
                           made(add_responder(open_now(true), kCarol, {kAlice, kNow})).next,
                           made(give_role(open_now(true), IncidentRole::scribe, kCarol, {kAlice, kNow})).next,
                           made(page_person(open_now(true), kCarol, "", 0, {kAlice, kNow})).next}) {
    CHECK(may_see(next, kCarol));
    CHECK_FALSE(may_see(next, kCto));
  }
}

TEST_CASE("a call by hand is a page of its own each time") {
  auto const decision = made(page_person(open_now(), kCarol, "懂数据库", 3, {kBob, kNow}));
  auto const pages = all_of<PageOrder>(decision);
  REQUIRE(pages.size() == 1);
  CHECK(pages.front().step == kStepManual);
  CHECK(pages.front().occurrence == 3);
  CHECK(std::get<std::string>(*pages.front().text.find("reason")) == "懂数据库");
  CHECK(std::get<PersonId>(*pages.front().text.find("by")) == kBob);
}

TEST_CASE("escalating calls the next step now, and that step does not fire again") {
  auto const decision = made(escalate(open_now(), std::nullopt, "搞不定", 0, FakeRoster{}, {kBob, kNow}));
  CHECK(pages_in(decision) == std::vector<std::string>{"3:00 step 2#0 li.lei"});
  auto const run = run_until(decision.next, kStart + 10min);
  CHECK(run.pages ==
        std::vector<std::string>{"5:00 step 1#1 alice", "10:00 step 1#2 alice", "10:00 step 3#0 wang-fang"});
  auto const again = made(escalate(decision.next, std::nullopt, "", 0, FakeRoster{}, {kBob, kNow}));
  CHECK(pages_in(again) == std::vector<std::string>{"3:00 step 3#0 wang-fang"});
}

TEST_CASE("escalating to a level: within the levels, by hand once the step has fired") {
  auto const level = [](std::int32_t n) { return escalate(open_now(), n, "", 7, FakeRoster{}, {kBob, kNow}); };
  CHECK(verdict(level(0)) == "refused.no_such_level");
  CHECK(verdict(level(-1)) == "refused.no_such_level");
  CHECK(verdict(level(6)) == "refused.no_such_level");
  CHECK(verdict(level(std::numeric_limits<std::int32_t>::max())) == "refused.no_such_level");
  CHECK(pages_in(made(level(5))) == std::vector<std::string>{"3:00 step 5#0 li.lei", "3:00 step 5#0 wang-fang"});
  CHECK(pages_in(made(level(1))) == std::vector<std::string>{"3:00 step 0#7 alice"});  // it fired at the opening
}

TEST_CASE("escalating finds the backups when nobody holds the role, and refuses when there are none") {
  FakeRoster roster;
  roster.roles["tech-lead"].clear();
  CHECK(pages_in(made(escalate(open_now(), 2, "", 0, roster, {kBob, kNow}))) ==
        std::vector<std::string>{"3:00 step 2#0 spare"});
  roster.spares.clear();
  CHECK(verdict(escalate(open_now(), 2, "", 0, roster, {kBob, kNow})) == "refused.nobody_above");
}

TEST_CASE("escalating a drill calls those who agreed, and nobody else") {
  auto incident = open_now();
  incident.drill = true;
  CHECK(pages_in(made(escalate(incident, 2, "", 0, FakeRoster{}, {kBob, kNow}))) ==
        std::vector<std::string>{"3:00 step 2#0 alice"});
  incident.drill_pages = {kCarol};
  CHECK(pages_in(made(escalate(incident, 2, "", 0, FakeRoster{}, {kBob, kNow}))) ==
        std::vector<std::string>{"3:00 step 2#0 carol"});
}

TEST_CASE("escalating an acknowledged incident goes on with the recovery's steps") {
  auto const incident = made(acknowledge(open_now(), {kBob, kNow})).next;
  CHECK(pages_in(made(escalate(incident, std::nullopt, "", 0, FakeRoster{}, {kBob, kNow}))) ==
        std::vector<std::string>{"3:00 step 4#0 li.lei"});
}
