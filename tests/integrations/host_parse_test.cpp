#include <doctest/doctest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "integrations/host/parse.hpp"

using namespace tocsin;
using namespace tocsin::host;
using namespace std::string_view_literals;

namespace {

constexpr std::string_view kStat =
    "cpu  100 10 50 800 30 5 5 0 7 0\n"
    "cpu0 50 5 25 400 15 2 3 0 0 0\n"
    "cpu1 50 5 25 400 15 3 2 0 0 0\n"
    "intr 12345 0 0\nctxt 1\nbtime 1700000000\nprocs_blocked 0\n";

constexpr std::string_view kMeminfo =
    "MemTotal:       16000000 kB\nMemFree:          200000 kB\nMemAvailable:    4000000 kB\n"
    "SwapCached:            0 kB\nSwapTotal:       2000000 kB\nSwapFree:        1500000 kB\nHugePages_Total:       0\n";

constexpr std::string_view kPressure =
    "some avg10=12.50 avg60=3.00 avg300=0.10 total=123456\nfull avg10=0.00 avg60=0.01 avg300=0.02 total=99\n";

constexpr std::string_view kProcess =
    "4711 (nginx) S 1 4711 4711 0 -1 4194560 900 0 12 0 150 50 0 0 20 0 4 0 98765 23000000 1234 18446744073709551615 1 "
    "1";

constexpr std::string_view kMountinfo =
    "22 27 0:21 / /proc rw,relatime shared:1 - proc proc rw\n"
    "27 1 254:0 / / rw,relatime shared:2 master:3 propagate_from:1 - ext4 /dev/vda rw,errors=remount-ro\n"
    "30 27 8:17 /export /mnt/my\\040disk\\011x ro,noatime - xfs /dev/sdb1 rw,attr2\n"
    "31 27 8:33 / /mnt/failed rw - ext4 /dev/sdc1 ro,errors=remount-ro\n";

/// Everything a parser is given that it did not expect.
std::vector<std::string> hostile(std::string_view good) {
  std::vector<std::string> texts{"",
                                 "\n",
                                 " ",
                                 "\n\n\n",
                                 std::string(100'000, 'x'),
                                 std::string(100'000, '\n'),
                                 std::string(1000, '\0'),
                                 "cpu",
                                 "cpu  ",
                                 "((((",
                                 "))))",
                                 "1 ()",
                                 "- - - -",
                                 "\\\\\\",
                                 "\xFF\xFE\x80",
                                 "-1 -1 -1",
                                 "nan nan nan",
                                 "inf",
                                 "1e400 1e400 1e400",
                                 "99999999999999999999999999999999"};
  for (std::size_t end = 0; end < good.size(); ++end) texts.emplace_back(good.substr(0, end));
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (char const c : {'\0', ' ', '\n', '-', '9', ')', '\xFF', '\\'}) {
      texts.emplace_back(good);
      texts.back()[i] = c;
    }
  }
  std::mt19937 random(20231123);  // a fixed seed: the same bytes each time
  for (int i = 0; i < 300; ++i) {
    std::string noise(random() % 400, ' ');
    for (auto& c : noise) c = static_cast<char>(random());
    texts.push_back(std::move(noise));
  }
  return texts;
}

}  // namespace

TEST_CASE("the counters of the CPU are read") {
  auto const times = parse_stat(kStat);
  REQUIRE(times.has_value());
  CHECK(times->total == 1000);  // guest time is a part of user time and not added again
  CHECK(times->idle == 800);
  CHECK(times->waiting == 30);
  CHECK(times->stolen == 0);
  CHECK(times->cpus == 2);
}

TEST_CASE("two samples make percentages") {
  struct Row {
    std::string_view name;
    CpuTimes before;
    CpuTimes after;
    bool known;
    double busy;
    double waiting;
    double stolen;
  };
  for (auto const& row : {Row{"half busy", {1000, 800, 30, 0, 2}, {1200, 890, 40, 20, 2}, true, 50, 5, 10},
                          Row{"all idle", {1000, 800, 0, 0, 2}, {1100, 900, 0, 0, 2}, true, 0, 0, 0},
                          Row{"all busy", {1000, 800, 0, 0, 2}, {1100, 800, 0, 0, 2}, true, 100, 0, 0},
                          Row{"no time passed", {1000, 800, 0, 0, 2}, {1000, 800, 0, 0, 2}, false, 0, 0, 0},
                          Row{"a counter ran backwards", {1000, 800, 50, 0, 2}, {1100, 850, 40, 0, 2}, true, 50, 0, 0},
                          Row{"all ran backwards", {1000, 800, 50, 0, 2}, {900, 700, 40, 0, 2}, false, 0, 0, 0},
                          Row{"idle grew more than all", {1000, 800, 0, 0, 2}, {1100, 1000, 0, 0, 2}, true, 0, 0, 0}}) {
    CAPTURE(row.name);
    auto const use = cpu_use(row.before, row.after);
    REQUIRE(use.has_value() == row.known);
    if (!use) continue;
    CHECK(use->busy == doctest::Approx(row.busy));
    CHECK(use->waiting == doctest::Approx(row.waiting));
    CHECK(use->stolen == doctest::Approx(row.stolen));
    CHECK(use->cpus == 2);
  }
}

TEST_CASE("the counters of the CPU are refused when they are none") {
  for (auto const text : {""sv, "cpu\n"sv, "cpu  1 2 3\ncpu0 1 2 3\n"sv, "cpu  1 2 3 x\ncpu0\n"sv, "cpu  1 2 3 4\n"sv,
                          "cpu0 1 2 3 4\n"sv, "cpu  1 2 3 -4\ncpu0\n"sv, "cpu  1 2 3 18446744073709551615\ncpu0\n"sv}) {
    CAPTURE(text);
    CHECK(parse_stat(text).has_error());
  }
  CHECK(parse_stat("cpu  1 2 3 4\ncpu0 1 2 3 4").has_value());  // as kernels of old had it
}

TEST_CASE("the loads are read") {
  auto const load = parse_loadavg("2.50 1.05 0.30 3/1234 56789\n");
  REQUIRE(load.has_value());
  CHECK(load->one == doctest::Approx(2.5));
  CHECK(load->five == doctest::Approx(1.05));
  CHECK(load->fifteen == doctest::Approx(0.3));
  for (auto const text : {""sv, "1.0 2.0"sv, "1.0 2.0 x"sv, "-1.0 2.0 3.0"sv, "nan 1 1"sv, "inf 1 1"sv}) {
    CAPTURE(text);
    CHECK(parse_loadavg(text).has_error());
  }
}

TEST_CASE("memory counts what is available, not what is free") {
  auto const file = parse_meminfo(kMeminfo);
  REQUIRE(file.memory.has_value());
  CHECK(file.memory->total_bytes == 16'000'000ULL * 1024);
  CHECK(file.memory->available_bytes == 4'000'000ULL * 1024);
  CHECK(file.memory->used_percent() == doctest::Approx(75.0));
  REQUIRE(file.swap.has_value());
  CHECK(file.swap->total_bytes == 2'000'000ULL * 1024);
  CHECK(file.swap->free_bytes == 1'500'000ULL * 1024);
}

TEST_CASE("of memory and swap each is missing by itself") {
  struct Row {
    std::string_view name;
    std::string_view text;
    bool memory;
    bool swap;
  };
  for (auto const& row :
       {Row{"an old kernel", "MemTotal: 100 kB\nMemFree: 10 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n", false, true},
        Row{"no swap lines", "MemTotal: 100 kB\nMemAvailable: 10 kB\n", true, false},
        Row{"more available than there is", "MemTotal: 100 kB\nMemAvailable: 101 kB\n", false, false},
        Row{"all of it available", "MemTotal: 100 kB\nMemAvailable: 100 kB\n", true, false},
        Row{"no memory at all", "MemTotal: 0 kB\nMemAvailable: 0 kB\n", false, false},
        Row{"another unit", "MemTotal: 100 MB\nMemAvailable: 10 MB\n", false, false},
        Row{"an overflow", "MemTotal: 18446744073709551615 kB\nMemAvailable: 10 kB\n", false, false},
        Row{"more swap free than there is", "SwapTotal: 1 kB\nSwapFree: 2 kB\n", false, false},
        Row{"nothing", "", false, false}}) {
    CAPTURE(row.name);
    auto const file = parse_meminfo(row.text);
    CHECK(file.memory.has_value() == row.memory);
    CHECK(file.swap.has_value() == row.swap);
  }
}

TEST_CASE("pressure is read, with and without its second line") {
  auto const both = parse_pressure(kPressure);
  REQUIRE(both.has_value());
  CHECK(both->some.avg10 == doctest::Approx(12.5));
  CHECK(both->some.avg60 == doctest::Approx(3.0));
  CHECK(both->some.avg300 == doctest::Approx(0.1));
  CHECK(both->some.total == std::chrono::microseconds(123456));
  REQUIRE(both->full.has_value());
  CHECK(both->full->avg60 == doctest::Approx(0.01));
  auto const one = parse_pressure("some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n");
  REQUIRE(one.has_value());
  CHECK_FALSE(one->full.has_value());
  for (auto const text :
       {""sv, "some\n"sv, "some avg10=1 avg60=2 avg300=3\n"sv, "some avg10=x avg60=2 avg300=3 total=4"sv,
        "some avg60=2 avg10=1 avg300=3 total=4"sv, "some avg10=1 avg60=2 avg300=3 total=-4"sv}) {
    CAPTURE(text);
    CHECK(parse_pressure(text).has_error());
  }
}

TEST_CASE("mounts are read with escapes, optional fields and both kinds of read-only") {
  auto const mounts = parse_mountinfo(kMountinfo);
  REQUIRE(mounts.has_value());
  REQUIRE(mounts->size() == 4);
  CHECK((*mounts)[1].device == "254:0");
  CHECK((*mounts)[1].type == "ext4");
  CHECK((*mounts)[1].source == "/dev/vda");
  CHECK_FALSE((*mounts)[1].read_only);  // errors=remount-ro is not ro
  CHECK((*mounts)[2].mount_point == "/mnt/my disk\tx");
  CHECK((*mounts)[2].root == "/export");
  CHECK((*mounts)[2].read_only);
  CHECK((*mounts)[3].read_only);  // the file system itself, after an error
}

TEST_CASE("a malformed mount hides no other") {
  auto const mounts = parse_mountinfo(
      "garbage\n1 2 3 4 5 6 7\n\n27 1 254:0 / / rw - ext4 /dev/vda rw\n28 1 8:1 / relative rw - ext4 x rw\n"
      "29 1 8:1 / /nul\\000x rw - ext4 x rw\n30 1 8:2 / /no\\04 rw - ext4 /dev/x\n31 1 8:3 / /tail");
  REQUIRE(mounts.has_value());
  REQUIRE(mounts->size() == 2);
  CHECK((*mounts)[0].mount_point == "/");
  CHECK((*mounts)[1].mount_point == "/no\\04");  // no whole escape: left as it is
  CHECK(parse_mountinfo("garbage\n").has_error());
}

TEST_CASE("the number of mounts is bounded") {
  std::string text;
  for (std::size_t i = 0; i < kMaxMounts; ++i) text += "27 1 254:0 / / rw - ext4 /dev/vda rw\n";
  CHECK(parse_mountinfo(text).has_value());
  text += "27 1 254:0 / / rw - ext4 /dev/vda rw\n";
  REQUIRE(parse_mountinfo(text).has_error());
  CHECK(parse_mountinfo(text).error().code == Errc::too_large);
}

TEST_CASE("a process is read whatever its name holds") {
  struct Row {
    std::string_view raw;
    std::string_view shown;
  };
  for (auto const& row : {Row{"nginx", "nginx"}, Row{"a b", "a b"}, Row{")", ")"}, Row{"((", "(("},
                          Row{") S 1 2 3 (", ") S 1 2 3 ("}, Row{"", ""}, Row{"a\nb\tc", "a b c"},
                          Row{"\x1B[31mred", "red"}, Row{"\xFF", "\xEF\xBF\xBD"}, Row{"备份", "备份"}}) {
    CAPTURE(row.raw);
    auto const process = parse_process_stat("4711 (" + std::string(row.raw) + std::string(kProcess.substr(11)));
    REQUIRE(process.has_value());
    CHECK(process->pid == 4711);
    CHECK(process->name == row.shown);
    CHECK(process->state == 'S');
    CHECK(process->ticks == 200);
    CHECK(process->started_at == 98765);
    CHECK(process->resident_pages == 1234);
  }
  for (auto const text : {""sv, "4711"sv, "4711 (x"sv, "4711 x) S"sv, ")("sv, "0 (x) S 1"sv, "-5 (x) S 1"sv}) {
    CAPTURE(text);
    CHECK(parse_process_stat(text).has_error());
  }
}

TEST_CASE("uptime and open files are read") {
  CHECK(parse_uptime("12345.67 9876.54\n").value() == Millis{12345670});
  CHECK(parse_uptime("").has_error());
  CHECK(parse_uptime("-1.0 2").has_error());
  CHECK(parse_uptime("999999999999999 2").has_error());
  auto const files = parse_file_nr("1504\t0\t9223372036854775807\n");
  REQUIRE(files.has_value());
  CHECK(files->open == 1504);
  CHECK(files->limit == 9223372036854775807ULL);
  CHECK(parse_file_nr("1504\n").has_error());
  CHECK(parse_file_nr("1504 0 0\n").has_error());
  CHECK(parse_file_nr("x 0 1\n").has_error());
}

TEST_CASE("no text makes a parser crash, or tell more than there can be") {
  for (auto const good : {kStat, kMeminfo, kPressure, kMountinfo, kProcess}) {
    for (auto const& text : hostile(good)) {
      if (auto const times = parse_stat(text)) {
        CHECK(times->cpus > 0);
        CHECK(times->total >= times->idle);
      }
      auto const memory = parse_meminfo(text);
      if (memory.memory) {
        CHECK(memory.memory->used_percent() >= 0);
        CHECK(memory.memory->used_percent() <= 100);
      }
      if (memory.swap) CHECK(memory.swap->free_bytes <= memory.swap->total_bytes);
      if (auto const mounts = parse_mountinfo(text)) CHECK_FALSE(mounts->empty());
      if (auto const process = parse_process_stat(text)) CHECK(process->pid > 0);
      if (auto const load = parse_loadavg(text)) CHECK(load->one >= 0);
      if (auto const pressure = parse_pressure(text)) CHECK(pressure->some.avg10 >= 0);
      if (auto const uptime = parse_uptime(text)) CHECK(*uptime >= Millis::zero());
      if (auto const files = parse_file_nr(text)) CHECK(files->limit > 0);
    }
  }
}
