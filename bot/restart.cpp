#include "bot/restart.hpp"

#include "bot/local.hpp"
#include "bot/pager.hpp"
#include "commands/command.hpp"
#include "incidents/due.hpp"
#include "incidents/store/inbox.hpp"
#include "incidents/store/incidents.hpp"
#include "incidents/store/upkeep.hpp"

namespace tocsin {
namespace {

void tell_interrupted(Desk const& desk) {
  auto& database = desk.database;
  auto const now = desk.now;
  for (auto const& run : store::interrupt_runs(database, now)) {
    if (run.effect == name_of(Effect::read)) continue;  // it is run again
    if (run.incident) {
      auto what = Notice("timeline.run_interrupted").with("action", run.action).with("run", run.id.value);
      store::append_timeline(database, run.incident, {{EntryKind::command, {}, now, now, std::move(what), 0, 0}});
    }
    auto said = Notice("late.run_interrupted")
                    .with("action", run.action)
                    .with("target", run.target)
                    .with("since", run.started_at);
    store::put_outbox(database, {{}, now, run.incident, {}, run.person, std::move(said), now, 0});
  }
}

}  // namespace

std::size_t after_restart(Desk const& desk) {
  auto const repeated = recover_pages(desk);
  store::return_outbox(desk.database, desk.now);
  tell_interrupted(desk);
  if (auto const due = earliest_due(desk.database); due && *due < desk.now - kLateAfter) {
    auto said = Notice("health.late_wake").with("since", *due).with("length", desk.now - *due);
    store::put_outbox(desk.database, {{}, desk.now, {}, local_room(), {}, std::move(said), desk.now, 0});
  }
  return repeated;
}

}  // namespace tocsin
