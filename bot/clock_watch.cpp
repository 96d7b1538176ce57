#include "bot/clock_watch.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "bot/local.hpp"
#include "bot/log.hpp"
#include "bot/pager.hpp"
#include "incidents/due.hpp"
#include "incidents/store/audit.hpp"
#include "incidents/store/inbox.hpp"
#include "incidents/store/pages.hpp"

namespace tocsin {
namespace {

constexpr Millis kPace = std::chrono::minutes{1};
constexpr Millis kAtOnce{100};
constexpr int kReadings = 5;
constexpr char const* kJumped = "clock jump";
constexpr char const* kSlept = "machine slept";

Millis scaled(Millis real, double rate) {
  return Millis{static_cast<std::int64_t>(std::llround(static_cast<double>(real.count()) * rate))};
}

/// `due` is an instant that no setting back can put off: what is said of a clock that was set must not wait for it.
void say(Database& database, Instant now, Instant due, Notice const& notice) {
  auto const room = local_room();
  store::put_outbox(database, {{}, now, {}, room, {}, notice, std::min(due, now), 0});
}

/// By how much the earliest page or clock is late, if anything is.
std::optional<Millis> overdue(Database& database, Instant now) {
  auto const due = earliest_due(database);
  if (!due || *due >= now - kLateAfter) return std::nullopt;
  return now - *due;
}

}  // namespace

ClockReading read_clock(BotClock const& clock) {
  ClockReading reading;
  // A thread that is kept waiting between two of these would see a jump that never was.
  for (int i = 0; i < kReadings; ++i) {
    auto const begun = clock.awake();
    reading = {clock.now(), begun, clock.asleep()};
    if (clock.awake() - begun < kAtOnce) break;
  }
  return reading;
}

ClockChange change_between(ClockReading const& before, ClockReading const& after, double rate) {
  ClockChange change{before.wall, after.wall, {}, {}};
  auto const slept = after.asleep - before.asleep;
  auto const expected = scaled(after.awake - before.awake + slept, rate);
  auto const jumped = (after.wall - before.wall) - expected;
  if (std::chrono::abs(jumped) > scaled(kClockJump, std::max(1.0, rate))) change.jumped = jumped;
  if (slept > kClockJump) change.slept = scaled(slept, rate);
  return change;
}

void ClockWatch::look() {
  auto const before = std::exchange(last_, read_clock(parts_.clock));
  auto const change = change_between(before, last_, parts_.clock.rate());
  auto const now = last_.awake + last_.asleep;
  if (change.slept.count() != 0) {
    // Awake it is `to`, less what the clock was set by meanwhile.
    changed(sleeps_,
            Notice("health.slept")
                .with("from", change.from)
                .with("to", change.to - change.jumped)
                .with("length", change.slept),
            change.slept, kSlept, std::min(change.from, change.to), now);
  }
  if (change.jumped.count() != 0) {
    auto notice = Notice("health.clock_jump")
                      .with("from", change.to - change.jumped)
                      .with("to", change.to)
                      .with("length", std::chrono::abs(change.jumped));
    if (change.jumped.count() < 0) notice.with("back", std::int64_t{1});
    changed(jumps_, std::move(notice), change.jumped, kJumped, std::min(change.from, change.to), now);
  }
  last_word(sleeps_, now);
  last_word(jumps_, now);
}

void ClockWatch::changed(Voice& voice, Notice notice, Millis by, char const* what, Instant due, Millis now) {
  log_warn("{}: {} ms", what, by.count());
  bool const at_once = !voice.spoke || now - *voice.spoke >= kPace;
  auto told = std::make_shared<std::atomic<bool>>(at_once);
  if (at_once) {
    voice = {now, due, std::nullopt, nullptr, 0};
  } else {
    voice.due = std::min(voice.due, due);
    voice.kept = notice;
    voice.told = told;
    ++voice.count;
  }
  parts_.lane.submit(
      [notice = std::move(notice), by, what, due, told, at_once](Database& database, Instant instant) {
        auto said = notice;
        auto const late = by.count() > 0 ? overdue(database, instant) : std::nullopt;
        if (late) said.with("overdue", *late);
        if (what == kJumped && by.count() < 0) store::wait_on(database, -by, instant);
        *told = at_once || late;
        if (*told) say(database, instant, due, said);
        store::append_audit(
            database, {0, instant, {}, "clock", what, "noticed", std::to_string(by.count()) + " ms", Millis{0}, {}});
      },
      [committed = parts_.committed](std::exception_ptr error) {
        if (!error) committed();
      });
}

void ClockWatch::last_word(Voice& voice, Millis now) {
  if (!voice.kept || now - *voice.spoke < kPace) return;
  auto const notice = std::exchange(voice.kept, std::nullopt)->with("count", std::exchange(voice.count, 0));
  voice.spoke = now;
  if (*voice.told) return;
  parts_.lane.submit(
      [notice, due = voice.due](Database& database, Instant instant) { say(database, instant, due, notice); },
      [committed = parts_.committed](std::exception_ptr error) {
        if (!error) committed();
      });
}

}  // namespace tocsin
