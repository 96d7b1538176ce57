#include <sys/stat.h>

#include <algorithm>
#include <future>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "integrations/host/vitals.hpp"
#include "tests/integrations/process_fixtures.hpp"

using namespace tocsin;
using namespace tocsin::host;
using tocsin::process::testing::Folder;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

using Steady = std::chrono::steady_clock;

/// A whole little /proc, as of a host of two CPUs.
std::map<std::string, std::string> const kHost{
    {"stat", "cpu  100 10 50 800 30 5 5 0 0 0\ncpu0 1 1 1 1\ncpu1 1 1 1 1\nintr 1\n"},
    {"loadavg", "2.50 1.05 0.30 3/1234 56789\n"},
    {"meminfo", "MemTotal: 16000 kB\nMemAvailable: 4000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n"},
    {"pressure/cpu", "some avg10=1.00 avg60=2.00 avg300=3.00 total=4\n"},
    {"pressure/memory", "some avg10=5.00 avg60=2.00 avg300=3.00 total=4\nfull avg10=0 avg60=0 avg300=0 total=0\n"},
    {"pressure/io", "some avg10=9.00 avg60=2.00 avg300=3.00 total=4\n"},
    {"uptime", "100.50 12.00\n"},
    {"sys/fs/file-nr", "1504 0 100000\n"},
    {"1/mountinfo",
     "27 1 8:1 / / rw - ext4 /dev/sda1 rw\n28 27 8:2 / /data rw - xfs /dev/sdb1 ro\n29 27 0:9 / /proc rw - proc proc "
     "rw\n"},
    {"1/stat", "1 (init) S 0 1 1 0 -1 0 0 0 0 0 10 5 0 0 20 0 1 0 3 100 300 1\n"},
    {"42/stat", "42 (postgres: x) S 1 1 1 0 -1 0 0 0 0 0 10 5 0 0 20 0 1 0 4 100 900 1\n"},
    {"43/stat", "torn"},
    {"self/stat", "99 (never) S 0 1 1 0 -1 0 0 0 0 0 10 5 0 0 20 0 1 0 3 100 300 1\n"}};

FileSystemCounts const kSome{4096, 1000, 400, 350, 100, 40};

class Host {
 public:
  Host() {
    for (auto const& [name, text] : kHost) write(name, text);
    options_.root = folder_.path();
    options_.sampling = 20ms;
    options_.probe = [](std::string const&) { return Result<FileSystemCounts>(kSome); };
  }
  void write(std::string const& name, std::string const& text) {
    auto const file = path(name);
    fs::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  [[nodiscard]] fs::path path(std::string const& name) const { return folder_.path() / "proc" / name; }
  [[nodiscard]] Result<Vitals> read() const { return read_vitals(options_, {}, Steady::now() + 10s); }
  VitalsOptions& options() { return options_; }

 private:
  Folder folder_;
  VitalsOptions options_;
};

std::set<std::string> names(std::vector<Missing> const& missing) {
  std::set<std::string> result;
  for (auto const& each : missing) result.insert(each.what);
  return result;
}

using Names = std::set<std::string>;

}  // namespace

TEST_CASE("all that a host tells is read from its root") {
  Host host;
  // Replaced while the counters are sampled: the probe of the disks runs between the two looks.
  auto const second = host.path("stat");
  auto const busy = host.path("42/stat");
  host.options().probe = [second, busy](std::string const&) {
    std::ofstream(second) << "cpu  140 10 50 840 50 5 5 0 0 0\ncpu0 1 1 1 1\ncpu1 1 1 1 1\n";
    std::ofstream(busy) << "42 (postgres: x) S 1 1 1 0 -1 0 0 0 0 0 40 15 0 0 20 0 1 0 4 100 900 1\n";
    return Result<FileSystemCounts>(kSome);
  };
  fs::remove(host.path("1/mountinfo"));
  host.write("1/mountinfo", "27 1 8:1 / / rw - ext4 /dev/sda1 rw\n");
  auto const vitals = host.read();
  REQUIRE(vitals.has_value());
  CHECK(names(vitals->missing) == Names{});
  CHECK(vitals->cpu->busy == doctest::Approx(40));
  CHECK(vitals->cpu->waiting == doctest::Approx(20));
  CHECK(vitals->cpu->cpus == 2);
  CHECK(vitals->load->one == doctest::Approx(2.5));
  CHECK(vitals->memory->used_percent() == doctest::Approx(75));
  CHECK(vitals->swap->total_bytes == 0);
  CHECK(vitals->cpu_pressure->some.avg10 == doctest::Approx(1));
  CHECK_FALSE(vitals->cpu_pressure->full.has_value());
  CHECK(vitals->memory_pressure->full.has_value());
  CHECK(vitals->io_pressure->some.avg10 == doctest::Approx(9));
  CHECK(vitals->uptime == Millis{100'500});
  CHECK(vitals->open_files->open == 1504);
  REQUIRE(vitals->disks.size() == 1);
  CHECK(vitals->disks[0].space->used_percent == 64);
  REQUIRE(vitals->top_by_cpu.size() == 1);
  CHECK(vitals->top_by_cpu[0].name == "postgres: x");
  CHECK(vitals->top_by_cpu[0].cpu_percent == doctest::Approx(80));  // 40 of the 50 ticks that each CPU had
  REQUIRE(vitals->top_by_memory.size() == 2);
  CHECK(vitals->top_by_memory[0].pid == 42);
  CHECK(vitals->top_by_memory[1].name == "init");
}

TEST_CASE("each missing piece is named, and the others stand") {
  struct Row {
    std::string file;
    Names missing;
  };
  struct Spoiler {
    std::string_view name;
    void (*spoil)(Host&, std::string const& file);
  };
  for (auto const
           &spoiler : {Spoiler{"absent", [](Host&host, std::string const&file) { fs::remove(host.path(file)); }},
                       Spoiler{"garbage",
                               [](Host&host, std::string const&file) { host.write(file, "\xFF garbage \n\n"); }},
                       Spoiler{"empty", [](Host&host, std::string const&file) { host.write(file, ""); }},
                       Spoiler{
                           "endless",
                           [](Host&host, std::string const&file) {
                             fs::remove(host.path(file));
                             fs::create_symlink("/dev/zero", host.path(file));
                           }},
                       Spoiler{"a pipe nobody writes to", [](Host&host, std::string const&file) {
                                 fs::remove(host.path(file));
                                 REQUIRE(::mkfifo(host.path(file).c_str(), 0600) == 0);
                               }}}) {
    // The counters of the fixture stand still, so "cpu" is always among the missing.
    for (auto const& row :
         {Row{"loadavg", {"cpu", "load"}}, Row{"meminfo", {"cpu", "memory", "swap"}},
          Row{"pressure/cpu", {"cpu", "cpu pressure"}}, Row{"pressure/memory", {"cpu", "memory pressure"}},
          Row{"pressure/io", {"cpu", "io pressure"}}, Row{"uptime", {"cpu", "uptime"}},
          Row{"sys/fs/file-nr", {"cpu", "open files"}}, Row{"1/mountinfo", {"cpu", "disks"}}, Row{"stat", {"cpu"}}}) {
      CAPTURE(spoiler.name);
      CAPTURE(row.file);
      Host host;
      spoiler.spoil(host, row.file);
      auto const vitals = host.read();
      REQUIRE(vitals.has_value());
      CHECK(names(vitals->missing) == row.missing);
    }
  }
}

TEST_CASE("every name of a missing piece is one that callers can know") {
  Host host;
  for (auto const& [name, text] : kHost) fs::remove(host.path(name));
  auto const vitals = host.read();
  REQUIRE(vitals.has_value());
  CHECK(names(vitals->missing) == Names(kPieces.begin(), kPieces.end()));
}

TEST_CASE("no proc at all, or options without sense, are errors") {
  Host host;
  host.options().root = "/no/such/root";
  CHECK(host.read().error().code == Errc::not_found);
  struct Row {
    Millis sampling;
    Millis disk_limit;
    bool fine;
  };
  for (auto const& row : {Row{0ms, 1s, false}, Row{-1ms, 1s, false}, Row{1ms, 1s, true}, Row{kMaxSampling, 1s, true},
                          Row{kMaxSampling + 1ms, 1s, false}, Row{1ms, 0ms, false}, Row{1ms, kMaxDiskLimit, true},
                          Row{1ms, kMaxDiskLimit + 1ms, false}}) {
    CAPTURE(row.sampling.count());
    CAPTURE(row.disk_limit.count());
    Host other;
    other.options().sampling = row.sampling;
    other.options().disk_limit = row.disk_limit;
    auto const vitals = read_vitals(other.options(), {}, Steady::now() + 500ms);
    CHECK(vitals.has_value() == row.fine);
    if (!row.fine) CHECK(vitals.error().code == Errc::invalid);
  }
}

TEST_CASE("the deadline shortens the sampling") {
  Host host;
  host.options().sampling = kMaxSampling;
  auto const begin = Steady::now();
  auto const vitals = read_vitals(host.options(), {}, begin + 200ms);
  CHECK(Steady::now() - begin < 5s);
  REQUIRE(vitals.has_value());
  CHECK(vitals->load.has_value());
}

TEST_CASE("a deadline already past still gives what costs no waiting") {
  Host host;
  auto const vitals = read_vitals(host.options(), {}, Steady::now() - 1s);
  REQUIRE(vitals.has_value());
  CHECK(vitals->load.has_value());
  CHECK(names(vitals->missing).contains("processes"));
}

TEST_CASE("a stop ends the sampling") {
  Host host;
  host.options().sampling = kMaxSampling;
  std::stop_source source;
  auto result = std::async(std::launch::async,
                           [&] { return read_vitals(host.options(), source.get_token(), Steady::now() + 60s); });
  source.request_stop();
  REQUIRE(result.wait_for(10s) == std::future_status::ready);
  CHECK(result.get().error().code == Errc::unavailable);
}

TEST_CASE("a disk that hangs is named and holds up nothing else") {
  Host host;
  auto const opened = std::make_shared<std::promise<void>>();
  auto const open = opened->get_future().share();
  auto const hangs = (host.options().root / "data").native();
  host.options().disk_limit = 500ms;
  host.options().probe = [open, hangs](std::string const& path) {
    if (path == hangs) open.wait();
    return Result<FileSystemCounts>(kSome);
  };
  auto const vitals = host.read();
  opened->set_value();
  REQUIRE(vitals.has_value());
  CHECK(names(vitals->missing) == Names{"cpu", "disk /data"});
  REQUIRE(vitals->disks.size() == 2);
  CHECK(vitals->disks[0].space.has_value());
  CHECK_FALSE(vitals->disks[0].mount.read_only);
  CHECK_FALSE(vitals->disks[1].space.has_value());
  CHECK(vitals->disks[1].mount.read_only);
}

TEST_CASE("shares of the CPU belong to one process, not to its number") {
  ProcessSample const before{{{1, "same", 'S', 100, 5, 10}, {2, "old", 'S', 100, 5, 10}, {3, "back", 'S', 100, 5, 10}},
                             true};
  ProcessSample const after{{{1, "same", 'S', 150, 5, 20},
                             {2, "new", 'S', 900, 99, 10},
                             {3, "back", 'S', 50, 5, 10},
                             {4, "born", 'R', 70, 99, 10}},
                            true};
  auto const uses = process_uses(before, after, 100, 4096);
  REQUIRE(uses.size() == 4);
  CHECK(uses[0].cpu_percent == doctest::Approx(50));
  CHECK(uses[0].resident_bytes == 81920);
  for (std::size_t i = 1; i < 4; ++i) CHECK(uses[i].cpu_percent == 0);
  for (auto const& use : process_uses(before, after, 0, 4096)) CHECK(use.cpu_percent == 0);
}

TEST_CASE("the greediest come first, the idle are left out") {
  std::vector<ProcessUse> const uses{{1, "a", 0, 10}, {2, "b", 50, 30}, {3, "c", 150, 0}, {4, "d", 50, 20}};
  auto const pids = [](std::vector<ProcessUse> const& list) {
    std::vector<std::int64_t> result;
    for (auto const& use : list) result.push_back(use.pid);
    return result;
  };
  CHECK(pids(top_by_cpu(uses, 9)) == std::vector<std::int64_t>{3, 2, 4});
  CHECK(pids(top_by_cpu(uses, 2)) == std::vector<std::int64_t>{3, 2});
  CHECK(pids(top_by_memory(uses, 9)) == std::vector<std::int64_t>{2, 4, 1});
  CHECK(pids(top_by_memory(uses, 0)).empty());
}

TEST_CASE("this very machine has vitals") {
  VitalsOptions options;
  options.sampling = 100ms;
  options.top = 100'000;
  auto const me = [](ProcessUse const& use) { return use.pid == ::getpid(); };
  // Somebody has to use the CPU meanwhile, and it must be seen, however busy the machine is with other things.
  std::jthread const burner([](std::stop_token stop) {
    while (!stop.stop_requested()) {
    }
  });
  bool seen = false;
  for (int attempt = 0; attempt < 50 && !seen; ++attempt) {
    auto const vitals = read_vitals(options, {}, Steady::now() + 20s);
    REQUIRE(vitals.has_value());
    CHECK(vitals->cpu->busy > 0);
    CHECK(vitals->cpu->busy <= 100);
    CHECK(vitals->cpu->cpus == static_cast<int>(std::thread::hardware_concurrency()));
    CHECK(vitals->memory->used_percent() > 0);
    CHECK(vitals->uptime > Millis::zero());
    CHECK(vitals->open_files->open > 0);
    auto const root = std::find_if(vitals->disks.begin(), vitals->disks.end(),
                                   [](Disk const& disk) { return disk.mount.mount_point == "/"; });
    REQUIRE(root != vitals->disks.end());
    CHECK(root->space->total_bytes > 0);
    CHECK(std::any_of(vitals->top_by_memory.begin(), vitals->top_by_memory.end(), me));
    seen = std::any_of(vitals->top_by_cpu.begin(), vitals->top_by_cpu.end(), me);
  }
  CHECK(seen);
}
