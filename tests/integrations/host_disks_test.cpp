#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <future>
#include <limits>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "integrations/host/disks.hpp"
#include "integrations/host/shared_calls.hpp"
#include "integrations/process/runner.hpp"

using namespace tocsin;
using namespace tocsin::host;
using namespace std::chrono_literals;

namespace {

using Steady = std::chrono::steady_clock;

Mount mount(std::string device, std::string point, std::string type = "ext4", std::string root = "/") {
  return {std::move(device), std::move(root), std::move(point), std::move(type), "/dev/x", false};
}

std::string points(std::vector<Mount> const& mounts) {
  std::string joined;
  for (auto const& each : mounts) joined += each.mount_point + " ";
  return joined;
}

/// A file system that answers only when it is told to. Shared with the threads that ask it.
struct Gate {
  std::promise<void> opened;
  std::shared_future<void> open = opened.get_future().share();
  std::atomic<int> asked = 0;
};

FileSystemCounts const kSome{4096, 1000, 400, 350, 100, 40};

}  // namespace

TEST_CASE("how full a disk is, is counted as df counts it") {
  struct Row {
    std::string_view name;
    FileSystemCounts counts;
    std::uint64_t used;
    std::uint64_t available;
    int percent;
  };
  constexpr auto kHuge = std::numeric_limits<std::uint64_t>::max();
  for (auto const& row :
       {Row{"with blocks kept for root", {4096, 1000, 400, 350, 0, 0}, 600 * 4096, 350 * 4096, 64},
        Row{"exactly a percent is not rounded", {1, 100, 50, 50, 0, 0}, 50, 50, 50},
        Row{"a hair above is rounded up", {1, 100'001, 50'000, 50'000, 0, 0}, 50'001, 50'000, 51},
        Row{"one block of many is 1 %", {1, 1'000'000, 999'999, 999'999, 0, 0}, 1, 999'999, 1},
        Row{"empty", {1, 100, 100, 100, 0, 0}, 0, 100, 0},
        Row{"full for programs, not for root", {1, 100, 5, 0, 0, 0}, 95, 0, 100},
        Row{"full", {1, 100, 0, 0, 0, 0}, 100, 0, 100}, Row{"no blocks at all", {1, 0, 0, 0, 0, 0}, 0, 0, 0},
        Row{"more free than there is", {1, 100, 200, 200, 0, 0}, 0, 100, 0},
        Row{"beyond all numbers", {kHuge, kHuge, 0, 0, 0, 0}, kHuge, 0, 100}}) {
    CAPTURE(row.name);
    auto const space = space_of(row.counts);
    CHECK(space.used_bytes == row.used);
    CHECK(space.available_bytes == row.available);
    CHECK(space.used_percent == row.percent);
  }
}

TEST_CASE("inodes are counted where there is a number of them") {
  CHECK_FALSE(inodes_of({1, 100, 50, 50, 0, 0}).has_value());
  auto const inodes = inodes_of({1, 100, 50, 50, 1000, 5});
  REQUIRE(inodes.has_value());
  CHECK(inodes->total == 1000);
  CHECK(inodes->used == 995);
  CHECK(inodes->used_percent == 100);  // 99.5, rounded up
  CHECK(inodes_of({1, 100, 50, 50, 1000, 2000})->used == 0);
}

TEST_CASE("only real file systems are listed, each once") {
  struct Row {
    std::string_view name;
    std::vector<Mount> mounts;
    std::string_view left;
  };
  for (auto const& row :
       {Row{"kernel file systems go",
            {mount("0:1", "/proc", "proc"), mount("0:2", "/sys", "sysfs"), mount("0:3", "/dev", "devtmpfs"),
             mount("0:4", "/run", "tmpfs"), mount("0:5", "/sys/fs/cgroup", "cgroup2"), mount("8:1", "/")},
            "/ "},
        Row{"images go", {mount("7:1", "/snap/x", "squashfs"), mount("11:0", "/media", "iso9660")}, ""},
        Row{"the automounter goes, what it mounted stays",
            {mount("0:40", "/home", "autofs"), mount("0:41", "/home/li", "nfs4")},
            "/home/li "},
        Row{"a type not heard of stays", {mount("8:1", "/new", "futurefs")}, "/new "},
        Row{"a bind mount is the same disk", {mount("8:1", "/"), mount("8:1", "/srv/data", "ext4", "/data")}, "/ "},
        Row{"whichever comes first", {mount("8:1", "/srv/data", "ext4", "/data"), mount("8:1", "/mnt")}, "/mnt "},
        Row{"of whole mounts the one nearest the root", {mount("8:1", "/a/b/c"), mount("8:1", "/a")}, "/a "},
        Row{"a hidden mount is not seen", {mount("8:1", "/data"), mount("8:2", "/data")}, "/data "},
        Row{"a disk hidden by a memory disk is not seen", {mount("8:1", "/data"), mount("0:9", "/data", "tmpfs")}, ""},
        Row{"container layers go", {mount("8:1", "/"), mount("0:50", "/var/lib/docker/x", "overlay")}, "/ "},
        Row{"but not when we stand on one",
            {mount("0:50", "/", "overlay"), mount("8:1", "/etc/hosts")},
            "/ /etc/hosts "},
        Row{"in the order of their places", {mount("8:3", "/z"), mount("8:2", "/a"), mount("8:1", "/m")}, "/a /m /z "},
        Row{"none", {}, ""}}) {
    CAPTURE(row.name);
    CHECK(points(real_file_systems(row.mounts)) == row.left);
  }
}

TEST_CASE("each file system is asked below the root") {
  auto const seen = std::make_shared<std::promise<std::string>>();
  auto const disks =
      measure({mount("8:1", "/var/lib")}, "/host", Steady::now() + 10s, {}, [seen](std::string const& path) {
        seen->set_value(path);
        return Result<FileSystemCounts>(kSome);
      });
  CHECK(seen->get_future().get() == "/host/var/lib");
  REQUIRE(disks.size() == 1);
  REQUIRE(disks[0].space.has_value());
  CHECK(disks[0].space->total_bytes == 4'096'000);
  REQUIRE(disks[0].inodes.has_value());
  CHECK(disks[0].inodes->used_percent == 60);
  CHECK_FALSE(disks[0].why_not.has_value());
}

TEST_CASE("a file system that hangs is not checked, costs its neighbours nothing, and is asked once") {
  auto const gate = std::make_shared<Gate>();
  SpaceProbe const probe = [gate](std::string const& path) -> Result<FileSystemCounts> {
    if (path != "/hangs") return kSome;
    ++gate->asked;
    gate->open.wait();
    return kSome;
  };
  std::vector<Mount> const mounts{mount("0:9", "/hangs", "nfs4"), mount("8:1", "/ok"), mount("8:2", "/other")};
  for (int i = 0; i < 2; ++i) {
    auto const begin = Steady::now();
    auto const disks = measure(mounts, "/", begin + 500ms, {}, probe);
    CHECK(Steady::now() - begin < 5s);
    REQUIRE(disks.size() == 3);
    CHECK_FALSE(disks[0].space.has_value());
    REQUIRE(disks[0].why_not.has_value());
    CHECK(disks[0].why_not->code == Errc::timed_out);
    CHECK(disks[1].space.has_value());
    CHECK(disks[2].space.has_value());
  }
  CHECK(gate->asked == 1);
  gate->opened.set_value();
  // Whoever asks now joins the call that is about to end, or makes a new one; both get an answer.
  CHECK(measure(mounts, "/", Steady::now() + 10s, {}, probe)[0].space.has_value());
}

TEST_CASE("a stop ends the wait for a file system") {
  auto const gate = std::make_shared<Gate>();
  std::stop_source source;
  source.request_stop();
  auto const begin = Steady::now();
  auto const disks = measure({mount("0:9", "/hangs-too", "nfs4")}, "/", begin + 60s, source.get_token(),
                             [gate](std::string const&) -> Result<FileSystemCounts> {
                               gate->open.wait();
                               return kSome;
                             });
  CHECK(Steady::now() - begin < 10s);
  CHECK_FALSE(disks.at(0).space.has_value());
  gate->opened.set_value();
}

TEST_CASE("a file system that fails, throws or has no blocks says so") {
  SpaceProbe const probe = [](std::string const& path) -> Result<FileSystemCounts> {
    if (path == "/fails") return Error{Errc::refused, "no"};
    if (path == "/throws") throw std::runtime_error("broken");
    if (path == "/kernel") return FileSystemCounts{};
    return kSome;
  };
  auto const disks =
      measure({mount("8:1", "/fails"), mount("8:2", "/kernel"), mount("8:3", "/ok"), mount("8:4", "/throws")}, "/",
              Steady::now() + 10s, {}, probe);
  REQUIRE(disks.size() == 3);  // what has no blocks is no disk
  CHECK(disks[0].why_not == Error{Errc::refused, "no"});
  CHECK(disks[1].space.has_value());
  CHECK(disks[2].why_not.has_value());
}

TEST_CASE("the number of file systems is bounded, and those beyond are named") {
  std::vector<Mount> mounts;
  for (std::size_t i = 0; i <= kMaxDisks; ++i) {
    mounts.push_back(mount("8:" + std::to_string(i), "/many/" + std::to_string(i)));
  }
  auto const disks =
      measure(mounts, "/", Steady::now() + 20s, {}, [](std::string const&) { return Result<FileSystemCounts>(kSome); });
  REQUIRE(disks.size() == kMaxDisks + 1);
  CHECK(disks[kMaxDisks - 1].space.has_value());
  CHECK(disks[kMaxDisks].why_not->code == Errc::too_large);
}

TEST_CASE("calls that hang are bounded in number, and a new one is refused at once") {
  SharedCalls<int> calls;
  auto const gate = std::make_shared<Gate>();
  std::vector<std::shared_ptr<SharedCalls<int>::Call>> hung;
  for (std::size_t i = 0; i < SharedCalls<int>::kMaxThreads; ++i) {
    hung.push_back(calls.begin(std::to_string(i), [gate] {
      gate->open.wait();
      return 7;
    }));
    REQUIRE(hung.back() != nullptr);
  }
  CHECK(calls.begin("one more", [] { return 8; }) == nullptr);
  CHECK(calls.begin("0", [] { return 8; }) == hung[0]);  // joining is always possible
  gate->opened.set_value();
  for (auto const& call : hung) CHECK(call->wait(Steady::now() + 10s, {}) == 7);
  auto const fresh = calls.begin("0", [] { return 9; });
  REQUIRE(fresh != nullptr);
  CHECK(fresh->wait(Steady::now() + 10s, {}) == 9);
}

TEST_CASE("the real root is as full as df says") {
  process::ProcessSpec spec;
  spec.argv = {"df", "--output=size,used,avail,pcent", "-B1", "/"};
  auto const df = process::run(spec, {});
  REQUIRE(df.succeeded());
  std::istringstream lines(df.output);
  std::string heads;
  std::getline(lines, heads);
  std::uint64_t size = 0;
  std::uint64_t used = 0;
  std::uint64_t available = 0;
  int percent = 0;
  lines >> size >> used >> available >> percent;
  REQUIRE_FALSE(lines.fail());
  auto const counts = ask_file_system("/");
  REQUIRE(counts.has_value());
  auto const space = space_of(*counts);
  CHECK(space.total_bytes == size);
  CHECK(space.used_percent >= percent - 1);  // somebody may write between the two looks
  CHECK(space.used_percent <= percent + 1);
  CHECK(ask_file_system("/no/such").error().code == Errc::not_found);
}
