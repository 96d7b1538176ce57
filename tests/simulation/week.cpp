#include "tests/simulation/week.hpp"

#include <stdlib.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <functional>
#include <queue>

#include "bot/pager.hpp"
#include "tests/simulation/bot.hpp"
#include "tests/simulation/checks.hpp"
#include "tests/simulation/crowd.hpp"
#include "tests/simulation/dice.hpp"

namespace tocsin::simulation {
namespace {

constexpr Time kWeek = 7 * kDay;
constexpr std::size_t kTraceLines = 60;
constexpr int kMostLooks = 100;  // at one instant: a scheduler that finds more to do spins

/// A folder in memory, removed with everything in it.
class Folder {
 public:
  Folder() {
    std::error_code error;
    auto const memory = std::filesystem::path("/dev/shm");
    auto const parent = std::filesystem::is_directory(memory, error) ? memory : std::filesystem::temp_directory_path();
    std::string name = (parent / "tocsin-week-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder for the simulation");
    path = name;
  }
  Folder(Folder const&) = delete;
  Folder& operator=(Folder const&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::filesystem::path path;
};

Outcome outcome_of(Result result, Time retry_after) {
  Outcome outcome;
  constexpr std::array kKinds{Outcome::Kind::accepted, Outcome::Kind::retry_later, Outcome::Kind::rejected,
                              Outcome::Kind::misconfigured, Outcome::Kind::unknown};
  outcome.kind = kKinds[static_cast<std::size_t>(result)];
  if (retry_after > 0) outcome.retry_after = Millis{retry_after};
  outcome.detail = "provider says";
  return outcome;
}

class Week {
 public:
  Week(std::uint64_t seed, Tally& tally)
      : tally_(tally), dice_(seed), bot_(folder_.path / "tocsin.db", clock_), checks_(model_) {}

  void run() {
    revive();
    plan();
    while (!events_.empty() || wake()) step();
    checks_.settled(bot_.database());
    checks_.every_incident(bot_.database(), clock_.wall());
    checks_.whole(bot_.database());
  }

  [[nodiscard]] std::string trace() const {
    std::string text;
    for (auto const& line : trace_) text += "  " + line + "\n";
    return text;
  }

 private:
  using Happening = std::function<void()>;
  struct Event {
    Time at = 0;
    std::uint64_t order = 0;  // chance decides between events of one instant
    Happening happens;
  };
  struct Later {
    bool operator()(Event const& a, Event const& b) const {
      return std::pair(a.at, a.order) > std::pair(b.at, b.order);
    }
  };

  /// In true time, from now.
  void in(Time delay, Happening happening) {
    events_.push({clock_.true_time + std::max<Time>(delay, 0), dice_.bits(), std::move(happening)});
  }

  void note(std::string const& line) {
    trace_.push_back(stamp(clock_.wall()) + "  " + line);
    if (trace_.size() > kTraceLines) trace_.pop_front();
  }

  [[nodiscard]] bool ending() const { return clock_.true_time >= kMonday + kWeek; }

  // ---- the week

  void plan() {
    for (Time at = dice_.between(0, 3 * kHour); at < kWeek; at += dice_.between(kMinute, 30 * kHour)) {
      in(at, [this] { begin_incident(); });
      // Trouble comes in company.
      if (dice_.percent(25)) in(at + dice_.between(0, kHour), [this] { begin_incident(); });
    }
    for (Time at = dice_.between(0, kDay); at < kWeek; at += dice_.between(kHour, 2 * kDay))
      in(at, [this] { somebody(standing_in_act(dice_)); });
    for (Time at = dice_.between(0, kDay); at < kWeek; at += dice_.between(10 * kMinute, kDay))
      in(at, [this] { jump(); });
    for (Time at = dice_.between(0, kDay); at < kWeek; at += dice_.between(10 * kMinute, 2 * kDay))
      in(at, [this] { die("between two steps"); });
    for (Time at = dice_.between(0, 2 * kDay); at < kWeek; at += dice_.between(kHour, 3 * kDay))
      in(at, [this] {
        note("the machine sleeps");
        asleep_ = true;
        in(dice_.between(kMinute, 5 * kHour), [this] {
          asleep_ = false;
          note("the machine wakes");
        });
      });
    for (Time at = dice_.between(0, kDay); at < kWeek; at += dice_.between(kHour, 2 * kDay)) {
      in(at, [this] { stormy_ = true; });
      in(at + dice_.between(kMinute, 4 * kHour), [this] { stormy_ = false; });
    }
  }

  void begin_incident() { somebody(opening_act(dice_)); }

  void go_on_with(std::int64_t incident) {
    auto delay = next_delay(dice_);
    auto const* it = model_.find(incident);
    // People who act on the very millisecond on which something is due.
    if (it != nullptr && dice_.percent(22)) {
      std::vector<Time> soon;
      for (auto const at : model_.interesting(*it)) {
        if (at > clock_.wall() && at < clock_.wall() + 6 * kHour) soon.push_back(at - clock_.wall());
      }
      // Or shortly before, so that it comes in between a decision and its undoing.
      if (!soon.empty())
        delay = dice_.one_of(soon) + (dice_.percent(60) ? dice_.between(-1, 1) : -dice_.between(0, 50 * kSecond));
    }
    in(delay, [this, incident] { somebody_about(incident); });
  }

  void somebody_about(std::int64_t incident) {
    auto const* it = model_.find(incident);
    if (it == nullptr) return;
    if (ending()) {
      if (it->stage == Stage::closed) return;
      somebody(ending_act(*it, dice_));
    } else {
      // What is over is sometimes taken up again.
      if (it->stage == Stage::closed && dice_.percent(60)) return;
      if (it->over() && dice_.percent(30)) return somebody(ending_act(*it, dice_));
      somebody(next_act(*it, model_, dice_));
    }
  }

  /// Somebody types; nobody answers while the bot is down, so they try again.
  void somebody(Act const& act) { type(act, typed(act, dice_), "m" + std::to_string(next_message_++), ""); }

  /// `known`: the answer that was made for this very message before it was lost on its way.
  void type(Act const& act, std::string const& text, std::string const& id, std::string const& known) {
    if (!bot_.alive() || asleep_) {
      in(dice_.between(2 * kSecond, 3 * kMinute), [=, this] { type(act, text, id, known); });
      return;
    }
    ++tally_.acts;
    bool const instant = act.what != Act::What::run;
    bool const before_commit = instant && !ending() && dice_.below(150) == 0;
    if (before_commit) bot_.die_before_commit();
    auto const answer = bot_.say(act.by, text, id);
    if (!answer) {
      note(act.by + ": " + text + " (dies before the commit)");
      die("before the commit");
      in(dice_.between(kSecond, 3 * kMinute), [=, this] { type(act, text, id, known); });
      return;
    }
    auto const expected = known.empty() ? model_.act(act, clock_.wall()) : known;
    note(act.by + ": " + text + " -> " + answer->key);
    if (answer->key != expected) throw Mismatch("answer: " + answer->key + ", must be " + expected);
    if (instant && known.empty() && !ending() && dice_.below(150) == 0) {
      die("before the answer");
      in(dice_.between(kSecond, 3 * kMinute), [=, this] { type(act, text, id, expected); });
      return follow(act, *answer);
    }
    if (known.empty()) follow(act, *answer);
    checks_.new_pages(bot_.database());
    checks_.incidents(bot_.database(), clock_.wall());
    look();
  }

  void follow(Act const& act, Bot::Answer const& answer) {
    if (act.what == Act::What::open) return go_on_with(static_cast<std::int64_t>(model_.incidents.size()));
    if (answer.key == "approval.request") consent(act, std::stoll(answer.code.substr(1)));
    if (act.incident == 0) return;
    go_on_with(act.incident);
    auto const last = model_.undos.find(act.incident);
    if (last != model_.undos.end() && last->second.at == clock_.wall() && dice_.percent(15)) {
      Act undo = act;
      undo.what = Act::What::undo;
      in(dice_.between(kSecond, 62 * kSecond), [this, undo] { somebody(undo); });
    }
    if (dice_.percent(2)) in(dice_.between(0, 5 * kMinute), [this] { jump(); });
  }

  /// Somebody approves and whoever asked says the word; or one of them forgets, or is late, or is not the one.
  void consent(Act const& asked, std::int64_t number) {
    Act approve;
    approve.what = Act::What::approve;
    approve.number = number;
    Act run = approve;
    run.what = Act::What::run;
    Time at = 0;
    for (auto tries = dice_.between(0, 2); tries > 0; --tries) {
      approve.by = dice_.one_of(house().people);
      at += dice_.between(0, 6 * kMinute);
      in(at, [this, approve] { somebody(approve); });
    }
    for (auto tries = dice_.between(0, 2); tries > 0; --tries) {
      run.by = dice_.percent(85) ? asked.by : dice_.one_of(house().people);
      at += dice_.between(0, 4 * kMinute);
      in(at, [this, run] { somebody(run); });
    }
  }

  // ---- the machine

  void die(std::string const& when) {
    if (!bot_.alive()) return;
    note("the bot dies " + when);
    ++tally_.deaths;
    ++life_;
    bot_.kill();
    next_.reset();
    auto const down = dice_.percent(80) ? dice_.between(100, 20 * kSecond) : dice_.between(kMinute, 4 * kHour);
    in(down, [this] { revive(); });
  }

  void revive() {
    if (asleep_) return in(kMinute, [this] { revive(); });
    note("the bot starts");
    bot_.start();
    model_.recover(clock_.wall());
    checks_.new_pages(bot_.database());
    checks_.every_incident(bot_.database(), clock_.wall());
    checks_.whole(bot_.database());
    look();
  }

  void jump() {
    auto const far = dice_.percent(50) ? 20 * kSecond : dice_.percent(70) ? 40 * kMinute : 6 * kHour;
    auto by = dice_.between(-far, far);
    // The clock comes back to the truth in the end.
    if (dice_.percent(40)) by = -clock_.off;
    clock_.off += by;
    ++tally_.jumps;
    note("the clock jumps by " + std::to_string(by) + " ms");
    noticed_at_ = clock_.true_time + dice_.between(0, kSecond);
  }

  // ---- the bot at work

  /// When the scheduler looks next, in true time.
  [[nodiscard]] std::optional<Time> wake() const {
    if (!bot_.alive() || asleep_ || !next_) return std::nullopt;
    return std::max({clock_.true_time, *next_ - clock_.off, noticed_at_});
  }

  void step() {
    if (clock_.true_time > kMonday + 2 * kWeek) throw Mismatch("at the end: something is due for ever");
    auto const woken = wake();
    bool const event_first =
        !events_.empty() && (!woken || events_.top().at < *woken || (events_.top().at == *woken && dice_.percent(50)));
    if (!event_first) {
      clock_.true_time = *woken;
      return look();
    }
    auto event = events_.top();
    events_.pop();
    clock_.true_time = event.at;
    event.happens();
  }

  /// Until nothing more is due at this instant.
  void look() {
    if (asleep_) return;
    for (int looks = 0; bot_.alive(); ++looks) {
      if (looks > kMostLooks) throw Mismatch("spin: the scheduler never rests");
      look_once();
      if (!next_ || *next_ > clock_.wall()) return;
    }
  }

  void look_once() {
    ++tally_.looks;
    if (!ending() && dice_.below(400) == 0) bot_.die_before_commit();
    auto agenda = bot_.look();
    if (!agenda) return die("in a look, before its commit");
    auto const expected = model_.look(clock_.wall());
    checks_.new_pages(bot_.database());
    checks_.jobs(expected, agenda->pages);
    if (agenda->fired > 0 || !model_.touched.empty()) checks_.incidents(bot_.database(), clock_.wall());
    next_ = agenda->next ? std::optional(to_millis(*agenda->next)) : std::nullopt;
    if (!agenda->pages.empty() && !ending() && dice_.below(200) == 0) return die("with pages in its hands");
    if (!agenda->posts.empty() && dice_.percent(98)) {
      bot_.said(agenda->posts);
      // The real scheduler wakes once more when the lease of these posts ends, and finds nothing.
      next_ = bot_.next_due();
    }
    for (auto const& job : agenda->pages) {
      carry(job);
      if (!bot_.alive()) return;
    }
  }

  void carry(PageJob const& job) {
    ++tally_.attempts;
    auto const subject = bot_.subject_of(job);
    auto const has = [&](char const* word) { return subject.find(word) != std::string::npos; };
    bool const late = clock_.wall() - to_millis(job.due) > 5 * kSecond;
    if (has("补发") != late) throw Mismatch("mark: late is wrong in: " + subject);
    if (has("可能重复") != job.may_repeat) throw Mismatch("mark: may repeat is wrong in: " + subject);
    note("page " + std::to_string(job.page.value) + " by " + job.channel + " to " + job.person.value + ": " + subject);
    if (job.channel == "inbox") return arrive(job, Result::accepted, 0);
    Time const takes = dice_.percent(75)   ? dice_.between(20, 600)
                       : dice_.percent(75) ? dice_.between(kSecond, 9 * kSecond)
                                           : dice_.between(9 * kSecond, kMinute);
    auto const luck = dice_.below(100);
    auto const result = stormy_ ? (luck < 15   ? Result::accepted
                                   : luck < 80 ? Result::retry_later
                                   : luck < 92 ? Result::unknown
                                               : Result::rejected)
                                : (luck < 90   ? Result::accepted
                                   : luck < 94 ? Result::retry_later
                                   : luck < 97 ? Result::unknown
                                   : luck < 99 ? Result::rejected
                                               : Result::misconfigured);
    auto const retry_after = result == Result::retry_later && dice_.percent(20) ? dice_.between(kSecond, 2 * kHour) : 0;
    in(takes, [this, job, result, retry_after, life = life_] { land(job, result, retry_after, life); });
  }

  void land(PageJob const& job, Result result, Time retry_after, int life) {
    if (life != life_ || !bot_.alive()) return;
    if (asleep_)
      return in(10 * kSecond, [this, job, result, retry_after, life] { land(job, result, retry_after, life); });
    arrive(job, result, retry_after);
    if (bot_.alive()) look();
  }

  void arrive(PageJob const& job, Result result, Time retry_after) {
    auto const jitter = dice_.fraction();
    if (!ending() && dice_.below(400) == 0) bot_.die_before_commit();
    if (!bot_.report(job, outcome_of(result, retry_after), jitter)) return die("before a report's commit");
    model_.report(checks_.page_of(job.page), job.position, result, retry_after, jitter, clock_.wall());
    checks_.new_pages(bot_.database());
    constexpr std::array kWords{"accepted", "later", "rejected", "misconfigured", "unknown"};
    note("page " + std::to_string(job.page.value) + " by " + job.channel + ": " +
         kWords[static_cast<std::size_t>(result)]);
    next_ = clock_.wall();
  }

  Tally& tally_;
  Folder folder_;
  Dice dice_;
  WallClock clock_;
  Bot bot_;
  Model model_;
  Checks checks_;
  std::priority_queue<Event, std::vector<Event>, Later> events_;
  std::deque<std::string> trace_;
  std::optional<Time> next_;  // by the wall clock
  Time noticed_at_ = 0;       // a jump is noticed a little later
  bool asleep_ = false;
  bool stormy_ = false;
  int life_ = 0;
  std::int64_t next_message_ = 1;

 public:
  [[nodiscard]] std::size_t pages() const { return model_.pages.size(); }
};

}  // namespace

std::optional<Finding> run_week(std::uint64_t seed, Tally& tally) {
  Week week(seed, tally);
  std::string what;
  try {
    week.run();
    ++tally.weeks;
    tally.pages += static_cast<std::int64_t>(week.pages());
    return std::nullopt;
  } catch (std::exception const& error) {
    what = error.what();
  }
  return Finding{what, "TOCSIN_SIM_SEED=" + std::to_string(seed) + "\n" + week.trace()};
}

}  // namespace tocsin::simulation
