// Declared actions at work, with real programs: progress, stop, undo, time, output, one remedy per target.
#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>

#include "commands/progress.hpp"
#include "incidents/store/incidents.hpp"
#include "incidents/store/pages.hpp"
#include "incidents/store/upkeep.hpp"
#include "tests/bot/stage.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

RunStep run(std::vector<std::string> words) {
  RunStep step;
  for (auto& word : words) step.run.push_back(Argument{std::move(word), ""});
  return step;
}

/// Members of a process group that still run; an orphan that nobody has collected yet runs no more.
std::size_t running_in_group(pid_t group) {
  std::size_t running = 0;
  for (auto const& each : std::filesystem::directory_iterator("/proc")) {
    if (each.path().filename().string().find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream file(each.path() / "stat");
    std::string text;
    std::getline(file, text);
    auto const name_end = text.rfind(')');
    if (name_end == std::string::npos) continue;  // gone since it was listed
    std::istringstream rest(text.substr(name_end + 1));
    char state = 0;
    pid_t parent = 0;
    pid_t its_group = 0;
    if (rest >> state >> parent >> its_group && its_group == group && state != 'Z' && state != 'X') ++running;
  }
  return running;
}

ActionSpec action(std::string name, Effect effect, std::vector<ActionStep> steps) {
  ActionSpec spec;
  spec.name = std::move(name);
  spec.title = Localized(spec.name);
  spec.effect = effect;
  spec.steps = std::move(steps);
  spec.environment = {"PATH"};
  return spec;
}

/// Alice asks and says run; whatever it takes, in one line.
struct Theatre {
  explicit Theatre(std::vector<ActionSpec> actions)
      : stage([&] {
          auto config = shipped_config("demo.yaml");
          for (auto& each : actions) config.actions.push_back(std::move(each));
          config.people.front().role = Role::operator_;
          Person dora;
          dora.id = PersonId{"dora"};
          dora.name = Localized("Dora");
          dora.role = Role::responder;
          dora.identities.web = "dora";
          config.people.push_back(dora);
          return config;
        }()) {}
  Stage stage;

  Reply perform(std::string const& name) {
    CHECK(Stage::key(stage.say("alice", "/fix " + name)) == "approval.confirm_change");
    return stage.say("alice", "执行");
  }
  bool exists(std::string const& name) const { return std::filesystem::exists(stage.folder / name); }
  store::Run last_run() {
    store::Run last;
    stage.unit([&](Database& database, Instant) { last = store::runs_of(database, IncidentId{1}).back(); });
    return last;
  }
};

}  // namespace

TEST_CASE("a check that stays red takes the change back, says so, and calls the lead") {
  auto spec = action("mend", Effect::change, {run({"/usr/bin/touch", "half"})});
  spec.verify = {run({"/usr/bin/false"})};
  spec.undo = {run({"/usr/bin/rm", "half"})};
  Theatre theatre({spec});
  theatre.stage.say("alice", "新建 P1 慢");
  auto const reply = theatre.perform("mend");
  CHECK(Stage::key(reply) == "run.undone");
  CHECK_FALSE(theatre.exists("half"));
  CHECK(theatre.last_run().state == "undone");
  auto const first = Stage::first(reply);
  auto const* called = first.find("called");
  REQUIRE(called != nullptr);
  CHECK(std::get<std::vector<Notice>>(*called).size() == 1);
  theatre.stage.unit([](Database& database, Instant) {
    auto const pages = store::pages_for(database, PersonId{"bob"}, 10);
    CHECK(pages.front().text.key == "page.remedy_failed");
  });
}

TEST_CASE("the last word of a remedy is the check that turned green") {
  auto spec = action("mend", Effect::change, {run({"/usr/bin/touch", "whole"})});
  spec.verify = {run({"/usr/bin/test", "-f", "whole"})};
  Theatre theatre({spec});
  auto const reply = theatre.perform("mend");
  CHECK(Stage::key(reply) == "run.verified");
  CHECK(std::get<std::string>(*Stage::first(reply).find("check")) == "test -f whole");
}

TEST_CASE("an action that takes too long is ended, and only so much of its output is kept") {
  auto slow = action("slow", Effect::change, {run({"/usr/bin/sleep", "60"})});
  slow.timeout = std::chrono::milliseconds{200};
  auto loud = action("loud", Effect::change, {run({"/usr/bin/seq", "1", "200000"})});
  loud.output_limit = Bytes{4096};
  auto dirty = action("dirty", Effect::change, {run({"/usr/bin/printf", "\\033[31mred\\033[0m \\377 end\\n"})});
  Theatre theatre({slow, loud, dirty});
  theatre.stage.say("alice", "新建 P1 慢");
  auto const late = theatre.perform("slow");
  CHECK(Stage::key(late) == "run.failed");
  CHECK(std::get<std::vector<Notice>>(*Stage::first(late).find("why")).front().key == "step.timed_out");
  theatre.perform("loud");
  auto const output = theatre.last_run().output;
  CHECK(output.size() < 5000);
  CHECK(output.starts_with("1\n2\n"));
  CHECK(output.ends_with("199999\n200000\n"));
  theatre.perform("dirty");
  CHECK(theatre.last_run().output == "red \xEF\xBF\xBD end\n");
}

TEST_CASE("a program sees the variables its action names, and a pattern never hands over a secret") {
  auto spec = action("surroundings", Effect::change, {run({"/usr/bin/env"})});
  spec.environment = {"PATH", "DOCKER_*", "NAMED_TOKEN"};
  Theatre theatre({spec});
  theatre.stage.say("alice", "新建 P1 慢");
  theatre.stage.tools.environment = [](std::string const& name) -> std::optional<std::string> {
    if (name == "PATH") return "/usr/bin";
    return "value-of-" + name;
  };
  theatre.stage.tools.environment_names = [] {
    return std::vector<std::string>{"DOCKER_HOST", "DOCKER_AUTH_TOKEN", "HOME", "NAMED_TOKEN"};
  };
  theatre.perform("surroundings");
  auto const output = theatre.last_run().output;
  CHECK(output.find("DOCKER_HOST=value-of-DOCKER_HOST") != std::string::npos);
  CHECK(output.find("DOCKER_AUTH_TOKEN") == std::string::npos);
  CHECK(output.find("HOME") == std::string::npos);
  // Named, so it is handed over; what it prints is redacted all the same.
  CHECK(output.find("NAMED_TOKEN=‹") != std::string::npos);
}

TEST_CASE("who comes second sees who is on it, since when, how far; stop ends it and takes it back") {
  auto spec = action("long", Effect::change,
                     {run({"/usr/bin/touch", "begun"}), run({"/bin/sh", "-c", "echo $$ > pid; sleep 60 & wait"})});
  spec.undo = {run({"/usr/bin/rm", "begun"})};
  spec.target = "service:web";
  auto other = action("other", Effect::change, {run({"/usr/bin/true"})});
  other.target = "service:web";
  Theatre theatre({spec, other});
  auto& stage = theatre.stage;
  stage.say("alice", "新建 P1 慢");
  CHECK(Stage::key(stage.say("alice", "/fix long")) == "approval.confirm_change");
  auto done = std::async(std::launch::async, [&] { return stage.say("alice", "执行"); });
  std::string line;
  while (line.empty()) {
    std::this_thread::yield();
    std::ifstream(stage.folder / "pid") >> line;
  }
  auto const group = static_cast<pid_t>(std::stol(line));
  CHECK(running_in_group(group) > 0);

  stage.say("bob", "/fix other");
  auto const busy = Stage::first(stage.say("bob", "执行"));
  CHECK(busy.key == "refused.target_busy");
  CHECK(std::get<PersonId>(*busy.find("who")) == PersonId{"alice"});
  CHECK(std::get<std::int64_t>(*busy.find("n")) == 2);
  CHECK(std::get<std::int64_t>(*busy.find("of")) == 2);

  CHECK(Stage::key(stage.say("dora", "停")) == "refused.nothing_to_stop");
  CHECK(Stage::key(stage.say("dora", "停 R2")) == "refused.stop_not_yours");
  CHECK(Stage::key(stage.say("bob", "停 R2")) == "work.stopping");
  auto const reply = done.get();
  CHECK(Stage::key(reply) == "run.undone");
  auto const why = std::get<std::vector<Notice>>(*Stage::first(reply).find("why")).front();
  CHECK(why.key == "step.stopped");
  CHECK(std::get<PersonId>(*why.find("who")) == PersonId{"bob"});
  CHECK(running_in_group(group) == 0);
  CHECK_FALSE(theatre.exists("begun"));
  CHECK(theatre.last_run().state == "undone");
}

TEST_CASE("stopped where there is no way back, it says in which step") {
  auto spec = action("long", Effect::change, {run({"/bin/sh", "-c", "echo 1 > begun; exec sleep 60"})});
  Theatre theatre({spec});
  auto& stage = theatre.stage;
  stage.say("alice", "/fix long");
  auto done = std::async(std::launch::async, [&] { return stage.say("alice", "执行"); });
  while (!theatre.exists("begun")) std::this_thread::yield();
  CHECK(Stage::key(stage.say("alice", "停")) == "work.stopping");
  auto const reply = Stage::first(done.get());
  CHECK(reply.key == "run.stopped");
  CHECK(std::get<std::int64_t>(*reply.find("n")) == 1);
}

TEST_CASE("one person can't flood the bot, but can always take an incident") {
  Theatre theatre({});
  auto& stage = theatre.stage;
  stage.say("alice", "新建 P1 慢");
  int refused = 0;
  for (int i = 0; i < 40; ++i) refused += Stage::key(stage.say("alice", "列表")) == "refused.too_many" ? 1 : 0;
  CHECK(refused == 11);
  CHECK(Stage::key(stage.say("alice", "认领")) == "incident.taken");
  CHECK(Stage::key(stage.say("bob", "列表")) != "refused.too_many");
}

namespace {

/// Counts what is shown.
class Watched final : public Work {
 public:
  void unit(std::function<void(Desk const&)> const&) override {}
  void show(Message const& so_far) override {
    std::lock_guard const lock(mutex_);
    shown_.push_back(so_far);
    changed_.notify_all();
  }
  std::stop_token stopping() const override { return {}; }
  std::string code() const override { return "R1"; }
  PersonId stopped_by() const override { return {}; }

  /// Waits for message number `n`.
  Notice wait_for(std::size_t n) {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, std::chrono::seconds{20}, [&] { return shown_.size() >= n; }));
    return std::get<Say>(shown_[n - 1].blocks.front()).notice;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Message> shown_;
};

}  // namespace

TEST_CASE("progress is shown at each step, at most every ten seconds in between, and silence after thirty") {
  Watched work;
  ProgressReport report(work, Notice("work.stop_leaves").with("code", std::string("R1")), std::chrono::milliseconds{2});
  report.step(Notice("cell").with("value", std::string("one")), {1, 2});
  CHECK(std::get<std::int64_t>(*work.wait_for(1).find("n")) == 1);
  report.step(Notice("cell").with("value", std::string("two")), {2, 2});
  CHECK(work.wait_for(2).find("stop") != nullptr);
  CHECK(work.wait_for(2).find("silent") == nullptr);
  report.output("some output\n");
  CHECK(work.wait_for(3).find("silent") == nullptr);
  CHECK(std::get<Millis>(*work.wait_for(4).find("silent")) >= std::chrono::seconds{30});
}
