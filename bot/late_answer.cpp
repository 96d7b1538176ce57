#include "bot/late_answer.hpp"

#include <algorithm>
#include <set>

#include "incidents/store/inbox.hpp"
#include "incidents/store/incidents.hpp"

namespace tocsin {

namespace {
constexpr char const* kTooLate = "refused.too_late";
constexpr std::string_view kTo = "to";
constexpr std::string_view kAsker = "asker";
constexpr std::string_view kProgress = "progress";
}  // namespace

void put_late_answer(Database& database, Instant now, Room room, Asker asker, Message const& answer,
                     std::string const& to) {
  auto record = decode_notice(encode(answer));
  if (record.has_error()) return;
  record->with(std::string(kTo), to);
  if (asker.progress_thread) record->with(std::string(kProgress), *asker.progress_thread);
  if (!asker.person.empty()) record->with(std::string(kAsker), asker.person);
  auto alone = asker.alone ? std::move(asker.person) : PersonId{};
  store::put_outbox(database, {{}, now, {}, std::move(room), std::move(alone), *record, now, 0});
}

std::string answer_key(std::string const& to) { return "answer:" + to; }

std::string answer_key(Notice const& stored) {
  auto const* to = stored.text(kTo);
  return to == nullptr || to->empty() ? std::string() : answer_key(*to);
}

std::optional<std::string> progress_thread_of(Notice const& stored) {
  auto const* thread = stored.text(kProgress);
  return thread == nullptr ? std::nullopt : std::optional(*thread);
}

PersonId asker_of(Notice const& stored) {
  auto const* found = stored.find(kAsker);
  auto const* person = found == nullptr ? nullptr : std::get_if<PersonId>(found);
  return person == nullptr ? PersonId{} : *person;
}

namespace {

void collect(Notice const& notice, std::set<IncidentId>& incidents) {
  for (auto const& [name, value] : notice.args) {
    if (auto const* id = std::get_if<IncidentId>(&value)) incidents.insert(*id);
    if (auto const* list = std::get_if<std::vector<Notice>>(&value)) {
      for (auto const& each : *list) collect(each, incidents);
    }
  }
}

}  // namespace

std::set<IncidentId> incidents_in(Message const& answer) {
  // As it is stored: every block of it is a notice there.
  auto const record = decode_notice(encode(answer));
  std::set<IncidentId> incidents;
  if (record) collect(*record, incidents);
  return incidents;
}

bool is_confidential(Database& database, Message const& answer) {
  auto const incidents = incidents_in(answer);
  return std::any_of(incidents.begin(), incidents.end(), [&database](IncidentId id) {
    auto const incident = store::load_incident(database, id);
    return incident && incident->hidden;
  });
}

bool is_too_late(Message const& answer) {
  auto const* said = answer.blocks.empty() ? nullptr : std::get_if<Say>(&answer.blocks.front());
  return said != nullptr && said->notice.key == kTooLate;
}

Message too_late(std::string const& line, Instant sent, Instant now) {
  auto const age = now - sent;
  Message message(Notice(kTooLate).with("what", line).with("at", sent).with("ago", age).with("age", age));
  Buttons buttons;
  buttons.buttons.push_back({Button::Style::plain, Notice("button.again"), line});
  message.blocks.emplace_back(std::move(buttons));
  message.choices.push_back(line);
  return message;
}

}  // namespace tocsin
