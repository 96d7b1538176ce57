#include "tests/simulation/checks.hpp"

#include <algorithm>
#include <cstdio>
#include <set>
#include <tuple>

#include "incidents/store/audit.hpp"
#include "incidents/store/incidents.hpp"
#include "incidents/target_clock.hpp"

namespace tocsin::simulation {
namespace {

std::string text_of(ModelPage const& page) {
  return "INC-" + std::to_string(page.incident) + " step " + std::to_string(page.step) + " for " + page.person +
         ", due " + stamp(page.due) + ", made " + stamp(page.created) + (page.folded ? ", folded" : "");
}

auto key_of(ModelPage const& page) {
  return std::tuple(page.incident, page.step, page.person, page.due, page.created, page.folded);
}

std::string text_of(ModelMark const& mark) {
  return "INC-" + std::to_string(mark.incident) + (mark.lapse ? " lapse " : " warning ") + stamp(mark.happened);
}

std::string text_of(std::optional<Time> at) { return at ? stamp(*at) : "never"; }

std::optional<Time> millis(std::optional<Instant> at) {
  if (!at) return std::nullopt;
  return to_millis(*at);
}

Verdict verdict_of(ClockState state) {
  switch (state) {
    case ClockState::running:
      return Verdict::running;
    case ClockState::paused:
      return Verdict::paused;
    case ClockState::met:
      return Verdict::met;
    case ClockState::lapsed:
      break;
  }
  return Verdict::lapsed;
}

char const* name_of(Verdict verdict) {
  constexpr std::array kNames{"running", "paused", "met", "lapsed"};
  return kNames[static_cast<std::size_t>(verdict)];
}

/// One clock against the model's: verdict and deadline.
void compare(std::string const& what, TargetClock const& actual, Pauses pauses, ModelClock const& expected,
             std::vector<ModelPause> const& model_pauses, Time now) {
  auto const seen = verdict_of(state_at(actual, pauses, from_millis(now)));
  auto const wanted = verdict(expected, model_pauses, now);
  if (seen != wanted) throw Mismatch("verdict: " + what + " is " + name_of(seen) + ", must be " + name_of(wanted));
  auto const seen_deadline = millis(deadline(actual, pauses));
  auto const wanted_deadline = instant_of(expected, model_pauses, expected.target);
  if (seen_deadline != wanted_deadline)
    throw Mismatch("deadline: " + what + " is " + text_of(seen_deadline) + ", must be " + text_of(wanted_deadline));
  auto const seen_answer = millis(actual.met_at);
  if (seen_answer != expected.met)
    throw Mismatch("answer: " + what + " at " + text_of(seen_answer) + ", must be " + text_of(expected.met));
}

}  // namespace

std::string stamp(Time at) {
  auto since = at - kMonday;
  std::string sign;
  if (since < 0) {
    sign = "-";
    since = -since;
  }
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s%dd %02d:%02d:%02d.%03d", sign.c_str(), static_cast<int>(since / kDay),
                static_cast<int>(since / kHour % 24), static_cast<int>(since / kMinute % 60),
                static_cast<int>(since / kSecond % 60), static_cast<int>(since % kSecond));
  return text.data();
}

void Checks::new_pages(Database& database) {
  std::vector<ModelPage> rows;
  database.each(
      "SELECT id, incident, step, person, due, created, NOT EXISTS (SELECT 1 FROM deliveries WHERE page = pages.id) "
      "FROM pages WHERE id > ?1 ORDER BY id",
      {last_page_}, [&](Row const& row) {
        ModelPage page;
        page.id = row.integer(0);
        page.incident = row.integer(1);
        page.step = static_cast<int>(row.integer(2));
        page.person = row.string(3);
        page.due = row.integer(4);
        page.created = row.integer(5);
        page.folded = row.integer(6) != 0;
        rows.push_back(std::move(page));
      });
  auto& pages = model_.pages;
  for (auto const& row : rows) {
    last_page_ = row.id;
    auto const found = std::find_if(pages.begin() + static_cast<std::ptrdiff_t>(known_pages_), pages.end(),
                                    [&](auto const& each) { return each.id == 0 && key_of(each) == key_of(row); });
    if (found == pages.end()) throw Mismatch("page row: nobody expected " + text_of(row));
    found->id = row.id;
    index_[row.id] = static_cast<std::size_t>(found - pages.begin());
  }
  for (; known_pages_ < pages.size(); ++known_pages_) {
    if (pages[known_pages_].id == 0) throw Mismatch("page row: missing " + text_of(pages[known_pages_]));
  }
}

void Checks::jobs(std::vector<ModelJob> const& expected, std::vector<PageJob> const& actual) const {
  using Line = std::tuple<std::int64_t, std::size_t, int, bool>;
  std::set<Line> wanted;
  std::set<Line> seen;
  for (auto const& job : expected) wanted.emplace(model_.pages[job.page].id, job.position, job.tries, job.may_repeat);
  for (auto const& job : actual) {
    if (!seen.emplace(job.page.value, job.position, job.tries, job.may_repeat).second)
      throw Mismatch("delivery: handed out twice in one look: page " + std::to_string(job.page.value));
  }
  auto const text = [this](Line const& line) {
    auto const& page = model_.pages[index_.at(std::get<0>(line))];
    return page.deliveries[std::get<1>(line)].channel + " try " + std::to_string(std::get<2>(line)) +
           (std::get<3>(line) ? " (may repeat)" : "") + " of " + text_of(page);
  };
  for (auto const& line : seen) {
    if (!wanted.contains(line)) throw Mismatch("delivery: nobody expected " + text(line));
  }
  for (auto const& line : wanted) {
    if (!seen.contains(line)) throw Mismatch("delivery: missing " + text(line));
  }
}

void Checks::incidents(Database& database, Time now) {
  constexpr int kNowAndThen = 10;
  bool const untouched_too = ++steps_ % kNowAndThen == 0;
  std::vector<ModelMark> seen;
  for (auto const& each : model_.incidents) {
    if (!model_.touched.contains(each.id) && (each.over() || !untouched_too)) continue;
    incident(database, each, now);
    new_marks(database, each.id, seen);
  }
  model_.touched.clear();
  auto wanted = std::exchange(model_.marks, {});
  std::sort(wanted.begin(), wanted.end());
  std::sort(seen.begin(), seen.end());
  if (seen == wanted) return;
  std::string text = "timeline:";
  for (auto const& mark : seen) text += " has " + text_of(mark);
  for (auto const& mark : wanted) text += " wants " + text_of(mark);
  throw Mismatch(text);
}

void Checks::every_incident(Database& database, Time now) {
  for (auto const& each : model_.incidents) model_.touched.insert(each.id);
  incidents(database, now);
}

void Checks::new_marks(Database& database, std::int64_t incident, std::vector<ModelMark>& seen) {
  auto& last = last_entry_[incident];
  database.each(
      "SELECT sequence, kind, happened FROM timeline WHERE incident = ?1 AND sequence > ?2", {incident, last},
      [&](Row const& row) {
        if (row.integer(0) != ++last)
          throw Mismatch("timeline: INC-" + std::to_string(incident) + " has no entry " + std::to_string(last));
        auto const kind = row.text(1);
        if (kind == "lapse" || kind == "warning") seen.push_back({incident, kind == "lapse", row.integer(2)});
      });
}

void Checks::incident(Database& database, ModelIncident const& expected, Time now) const {
  auto const actual = store::load_incident(database, IncidentId{expected.id});
  auto const name = "INC-" + std::to_string(expected.id);
  if (!actual) throw Mismatch("incident: " + name + " is not stored");
  if (static_cast<int>(actual->status) != static_cast<int>(expected.stage))
    throw Mismatch("incident: " + name + " is " + std::string(tocsin::name_of(actual->status)) + ", must be " +
                   std::string(tocsin::name_of(static_cast<Status>(expected.stage))));
  if (static_cast<int>(actual->severity) != expected.severity)
    throw Mismatch("incident: " + name + " is " + std::string(tocsin::name_of(actual->severity)) + ", must be P" +
                   std::to_string(expected.severity));
  if (actual->assignee.value != expected.assignee)
    throw Mismatch("incident: " + name + " is assigned to '" + actual->assignee.value + "', must be '" +
                   expected.assignee + "'");
  if (millis(actual->update_due) != expected.update_due)
    throw Mismatch("incident: " + name + " owes an update at " + text_of(millis(actual->update_due)) + ", must be " +
                   text_of(expected.update_due));
  auto const pauses = pauses_of(*actual);
  compare(name + " response", actual->response, pauses, expected.response, expected.pauses, now);
  compare(name + " recovery", actual->recovery, pauses, expected.recovery, expected.pauses, now);
}

void Checks::whole(Database& database) const {
  database.each("SELECT id, state FROM pages", {}, [this](Row const& row) {
    auto const& page = model_.pages[index_.at(row.integer(0))];
    if (row.integer(1) != static_cast<std::int64_t>(page.fate))
      throw Mismatch("fate: " + std::to_string(row.integer(1)) + " instead of " +
                     std::to_string(static_cast<int>(page.fate)) + " of " + text_of(page));
  });
  if (auto const bad = store::verify_audit(database, {}))
    throw Mismatch("audit: row " + std::to_string(bad->sequence) + " is bad");
}

void Checks::settled(Database& database) const {
  auto const none = [&](std::string_view what, std::string_view sql) {
    if (auto const count = database.number(sql).value_or(0); count != 0)
      throw Mismatch("at the end: " + std::to_string(count) + " " + std::string(what));
  };
  none("incidents have something due", "SELECT count(*) FROM incidents WHERE next_due IS NOT NULL");
  none("pages have something due", "SELECT count(*) FROM pages WHERE next_due IS NOT NULL");
  none("deliveries are on their way", "SELECT count(*) FROM deliveries WHERE state IN (0, 1)");
  none("things are still to be said", "SELECT count(*) FROM outbox");
  none("messages have no answer", "SELECT count(*) FROM inbox WHERE state < 2");
  database.each("PRAGMA integrity_check", {}, [](Row const& row) {
    if (row.text(0) != "ok") throw Mismatch("integrity: " + row.string(0));
  });
}

}  // namespace tocsin::simulation
