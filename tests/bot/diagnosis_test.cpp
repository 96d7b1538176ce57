// A diagnosis by chat against a host that is unwell: verdicts with value and limit, worst first; checks side by side;
// log files by time and by error.
#include <doctest/doctest.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>
#include <string>

#include "config/catalogue.hpp"
#include "config/text.hpp"
#include "tests/bot/stage.hpp"

using namespace tocsin;
using namespace tocsin::test;
using namespace std::chrono_literals;

namespace {

/// A host of two CPUs: memory and swap nearly used up, waiting for its disks, /data without inodes and read-only.
std::map<std::string, std::string> const kUnwell{
    {"stat", "cpu  100 10 50 800 30 5 5 0 0 0\ncpu0 1 1 1 1\ncpu1 1 1 1 1\n"},
    {"loadavg", "2.50 1.05 0.30 3/1234 56789\n"},
    {"meminfo", "MemTotal: 16000 kB\nMemAvailable: 1000 kB\nSwapTotal: 1000 kB\nSwapFree: 190 kB\n"},
    {"pressure/cpu", "some avg10=1.00 avg60=2.00 avg300=3.00 total=4\n"},
    {"pressure/memory", "some avg10=5.00 avg60=19.00 avg300=3.00 total=4\nfull avg10=0 avg60=0 avg300=0 total=0\n"},
    {"pressure/io", "some avg10=9.00 avg60=45.00 avg300=3.00 total=4\n"},
    {"uptime", "100.50 12.00\n"},
    {"sys/fs/file-nr", "1504 0 100000\n"},
    {"1/mountinfo", "27 1 8:1 / / rw - ext4 /dev/sda1 rw\n28 27 8:2 / /data ro - xfs /dev/sdb1 ro\n"},
    {"42/stat", "42 (postgres) S 1 1 1 0 -1 0 0 0 0 0 10 5 0 0 20 0 1 0 4 100 900 1\n"}};

void furnish(Stage& stage, std::map<std::string, std::string> const& files) {
  for (auto const& [name, text] : files) {
    auto const file = stage.folder / "host/proc" / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  stage.tools.host.root = stage.folder / "host";
  stage.tools.host.sampling = 1ms;
  stage.tools.host.probe = [](std::string const& path) -> Result<host::FileSystemCounts> {
    if (path.ends_with("data")) return host::FileSystemCounts{4096, 1000, 990, 990, 100, 2};
    return host::FileSystemCounts{4096, 1000, 400, 400, 100, 40};
  };
}

}  // namespace

TEST_CASE("a host that is unwell: each value against its limit, worst first") {
  Stage stage(shipped_config("demo.yaml"));
  furnish(stage, kUnwell);
  auto const reply = stage.say("alice", "/diag system");
  auto const& table = std::get<Table>(reply.message.blocks.at(1));
  std::vector<Verdict> verdicts;
  for (auto const& row : table.rows) verdicts.push_back(row.verdict);
  CHECK(std::is_sorted(verdicts.begin(), verdicts.end(), [](Verdict one, Verdict other) {
    auto const rank = [](Verdict each) { return each == Verdict::bad ? 0 : each == Verdict::warning ? 1 : 2; };
    return rank(one) < rank(other);
  }));
  auto const text = stage.worded(reply);
  CAPTURE(text);
  for (std::string const line :
       {"❌ 内存 94 %(限 85 %)", "❌ inode /data 98 %(限 90 %)", "❌ 等磁盘 45 %(限 20 %",
        "⚠️ 交换区 81 %(限 85 %)", "⚠️ 等内存 19 %(限 20 %", "✅ 磁盘 / 60 %(限 90 %)"})
    CHECK_MESSAGE(text.find(line) != std::string::npos, line);
  CHECK(text.find("只读") != std::string::npos);
  CHECK(text.find("postgres") != std::string::npos);
}

TEST_CASE("while nothing waits, pressure is one line; a host without it is no finding") {
  Stage stage(shipped_config("demo.yaml"));
  auto files = kUnwell;
  files["pressure/memory"] = files["pressure/io"] = files["pressure/cpu"];
  furnish(stage, files);
  CHECK(stage.worded(stage.say("alice", "/diag system")).find("✅ 等 CPU 2.0 %、内存 2.0 %、磁盘 2.0 %(限 20 %)") !=
        std::string::npos);
  std::filesystem::remove_all(stage.folder / "host/proc/pressure");
  auto const without = stage.worded(stage.say("alice", "/diag system"));
  CHECK(without.find("等 CPU") == std::string::npos);
  CHECK(without.find("pressure") == std::string::npos);
}

TEST_CASE("however many ports are listened on, they are one line: those that are a way in come first") {
  std::string sockets =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
  auto const listen = [&sockets](char const* address, int port) {
    char line[160];
    std::snprintf(line, sizeof line, "   0: %s:%04X 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 %d 1\n",
                  address, static_cast<unsigned>(port), port);
    sockets += line;
  };
  for (int port = 40'000; port < 40'030; ++port) listen("0100007F", port);
  for (int const port : {22, 443, 55'555}) listen("00000000", port);
  for (auto const* line : {"诊断网络", "/diag network"}) {
    auto config = shipped_config("demo.yaml");
    for (auto& person : config.people) person.locale = *line == '/' ? Locale::en : Locale::zh_cn;
    Stage stage(std::move(config));
    furnish(stage, {{"1/net/tcp", sockets}});
    std::istringstream text(stage.worded(stage.say("alice", line)));
    std::string found;
    for (std::string each; std::getline(text, each);) {
      CHECK_MESSAGE(columns(each) <= kLineColumns, each);
      if (each.find("33") != std::string::npos) found = each;
    }
    CAPTURE(found);
    for (auto const* each : {"22", "443", "55555"}) CHECK(found.find(each) != std::string::npos);
    CHECK((found.find("还有") != std::string::npos || found.find("more") != std::string::npos));
  }
}

TEST_CASE("the limits are those of the configuration") {
  auto config = shipped_config("demo.yaml");
  config.limits.memory = percent(97);
  config.limits.pressure = percent(60);
  Stage stage(std::move(config));
  furnish(stage, kUnwell);
  auto const text = stage.worded(stage.say("alice", "/diag system"));
  CHECK(text.find("⚠️ 内存 94 %(限 97 %)") != std::string::npos);
  CHECK(text.find("45 %(限 60 %)") != std::string::npos);
  CHECK(text.find("❌ 等") == std::string::npos);
}

TEST_CASE("checks run side by side: each of three waits for the two others") {
  auto config = shipped_config("demo.yaml");
  for (std::string const name : {"one", "two"}) {
    config.health.push_back(config.health.front());
    config.health.back().name = name;
    config.health.back().title = Localized(name);
  }
  Stage stage(std::move(config));
  std::mutex mutex;
  std::condition_variable wake;
  int waiting = 0;
  stage.tools.probe = [&](HealthCheck const&) {
    std::unique_lock lock(mutex);
    ++waiting;
    wake.notify_all();
    bool const together = wake.wait_for(lock, 20s, [&] { return waiting == 3; });
    return web::Finding{together ? web::Finding::What::ok : web::Finding::What::timed_out, 200, 1ms, ""};
  };
  auto const reply = stage.say("alice", "/diag health");
  CHECK(Stage::first(reply).find("good")->index() == Arg{std::int64_t{3}}.index());
  CHECK(*Stage::first(reply).find("good") == Arg{std::int64_t{3}});
}

TEST_CASE("a log by lines, by time in the host's zone, by error; what there is none of is said") {
  Stage stage(shipped_config("demo.yaml"));  // it is 11:10 in Shanghai
  std::filesystem::create_directories(stage.folder / "logs");
  std::ofstream(stage.folder / "logs/demo.log") << "2026-11-23 10:30:00 ERROR web: old\n"
                                                   "2026-11-23 11:05:00 INFO web: fresh\n"
                                                   "2026-11-23 11:06:00 ERROR web: GET /health 502\n"
                                                   "  at frame 1\n";
  auto const shown = [&](std::string const& line) {
    auto const reply = stage.say("alice", line);
    REQUIRE_MESSAGE(reply.message.blocks.size() == 2, stage.worded(reply));
    return std::get<Code>(reply.message.blocks.back()).text;
  };
  CHECK(shown("/logs demo 1") == "  at frame 1\n");
  CHECK(shown("/logs demo --since=10m").starts_with("2026-11-23 11:05:00 INFO web: fresh\n"));
  CHECK(shown("/logs demo --since=10m").find("old") == std::string::npos);
  auto const errors = shown("/logs demo --errors");
  CHECK(errors.find("old") != std::string::npos);
  CHECK(errors.find("GET /health 502") != std::string::npos);
  CHECK(errors.find("fresh") == std::string::npos);
  CHECK(Stage::key(stage.say("alice", "/logs demo --since=1m")) == "logs.empty");
}

TEST_CASE("an action's HTTP step goes on when the check is green and fails with its finding when it is not") {
  auto config = shipped_config("demo.yaml");
  ActionSpec look;
  look.name = "front";
  look.title = Localized("Front");
  look.effect = Effect::read;
  look.steps.push_back(HttpStep{"self"});
  config.actions.push_back(look);
  Stage stage(std::move(config));
  CHECK(Stage::key(stage.say("alice", "/diag front")) == "look.ran");
  stage.tools.probe = [](HealthCheck const&) { return web::Finding{web::Finding::What::wrong_status, 502, 3ms, ""}; };
  auto const failed = stage.say("alice", "/diag front");
  CHECK(Stage::key(failed).ends_with(".failed"));
  CHECK(stage.worded(failed).find("502") != std::string::npos);
}
