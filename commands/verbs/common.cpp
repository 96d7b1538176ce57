#include "commands/verbs/common.hpp"

#include <date/tz.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>

#include "commands/retype.hpp"
#include "commands/usage.hpp"
#include "incidents/store/incidents.hpp"
#include "incidents/store/pages.hpp"
#include "incidents/store/posted.hpp"

namespace tocsin {

void throw_exception_from_error(Message const&, boost::source_location const&) {
  throw std::logic_error("value of a question");
}

namespace verbs {
namespace {

constexpr std::size_t kMaxChoices = 3;  // the keys 1-3
constexpr std::size_t kLookBackEnded = 10;
constexpr Millis kJustEnded = std::chrono::hours{24};

bool same_conversation(Incident const& incident, Room const& room) {
  return incident.room.platform == room.platform && incident.room.conversation == room.conversation;
}

/// Live incidents with a page to this person that nobody has answered yet.
std::vector<Incident> with_open_page(Call const& call, std::vector<Incident> const& live) {
  std::vector<Incident> found;
  constexpr std::size_t kLookBack = 50;
  auto const pages = store::pages_for(call.desk->database, call.caller.person, kLookBack);
  for (auto const& incident : live) {
    bool const open = std::any_of(pages.begin(), pages.end(), [&](store::Page const& page) {
      return page.incident == incident.id && page.state < PageState::acknowledged;
    });
    if (open && !incident.response.met_at) found.push_back(incident);
  }
  return found;
}

/// Drills go where there is anything real. True: there was nothing real (the drills stay).
bool keep_real(std::vector<Incident>& incidents) {
  bool const nothing_real =
      std::all_of(incidents.begin(), incidents.end(), [](auto const& each) { return each.drill; });
  if (!nothing_real) std::erase_if(incidents, [](Incident const& each) { return each.drill; });
  return nothing_real;
}

/// Of what is over, what can still be meant without a number: what ended last in this conversation.
std::vector<Incident> ended_here(Call const& call, IncidentId except) {
  auto ended = store::recent_incidents(call.desk->database, 0, kLookBackEnded);
  std::erase_if(ended, [&](Incident const& each) {
    return each.id == except || is_live(each) || !may_see(each, call.caller.person) ||
           !same_conversation(each, call.room);
  });
  return ended;
}

/// The same for what is done to it and not only looked at.
std::vector<Incident> just_ended_here(Call const& call, IncidentId except) {
  auto ended = ended_here(call, except);
  std::erase_if(ended,
                [&](Incident const& each) { return !each.resolved_at || call.now - *each.resolved_at > kJustEnded; });
  keep_real(ended);
  return ended;
}

/// What a command means that is not about open incidents in the first place. Empty: nothing of the kind.
std::vector<Incident> meant_before_open(Call const& call, std::vector<Incident> const& open, IncidentId except) {
  std::vector<Incident> found;
  if (call.command->bare == Bare::ended) {
    found = just_ended_here(call, except);
    std::copy_if(open.begin(), open.end(), std::back_inserter(found),
                 [](Incident const& each) { return each.status == Status::mitigated; });
  }
  if (call.command->bare == Bare::resolved) {
    found = ended_here(call, except);
    std::erase_if(found, [](Incident const& each) { return each.status != Status::resolved; });
    keep_real(found);
  }
  if (call.command->bare == Bare::undoable) {
    found = ended_here(call, except);
    found.insert(found.end(), open.begin(), open.end());
    std::erase_if(found, [&](Incident const& each) {
      auto const point = store::undo_of(call.desk->database, each.id);
      return !point || point->made_by != call.caller.person || call.now - point->made_at > kUndoWindow;
    });
  }
  return found;
}

Message question(Call const& call, std::vector<Incident> const& candidates) {
  // Two short ones fit into one line, and where digits mean something they are what is sent.
  bool const one_line =
      call.direct && candidates.size() == 2 &&
      std::none_of(candidates.begin(), candidates.end(), [](Incident const& each) { return each.drill; });
  std::vector<Notice> items;
  std::vector<Notice> keys;
  Message message;
  Buttons buttons;
  for (std::size_t i = 0; i < candidates.size() && i < kMaxChoices; ++i) {
    auto const& incident = candidates[i];
    auto const number = static_cast<std::int64_t>(i) + 1;
    items.push_back(Notice(one_line         ? "ask.incident"
                           : incident.drill ? "ask.drill"
                                            : "ask.item")
                        .with(one_line ? "number" : "n", number)
                        .with("severity", incident.severity)
                        .with("incident", incident.id)
                        .with("title", incident.title));
    keys.push_back(Notice("ask.number").with("number", number));
    message.choices.push_back(retyped(call, incident.id));
    buttons.buttons.push_back(
        {Button::Style::plain, Notice("button.incident").with("incident", incident.id), message.choices.back()});
  }
  auto asked = Notice("ask.which_incident");
  if (one_line) {
    asked.with("n", static_cast<std::int64_t>(candidates.size()))
        .with("choices", std::move(items))
        .with("send", std::move(keys));
  } else {
    asked.with("count", static_cast<std::int64_t>(candidates.size())).with("items", std::move(items));
  }
  message.say(std::move(asked));
  message.blocks.emplace_back(std::move(buttons));
  return message;
}

/// Its card does, though it was opened elsewhere.
bool stands_here(Call const& call, Incident const& incident) {
  auto const home = store::home_of(call.desk->database, call.room.platform, incident.id);
  return home && home->conversation == call.room.conversation;
}

}  // namespace

boost::system::result<IncidentId, Message> which_incident(Call& call, std::string_view parameter, IncidentId except) {
  if (auto const named = call.args.find_incident(parameter)) return *named;
  if (auto const of_thread = store::incident_of_thread(call.desk->database, call.room);
      of_thread && of_thread->id != except && may_see(*of_thread, call.caller.person))
    return of_thread->id;
  if (auto const living = store::incident_living_in(call.desk->database, call.room); living && *living != except) {
    auto const incident = store::load_incident(call.desk->database, *living);
    if (incident && may_see(*incident, call.caller.person)) return *living;
  }
  auto visible = store::live_incidents(call.desk->database);
  std::erase_if(visible, [&](Incident const& each) { return each.id == except || !may_see(each, call.caller.person); });
  std::vector<Incident> here;
  std::copy_if(visible.begin(), visible.end(), std::back_inserter(here),
               [&](Incident const& each) { return same_conversation(each, call.room) || stands_here(call, each); });
  auto const meant = meant_before_open(call, here, except);
  if (meant.size() == 1) return meant.front().id;
  if (!meant.empty()) return question(call, meant);
  // A drill makes nothing harder: beside a real incident a bare command never means it.
  auto const nothing_real = keep_real(here);
  if (call.direct) {
    auto paged = with_open_page(call, visible);
    // Paged by a drill alone, with something real at hand: either may be meant, and taking the wrong one stops its
    // pages.
    if (keep_real(paged) && !paged.empty() && !nothing_real && !here.empty()) {
      here.insert(here.end(), paged.begin(), paged.end());
      return question(call, here);
    }
    if (paged.size() == 1) return paged.front().id;
    if (paged.size() > 1) return question(call, paged);
  }
  if (here.size() == 1) return here.front().id;
  if (here.empty()) keep_real(visible);
  auto const& candidates = here.empty() ? visible : here;
  if (!candidates.empty()) return question(call, candidates);
  // Looking back at what is over (复盘 after 解决) guesses nothing that could do harm; several are asked about.
  if (call.command->effect == Effect::read || call.command->bare == Bare::recorded) {
    auto ended = call.command->effect == Effect::read ? ended_here(call, except) : just_ended_here(call, except);
    keep_real(ended);
    if (ended.size() == 1) return ended.front().id;
    if (!ended.empty()) return question(call, ended);
  }
  auto const& word = printed_word(*call.command, name_of(call.caller.locale));
  return Message(Notice("refused.no_open_incident").with("command", word));
}

Message decide(Call& call, Decide const& rule, std::string_view parameter) {
  auto const id = which_incident(call, parameter);
  if (id.has_error()) return id.error();
  auto const done = decide_at(*call.desk, *id, call.caller.person, rule);
  if (done.has_error()) return Message(done.error());
  return answer_of(*done);
}

Message answer_of(Done const& done) {
  Message message(done.answer);
  message.announced = done.announced;
  return message;
}

std::string retyped(Call const& call, IncidentId id) { return retype(*call.command, call.args, id); }

Decided<Instant> instant_of(Moment const& moment, Call const& call) {
  if (auto const* instant = std::get_if<Instant>(&moment)) return *instant;
  if (auto const* ago = std::get_if<Ago>(&moment)) return call.now - ago->length;
  auto const& local = std::get<LocalMoment>(moment);
  auto const* zone = date::locate_zone(call.caller.zone);
  auto const today = date::floor<std::chrono::days>(zone->to_local(call.now));
  std::chrono::year_month_day day{
      std::chrono::sys_days{(today + std::chrono::days{local.days_from_today}).time_since_epoch()}};
  if (local.date) day = {local.year.value_or(day.year()), local.date->month(), local.date->day()};
  if (!day.ok()) return Notice("refused.no_such_day");
  auto const at = date::local_days{std::chrono::sys_days{day}.time_since_epoch()} + local.time.since_midnight;
  auto const info = zone->get_info(at);
  if (info.result == date::local_info::nonexistent) return date::floor<Millis>(info.first.end);
  return date::floor<Millis>(zone->to_sys(at, date::choose::earliest));
}

Command verb(std::string name, std::vector<std::string> words, Handler run, std::vector<Parameter> parameters,
             std::vector<Example> examples) {
  Command command;
  command.summary_key = "help." + name;
  command.name = std::move(name);
  command.words = std::move(words);
  command.effect = Effect::change;
  command.needs = Role::responder;
  command.instant = true;
  command.parameters = std::move(parameters);
  command.examples = std::move(examples);
  command.run = std::move(run);
  return command;
}

Command look(std::string name, std::vector<std::string> words, Handler run, std::vector<Parameter> parameters,
             std::vector<Example> examples) {
  auto command = verb(std::move(name), std::move(words), std::move(run), std::move(parameters), std::move(examples));
  command.effect = Effect::read;
  command.needs = Role::viewer;
  command.voice_safe = true;
  return command;
}

Parameter incident_parameter() {
  Parameter parameter;
  parameter.name = "incident";
  parameter.type = ParamType::incident;
  parameter.required = false;
  parameter.labels = {{"zh-CN", "单号"}, {"en", "incident"}};
  return parameter;
}

Parameter text_parameter(std::string name, bool required, std::string chinese, std::string english) {
  Parameter parameter;
  parameter.name = std::move(name);
  parameter.type = ParamType::text;
  parameter.required = required;
  parameter.labels = {{"zh-CN", std::move(chinese)}, {"en", std::move(english)}};
  return parameter;
}

Parameter person_parameter(std::string name, bool required) {
  Parameter parameter;
  parameter.name = std::move(name);
  parameter.type = ParamType::person;
  parameter.required = required;
  parameter.labels = {{"zh-CN", "@谁"}, {"en", "@who"}};
  return parameter;
}

Example zh(std::string text, std::string means) { return {std::move(text), "zh-CN", std::move(means)}; }
Example en(std::string text, std::string means) { return {std::move(text), "en", std::move(means)}; }

}  // namespace verbs
}  // namespace tocsin
