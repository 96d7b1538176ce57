#include "bot/recording.hpp"

#include <algorithm>

#include "bot/late_answer.hpp"
#include "commands/retype.hpp"
#include "incidents/store/incidents.hpp"
#include "incidents/store/posted.hpp"

namespace tocsin {
namespace {

bool has_files(Message const& answer) {
  return std::any_of(answer.blocks.begin(), answer.blocks.end(), [](Block const& block) {
    return std::holds_alternative<File>(block) || std::holds_alternative<Picture>(block);
  });
}

bool is_for_asker_alone(Message const& answer, bool confidential) {
  return confidential || state_of(answer) == Reply::State::refused;
}

}  // namespace

store::Envelope envelope_of(Inbound const& inbound, Caller const& caller, std::string line, Instant now) {
  return {inbound.platform,
          inbound.id,
          caller.person,
          now,
          std::move(line),
          encode(Notice("room")
                     .with("platform", inbound.room.platform)
                     .with("conversation", inbound.room.conversation)
                     .with("thread", inbound.room.thread)
                     .with("account", inbound.account)
                     .with("direct", std::int64_t{inbound.direct})
                     .with("answer_thread", inbound.answer_thread)),
          store::EnvelopeState::kept,
          {}};
}

store::AuditRow audit_row(Call const& call, std::string outcome, std::string detail, Millis length, Instant now) {
  return {0,
          now,
          call.caller.person,
          call.caller.account,
          retype(*call.command, call.args),
          std::move(outcome),
          std::move(detail),
          length,
          {}};
}

std::pair<std::string, std::string> outcome_of(Message const& answer) {
  for (auto const& block : answer.blocks) {
    auto const* said = std::get_if<Say>(&block);
    if (said == nullptr) continue;
    auto const& key = said->notice.key;
    if (key.starts_with("refused.")) return {"refused", key.substr(8)};
    if (key.ends_with(".failed")) return {"failed", key};
    if (key.starts_with("ask.")) return {"asked", key.substr(4)};
    return {"done", key};
  }
  return {"done", ""};
}

Reply::State state_of(Message const& answer) {
  auto const outcome = outcome_of(answer).first;
  return outcome == "refused" || outcome == "failed" ? Reply::State::refused : Reply::State::done;
}

bool is_too_much_for_the_room(Inbound const& inbound, Message const& answer, Database& database) {
  // What is answered to whoever asked alone may still put its files where others read.
  bool const others_read = !inbound.direct && (inbound.post_answer || has_files(answer));
  return others_read && is_confidential(database, answer);
}

bool is_told_in(Database& database, Config const& config, Room const& room, Message const& answer) {
  auto const& chat = config.chat;
  bool const slack = room.platform == "slack";
  if (!slack && room.platform != "dingtalk") return true;
  auto const spare = slack ? chat.slack ? chat.slack->channel : "" : chat.dingtalk ? chat.dingtalk->group : "";
  auto const incidents = incidents_in(answer);
  return std::all_of(incidents.begin(), incidents.end(), [&](IncidentId id) {
    auto const incident = store::load_incident(database, id);
    if (!incident || incident->hidden) return true;  // to each of its people alone
    auto const home = store::home_of(database, room.platform, id);
    if (home && !home->conversation.empty()) return home->conversation == room.conversation;
    auto const& opened = incident->room;
    bool const alone = opened.conversation.starts_with(slack ? 'D' : '@');
    bool const moved = !spare.empty() && (opened.platform != room.platform || alone);
    return moved ? spare == room.conversation : opened.conversation == room.conversation;
  });
}

bool is_to_be_posted(Inbound const& inbound, Caller const& caller, Message const& answer, bool confidential) {
  if (!inbound.post_answer || answer.empty() || answer.announced || has_files(answer)) return false;
  return !caller.person.empty() || !is_for_asker_alone(answer, confidential);
}

void post_answer(Database& database, Instant now, Inbound const& inbound, Caller const& caller, Message const& answer,
                 bool confidential) {
  if (!is_to_be_posted(inbound, caller, answer, confidential)) return;
  bool const alone = is_for_asker_alone(answer, confidential);
  auto room = inbound.room;
  if (!alone && !inbound.answer_thread.empty()) room.thread = inbound.answer_thread;
  put_late_answer(database, now, std::move(room), {caller.person, alone}, answer, inbound.id);
}

}  // namespace tocsin
