// How programs end, by themselves or not. Real programs, run for real. /bin/sh stands here as a program like any other.
#include <fcntl.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "integrations/process/descriptor.hpp"
#include "tests/integrations/process_fixtures.hpp"

using namespace tocsin;
using namespace tocsin::process;
using namespace tocsin::process::testing;
TEST_CASE("a program that listens to SIGTERM ends at its deadline, with its last words") {
  auto const sleep = long_sleep();
  auto spec = shell("trap 'echo tidy; exit 5' TERM; echo begun; sleep " + sleep + " & wait");
  spec.timeout = 1s;
  auto const outcome = run_now(spec);
  CHECK(outcome.ending == Ending::timed_out);
  CHECK(outcome.exit_code == 5);
  CHECK(outcome.output == "begun\ntidy\n");
  CHECK(outcome.duration >= 1s);
  CHECK(outcome.duration < 1s + kTerminationGrace);
  CHECK(eventually([&] { return alive_with(sleep) == 0; }));
}

TEST_CASE("a program that ignores SIGTERM is killed with all its children, and none is left") {
  auto const sleep = long_sleep();
  auto spec = shell("trap '' TERM; sleep " + sleep + " & (sleep " + sleep + " & sleep " + sleep +
                    ") & echo begun; while :; do sleep " + sleep + "; done");
  spec.timeout = 1s;
  int seen = 0;
  auto const outcome = run(spec, {}, [&](std::string_view) { seen = 1; });
  CHECK(seen == 1);
  CHECK(outcome.ending == Ending::timed_out);
  CHECK(outcome.signal == SIGKILL);
  CHECK(outcome.duration >= 1s + kTerminationGrace);
  CHECK(outcome.duration < 1s + kTerminationGrace + kLeftoverGrace + kReapLimit);
  CHECK(eventually([&] { return alive_with(sleep) == 0; }));
}

TEST_CASE("a suspended program ends at its deadline too") {
  auto spec = shell("kill -STOP $$; echo never");
  spec.timeout = 100ms;
  auto const outcome = run_now(spec);
  CHECK(outcome.ending == Ending::timed_out);
  CHECK(outcome.signal == SIGTERM);
  CHECK(outcome.duration < 100ms + kTerminationGrace);
}

TEST_CASE("a program that fills the pipe for ever ends at its deadline") {
  ProcessSpec spec;
  spec.argv = {"yes"};
  spec.timeout = 500ms;
  spec.output_limit_bytes = 1000;
  auto const outcome = run_now(spec);
  CHECK(outcome.ending == Ending::timed_out);
  CHECK(outcome.truncated);
  CHECK(outcome.total_bytes > 100'000);
}

TEST_CASE("a grandchild that holds the output can't keep us waiting, and does not stay") {
  auto const sleep = long_sleep();
  auto const outcome = run_now(shell("sleep " + sleep + " & echo done"));
  CHECK(outcome.ending == Ending::exited);
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.output == "done\n");
  CHECK(outcome.duration >= kLeftoverGrace);
  CHECK(outcome.duration < 2 * kLeftoverGrace + kReapLimit);
  CHECK(eventually([&] { return alive_with(sleep) == 0; }));
}

TEST_CASE("a grandchild that left the group and holds the output can't keep us waiting either") {
  auto const sleep = long_sleep();
  Folder const folder;
  auto spec = shell("setsid sh -c 'echo $$ > pid; exec sleep " + sleep + "' & while [ ! -s pid ]; do sleep 0.01; done");
  spec.working_directory = folder.path();
  SUBCASE("after a normal end") {
    auto const outcome = run_now(spec);
    CHECK(outcome.succeeded());
    CHECK(outcome.duration < 2 * kLeftoverGrace + kReapLimit);
  }
  SUBCASE("at the deadline") {
    spec.argv.back() += "; sleep " + sleep;
    spec.timeout = 1s;
    auto const outcome = run_now(spec);
    CHECK(outcome.ending == Ending::timed_out);
    CHECK(outcome.duration < spec.timeout + kTerminationGrace + 2 * kLeftoverGrace);
  }
  ::kill(std::stoi(text_of(folder.path() / "pid")), SIGKILL);
}

TEST_CASE("a daemon that let go of the output lives on after a normal end") {
  Folder const folder;
  auto const sleep = long_sleep();
  auto spec = shell("sleep " + sleep + " > /dev/null 2>&1 & echo $! > pid");
  spec.working_directory = folder.path();
  CHECK(run_now(spec).succeeded());
  CHECK(eventually([&] { return alive_with(sleep) == 1; }));
  ::kill(std::stoi(text_of(folder.path() / "pid")), SIGKILL);
}

TEST_CASE("a program that closes its output early is still waited for") {
  auto const outcome = run_now(shell("exec >&- 2>&-; sleep 0.1; exit 7"));
  CHECK(outcome.exit_code == 7);
  CHECK(outcome.duration >= 100ms);
}

TEST_CASE("the stop token ends a program within its grace, and keeps one from starting") {
  auto const sleep = long_sleep();
  std::stop_source source;
  auto const outcome = run(shell("echo begun; exec sleep " + sleep), source.get_token(),
                           [&](std::string_view) { source.request_stop(); });
  CHECK(outcome.ending == Ending::stopped);
  CHECK(outcome.signal == SIGTERM);
  CHECK(outcome.output == "begun\n");
  CHECK(outcome.duration < kTerminationGrace);
  CHECK(eventually([&] { return alive_with(sleep) == 0; }));

  auto const never = run(shell("echo begun"), source.get_token());
  CHECK(never.ending == Ending::stopped);
  CHECK(never.output.empty());
}

TEST_CASE("a stop from another thread wakes the wait") {
  std::stop_source source;
  std::atomic<bool> begun = false;
  ProcessOutcome outcome;
  std::jthread worker([&] {
    outcome = run(shell("echo begun; exec sleep " + long_sleep()), source.get_token(), [&](std::string_view) {
      begun = true;
      begun.notify_one();
    });
  });
  begun.wait(false);
  source.request_stop();
  worker.join();
  CHECK(outcome.ending == Ending::stopped);
  CHECK(outcome.signal == SIGTERM);
  CHECK(outcome.duration < kTerminationGrace);
}

TEST_CASE("a hundred megabytes are drained, and neither the answer nor memory grows with them") {
  Descriptor const statm(::open("/proc/self/statm", O_RDONLY | O_CLOEXEC));
  // Without a stream: its buffers would be a part of what is measured.
  auto const resident_pages = [&] {
    std::array<char, 128> text{};
    REQUIRE(::pread(statm.fd(), text.data(), text.size() - 1, 0) > 0);
    char* end = nullptr;
    (void)std::strtoll(text.data(), &end, 10);
    return std::strtoll(end, nullptr, 10);
  };
  constexpr long long kMiBInPages = 256;
  auto spec = shell("echo the beginning; yes 0123456789 | head -c 100000000; echo; echo the reason");
  spec.output_limit_bytes = 10'000;
  spec.timeout = 60s;
  auto const before = resident_pages();
  long long most = 0;
  auto const outcome = run(spec, {}, [&](std::string_view) { most = std::max(most, resident_pages()); });
  CHECK(outcome.succeeded());
  CHECK(outcome.total_bytes == 100'000'000 + 14 + 1 + 11);
  CHECK(outcome.truncated);
  CHECK(outcome.output.find("the beginning\n") == 0);
  CHECK(outcome.output.substr(outcome.output.size() - 12) == "\nthe reason\n");
  CHECK(outcome.output.size() < 10'100);
  CHECK(most - before < 8 * kMiBInPages);
}

TEST_CASE("fifty programs at once keep to themselves") {
  std::vector<ProcessOutcome> outcomes(50);
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      threads.emplace_back([&outcomes, i] {
        auto spec = shell("cat; seq 2000 | tail -n 1; ls /proc/self/fd | tr '\\n' ' '; exit " + std::to_string(i));
        spec.standard_input = "number " + std::to_string(i) + "\n";
        outcomes[i] = run_now(spec);
      });
    }
  }
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    CAPTURE(i);
    CHECK(outcomes[i].exit_code == static_cast<int>(i));
    CHECK(outcomes[i].output == "number " + std::to_string(i) + "\n2000\n0 1 2 3 ");
  }
}

TEST_CASE("no descriptor and no zombie is left behind by many runs") {
  auto const descriptors = [] {
    return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
  };
  auto const zombies = [] {
    int count = 0;
    auto const mine = " Z " + std::to_string(::getpid()) + " ";  // state and parent, as /proc/<pid>/stat has them
    for (auto const& entry : fs::directory_iterator("/proc")) {
      if (!is_process(entry)) continue;
      if (text_of(entry.path() / "stat").find(mine) != std::string::npos) ++count;
    }
    return count;
  };
  auto const descriptors_before = descriptors();
  auto const zombies_before = zombies();
  for (int i = 0; i < 50; ++i) {
    ProcessSpec spec;
    spec.argv = {i % 2 == 0 ? "true" : "/no/such"};
    (void)run_now(spec);
  }
  CHECK(descriptors() == descriptors_before);
  CHECK(zombies() == zombies_before);
}
