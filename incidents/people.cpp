#include "incidents/people.hpp"

#include <algorithm>
#include <array>

#include "incidents/advance.hpp"
#include "incidents/decision.hpp"
#include "incidents/drill.hpp"

namespace tocsin {
namespace {

using namespace deciding;

constexpr std::array<std::string_view, 3> kRoleNames{"commander", "scribe", "communications"};
constexpr auto kOldestNote = std::chrono::days{7};

std::optional<Notice> unfit_text(Incident const& incident, std::string const& text) {
  if (text.empty()) return refusal("text_missing", incident);
  if (text.size() > kMaxNoteBytes) return refusal("text_long", incident).with("limit", std::int64_t{kMaxNoteBytes});
  return std::nullopt;
}

/// At most a line of foreign input in a refusal, cut between two characters (UTF-8).
std::string beginning_of(std::string const& text) {
  std::size_t length = std::min(text.size(), std::size_t{80});
  while (length > 0 && length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U) --length;
  return text.substr(0, length);
}

Notice over(Incident const& incident) {
  return refusal("already_over", incident).with("status", std::string(name_of(incident.status)));
}

/// A reason is text as typed, or words of the catalogue; empty text is none.
bool is_given(Arg const& reason) {
  auto const* text = std::get_if<std::string>(&reason);
  return text == nullptr || !text->empty();
}

PageOrder called(Incident const& incident, PersonId const& who, std::int32_t step, std::int32_t occurrence,
                 Arg const& reason, Circumstances const& now) {
  auto text = about("page.called", incident).with("who", who).with("by", now.by);
  if (is_given(reason)) text.with("reason", reason);
  if (auto const by = deadline(incident.recovery, pauses_of(incident))) text.with("recover_by", *by);
  return {step, occurrence, who, std::move(text), now.now, false};
}

}  // namespace

std::string_view name_of(IncidentRole role) noexcept { return kRoleNames[static_cast<std::size_t>(role)]; }

std::optional<IncidentRole> incident_role_of(std::string_view name) noexcept {
  auto const found = std::find(kRoleNames.begin(), kRoleNames.end(), name);
  if (found == kRoleNames.end()) return std::nullopt;
  return static_cast<IncidentRole>(found - kRoleNames.begin());
}

Decided<Decision> assign(Incident const& incident, PersonId const& to, Circumstances const& now) {
  if (!is_live(incident)) return over(incident);
  if (incident.assignee == to) return refusal("already_assigned", incident).with("who", to);
  auto decision = begin(incident, now);
  decision.next.assignee = to;
  if (incident.hidden) add_unique(decision.next.members, to);
  decision.undoable = true;
  record(decision, EntryKind::assigned, now, Notice("timeline.assigned").with("who", to));
  decision.answer = about("incident.assigned", decision.next).with("who", to).with("by", now.by);
  decision.outgoing.emplace_back(Announcement{decision.answer});
  if (to != now.by) decision.outgoing.emplace_back(Whisper{to, decision.answer});
  return decision;
}

Decided<Decision> add_responder(Incident const& incident, PersonId const& who, Circumstances const& now) {
  if (!is_live(incident)) return over(incident);
  auto decision = begin(incident, now);
  add_unique(decision.next.responders, who);
  if (incident.hidden) add_unique(decision.next.members, who);
  record(decision, EntryKind::assigned, now, Notice("timeline.responder").with("who", who));
  decision.answer = about("incident.responder", decision.next).with("who", who).with("by", now.by);
  if (who != now.by) decision.outgoing.emplace_back(Whisper{who, decision.answer});
  return decision;
}

Decided<Decision> give_role(Incident const& incident, IncidentRole role, PersonId const& to, Circumstances const& now) {
  if (!is_live(incident)) return over(incident);
  auto decision = begin(incident, now);
  auto& next = decision.next;
  (role == IncidentRole::commander ? next.commander
   : role == IncidentRole::scribe  ? next.scribe
                                   : next.communications) = to;
  if (incident.hidden) add_unique(next.members, to);
  std::vector<Notice> const role_word{Notice("role." + std::string(name_of(role)))};
  record(decision, EntryKind::role, now, Notice("timeline.role").with("role", role_word).with("who", to));
  decision.answer = about("incident.role", next).with("role", role_word).with("who", to);
  decision.outgoing.emplace_back(Announcement{decision.answer});
  return decision;
}

Decided<Decision> note(Incident const& incident, std::string const& text, Circumstances const& now,
                       std::optional<Instant> happened) {
  if (auto refused = unfit_text(incident, text)) return std::move(*refused);
  if (happened && (*happened > now.now || *happened < incident.opened_at - kOldestNote))
    return refusal("claim_outside", incident).with("from", incident.opened_at - kOldestNote).with("to", now.now);
  auto decision = begin(incident, now);
  record(decision, EntryKind::note, now, Notice("timeline.note").with("text", text), happened);
  decision.answer = about("incident.noted", incident).with("at", happened.value_or(now.now));
  return decision;
}

Decided<Decision> correct(Incident const& incident, std::int64_t sequence, std::string const& text,
                          Circumstances const& now) {
  if (auto refused = unfit_text(incident, text)) return std::move(*refused);
  auto decision = begin(incident, now);
  record(decision, EntryKind::correction, now, Notice("timeline.correction").with("of", sequence).with("text", text));
  decision.timeline.back().corrects = sequence;
  decision.answer = about("incident.corrected", incident).with("of", sequence);
  return decision;
}

Decided<Decision> link(Incident const& incident, std::string const& url, std::string const& title,
                       Circumstances const& now) {
  if (!url.starts_with("https://") && !url.starts_with("http://"))
    return refusal("not_a_link", incident).with("text", beginning_of(url));
  if (auto refused = unfit_text(incident, url)) return std::move(*refused);
  if (title.size() > kMaxNoteBytes) return *unfit_text(incident, title);
  auto decision = begin(incident, now);
  record(decision, EntryKind::link, now, Notice("timeline.link").with("url", url).with("title", title));
  decision.answer = about("incident.linked", incident);
  return decision;
}

Decided<Decision> update(Incident const& incident, std::string const& text, std::optional<Millis> next_in,
                         Circumstances const& now) {
  if (!is_live(incident)) return over(incident);
  if (auto refused = unfit_text(incident, text)) return std::move(*refused);
  auto decision = begin(incident, now);
  decision.next.update_due.reset();
  auto entry = Notice("timeline.update").with("text", text);
  auto said = about("incident.update", incident).with("text", text).with("who", now.by);
  if (next_in) {
    decision.next.update_due = now.now + *next_in;
    entry.with("next", *decision.next.update_due);
    said.with("next", *decision.next.update_due);
  }
  record(decision, EntryKind::update, now, std::move(entry));
  decision.outgoing.emplace_back(Announcement{said});
  decision.answer = std::move(said);
  return decision;
}

Decided<Decision> make_private(Incident const& incident, Circumstances const& now) {
  if (incident.hidden) return refusal("already_private", incident);
  auto decision = begin(incident, now);
  auto& next = decision.next;
  next.hidden = true;
  for (auto const& person :
       std::array{now.by, next.assignee, next.opened_by, next.commander, next.scribe, next.communications}) {
    if (!person.empty()) add_unique(next.members, person);
  }
  for (auto const& person : next.responders) add_unique(next.members, person);
  record(decision, EntryKind::privacy, now, Notice("timeline.private").with("members", names_of(next.members)));
  decision.answer = about("incident.private", next).with("members", names_of(next.members));
  return decision;
}

Decided<Decision> page_person(Incident const& incident, PersonId const& who, std::string const& reason,
                              std::int32_t count, Circumstances const& now) {
  if (!is_live(incident)) return over(incident);
  auto decision = begin(incident, now);
  if (incident.hidden) add_unique(decision.next.members, who);
  record(decision, EntryKind::page, now,
         Notice("timeline.called").with("people", names_of({who})).with("reason", reason));
  decision.outgoing.emplace_back(called(incident, who, kStepManual, count, reason, now));
  decision.answer = about("incident.called", incident).with("people", names_of({who}));
  return decision;
}

Decided<Decision> escalate(Incident const& incident, std::optional<std::int32_t> level, Arg const& reason,
                           std::int32_t count, Roster const& roster, Circumstances const& now) {
  if (!is_live(incident)) return over(incident);
  auto decision = begin(incident, now);
  auto& next = decision.next;
  next.fired.steps.resize(next.policy.steps.size(), 0);
  auto const steps = static_cast<std::int32_t>(next.policy.steps.size());
  std::int32_t chosen = 0;
  if (level) {
    if (*level < 1 || *level > steps) return refusal("no_such_level", incident).with("levels", std::int64_t{steps});
    chosen = *level;
  } else {
    auto const coming = coming_steps(incident, roster, now.now);
    if (coming.empty()) return refusal("nobody_above", incident);
    chosen = coming.front().step;
  }
  auto& fired = next.fired.steps[static_cast<std::size_t>(chosen) - 1];
  std::vector<PersonId> people;
  if (incident.drill && !incident.drill_everyone) {
    people = drill_people(incident);
  } else {
    for (auto const& recipient : next.policy.steps[static_cast<std::size_t>(chosen) - 1].page) {
      for (auto const& person : roster.holders(recipient, now.now)) add_unique(people, person);
    }
    if (people.empty()) people = roster.backups();
  }
  if (people.empty()) return refusal("nobody_above", incident);
  auto entry = Notice("timeline.escalated").with("step", std::int64_t{chosen}).with("people", names_of(people));
  if (is_given(reason)) entry.with("reason", reason);
  record(decision, EntryKind::page, now, std::move(entry));
  for (auto const& person : people) {
    // A step that has fired already is called again by hand; one that has not is used up by this.
    decision.outgoing.emplace_back(fired == 0 ? called(incident, person, chosen, 0, reason, now)
                                              : called(incident, person, kStepManual, count, reason, now));
  }
  if (fired == 0) fired = 1;
  decision.answer = about("incident.called", incident).with("people", names_of(people));
  decision.outgoing.emplace_back(Announcement{about("incident.escalated", incident)
                                                  .with("who", now.by)
                                                  .with("people", names_of(people))
                                                  .with("reason", reason)});
  return decision;
}

}  // namespace tocsin
