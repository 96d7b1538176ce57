#include <fcntl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "integrations/logs/tail.hpp"
#include "integrations/process/descriptor.hpp"
#include "tests/integrations/process_fixtures.hpp"

using namespace tocsin;
using namespace tocsin::logs;
using tocsin::process::Descriptor;
using tocsin::process::testing::Folder;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

using Steady = std::chrono::steady_clock;

constexpr Instant kStart = std::chrono::sys_days(std::chrono::year(2023) / 11 / 23) + 2h + 20min;

class Log {
 public:
  Log() { request_.file = folder_.path() / "app.log"; }
  void write(std::string const& text) const { folder_.write("app.log", text, 0644); }
  void write_rotated(std::string const& text) const { folder_.write("app.log.1", text, 0644); }
  TailRequest& request() { return request_; }
  [[nodiscard]] Folder const& folder() const { return folder_; }
  [[nodiscard]] Result<Tail> read() const { return tail(request_, {}, Steady::now() + 10s); }
  [[nodiscard]] Tail good() const {
    auto result = read();
    REQUIRE(result.has_value());
    return std::move(*result);
  }

 private:
  Folder folder_;
  TailRequest request_;
};

std::string joined(Tail const& tail) {
  std::string result;
  for (auto const& line : tail.lines) result += line.text + "\n";
  return result;
}

std::string numbered(std::size_t from, std::size_t to) {
  std::string text;
  for (auto i = from; i <= to; ++i) text += "line " + std::to_string(i) + "\n";
  return text;
}

/// A file of that length that takes no room on the disk, with `text` at its end.
void write_sparse(fs::path const& file, std::uint64_t size, std::string_view text) {
  Descriptor const opened(::open(file.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  REQUIRE(::ftruncate(opened.fd(), static_cast<off_t>(size)) == 0);
  auto const at = static_cast<off_t>(size - text.size());
  REQUIRE(::pwrite(opened.fd(), text.data(), text.size(), at) == static_cast<ssize_t>(text.size()));
}

void set_written(fs::path const& file, Instant at) {
  auto const seconds = std::chrono::floor<std::chrono::seconds>(at);
  timeval const time{seconds.time_since_epoch().count(), std::chrono::microseconds(at - seconds).count()};
  std::array const times{time, time};
  REQUIRE(::utimes(file.c_str(), times.data()) == 0);
}

}  // namespace

TEST_CASE("the last lines of a file are read") {
  Log log;
  log.request().wanted.lines = 3;
  log.write(numbered(1, 10));
  auto const tail = log.good();
  CHECK(joined(tail) == numbered(8, 10));
  CHECK(tail.left_out == 7);
  CHECK(tail.unread_bytes == 0);
  CHECK_FALSE(tail.cut);
  CHECK_FALSE(tail.dated);
  CHECK_FALSE(tail.rotated);
}

TEST_CASE("a short, an empty and an unfinished file are read as they are") {
  struct Row {
    std::string text;
    std::string expected;
  };
  for (auto const& row : {Row{"", ""}, Row{"a", "a\n"}, Row{"a\nb", "a\nb\n"}, Row{"a\nb\n", "a\nb\n"}}) {
    CAPTURE(row.text);
    Log log;
    log.write(row.text);
    auto const tail = log.good();
    CHECK(joined(tail) == row.expected);
    CHECK(tail.left_out == 0);
    CHECK_FALSE(tail.cut);
  }
}

TEST_CASE("when the file was last written is told") {
  Log log;
  log.write("a\n");
  set_written(log.request().file, kStart + 123ms);
  CHECK(log.good().written_at == kStart + 123ms);
  auto const far = std::chrono::sys_days(std::chrono::year(2400) / 1 / 1);
  set_written(log.request().file, far);
  CHECK(log.good().written_at == far);
}

TEST_CASE("of a big file only the end is read, wherever the blocks end") {
  for (auto const size : {64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, 300'000}) {
    CAPTURE(size);
    Log log;
    log.request().wanted.lines = 5;
    std::string text;
    for (int i = 0; static_cast<int>(text.size()) < size; ++i) text += "line " + std::to_string(i) + "\n";
    auto const begin = text.size() - static_cast<std::size_t>(size);
    text = text.substr(begin);
    log.write(text);
    auto const tail = log.good();
    auto expected = text;
    std::size_t at = expected.size() - 1;
    for (int i = 0; i < 5; ++i) at = expected.rfind('\n', at - 1);
    CHECK(joined(tail) == expected.substr(at + 1));
    CHECK(tail.unread_bytes == static_cast<std::uint64_t>(std::max(0, size - 64 * 1024)));
    CHECK_FALSE(tail.cut);
  }
}

TEST_CASE("the search goes back until there is enough, over the borders of blocks") {
  Log log;
  log.request().wanted.lines = 20'000 / 10;
  log.write(numbered(1, 20'000));
  CHECK(joined(log.good()) == numbered(18'001, 20'000));  // 20 kB, within the first block
  log.request().wanted.lines = kMaxLines;
  CHECK(joined(log.good()) == numbered(15'001, 20'000));  // 55 kB
  log.request().wanted.bytes = kMaxTextBytes;
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "entry " + std::to_string(i) + std::string(100, 'x') + "\n";
  log.write(text);
  auto const tail = log.good();
  CHECK(tail.lines.size() == kMaxLines);
  CHECK(tail.lines.front().text.starts_with("entry 15000x"));
}

TEST_CASE("an old needle is found, and one beyond the reach is reported as perhaps missed") {
  Log log;
  log.request().wanted.filter = Containing{"needle"};
  auto const filler = [](std::size_t bytes) {
    std::string text;
    while (text.size() < bytes) text += std::string(199, 'x') + "\n";
    return text;
  };
  log.write("needle\n" + filler(kMaxScanBytes / 2));
  auto tail = log.good();
  CHECK(joined(tail) == "needle\n");
  CHECK_FALSE(tail.cut);
  log.write("needle\n" + filler(kMaxScanBytes));
  tail = log.good();
  CHECK(tail.lines.empty());
  CHECK(tail.cut);
  CHECK(tail.unread_bytes > 0);
}

TEST_CASE("where the live file is too short the rotated one goes on") {
  struct Row {
    std::string_view name;
    std::string rotated;
    std::string live;
    std::string expected;
    bool from_rotated;
  };
  for (auto const& row :
       {Row{"the live one is enough", "old\n", numbered(1, 5), numbered(2, 5), false},
        Row{"the live one is just enough", "old\n", numbered(1, 4), numbered(1, 4), false},
        Row{"one line is missing", numbered(1, 9), numbered(10, 12), numbered(9, 12), true},
        Row{"the live one is empty", numbered(1, 9), "", numbered(6, 9), true},
        Row{"both are short", "a\n", "b\n", "a\nb\n", true}, Row{"the rotated one is empty", "", "b\n", "b\n", false},
        Row{"its last line is unfinished", "a\nhal", "b\n", "a\nhal\nb\n", true}}) {
    CAPTURE(row.name);
    Log log;
    log.request().wanted.lines = 4;
    log.write_rotated(row.rotated);
    log.write(row.live);
    auto tail = log.good();
    CHECK(joined(tail) == row.expected);
    CHECK(tail.rotated == row.from_rotated);
    CHECK_FALSE(tail.cut);
    log.request().rotated = false;
    tail = log.good();
    CHECK_FALSE(tail.rotated);
    CHECK(joined(tail).size() <= row.live.size());
  }
}

TEST_CASE("an entry that was torn by the rotation is whole") {
  Log log;
  log.request().wanted.filter = ErrorsOnly{};
  log.write_rotated(
      "2023-11-23 02:20:00 INFO a\n2023-11-23 02:20:01 ERROR b\nTraceback (most recent call last):\n  File\n");
  log.write("KeyError: 1\n2023-11-23 02:20:02 INFO c\n");
  CHECK(joined(log.good()) == "2023-11-23 02:20:01 ERROR b\nTraceback (most recent call last):\n  File\nKeyError: 1\n");
}

TEST_CASE("a rotated file that is no file, the same file, or too old is left alone") {
  Log log;
  log.write("2023-11-23 02:20:00 live\n");
  auto const rotated = log.folder().path() / "app.log.1";
  SUBCASE("a pipe") { REQUIRE(::mkfifo(rotated.c_str(), 0600) == 0); }
  SUBCASE("a directory") { fs::create_directory(rotated); }
  SUBCASE("the live file under its new name") { fs::create_hard_link(log.request().file, rotated); }
  SUBCASE("older than what is wanted") {
    log.write_rotated("2023-11-23 02:20:00 stale, by its change\n");
    set_written(rotated, kStart - 1h);
    log.request().wanted.since = kStart;
  }
  auto const tail = log.good();
  CHECK(joined(tail) == "2023-11-23 02:20:00 live\n");
  CHECK_FALSE(tail.rotated);
}

TEST_CASE("only a regular file is read, and nothing is waited for") {
  Folder const folder;
  auto const file = folder.write("app.log", "a\n", 0644);
  auto const fifo = folder.path() / "fifo";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  fs::create_symlink(file, folder.path() / "link");
  fs::create_symlink("/dev/null", folder.path() / "device");
  fs::create_symlink("nowhere", folder.path() / "dangling");
  fs::create_symlink("loop", folder.path() / "loop");
  using Links = TailRequest::Links;
  struct Row {
    std::string_view name;
    fs::path file;
    Links links;
    std::optional<Errc> error;
  };
  for (auto const& row :
       {Row{"a file", file, Links::refuse, std::nullopt}, Row{"a pipe", fifo, Links::refuse, Errc::refused},
        Row{"a directory", folder.path(), Links::refuse, Errc::refused},
        Row{"a device", "/dev/zero", Links::refuse, Errc::refused},
        Row{"a terminal", "/dev/tty", Links::follow, Errc::refused},
        Row{"nothing", folder.path() / "none", Links::refuse, Errc::not_found},
        Row{"below a file", file / "x", Links::refuse, Errc::not_found},
        Row{"a link", folder.path() / "link", Links::refuse, Errc::refused},
        Row{"a link that may be followed", folder.path() / "link", Links::follow, std::nullopt},
        Row{"a link to a device", folder.path() / "device", Links::follow, Errc::refused},
        Row{"a link to nothing", folder.path() / "dangling", Links::follow, Errc::not_found},
        Row{"a link to itself", folder.path() / "loop", Links::follow, Errc::refused}}) {
    CAPTURE(row.name);
    TailRequest request;
    request.file = row.file;
    request.links = row.links;
    auto const result = tail(request, {}, Steady::now() + 10s);
    CHECK(result.has_value() == !row.error.has_value());
    if (row.error) CHECK(result.error().code == *row.error);
  }
}

TEST_CASE("a request without sense is refused") {
  struct Row {
    std::string_view name;
    bool fine;
    void (*change)(TailRequest&);
  };
  for (auto const& row :
       {Row{"one line", true, [](TailRequest& r) { r.wanted.lines = 1; }},
        Row{"no lines", false, [](TailRequest& r) { r.wanted.lines = 0; }},
        Row{"most lines", true, [](TailRequest& r) { r.wanted.lines = kMaxLines; }},
        Row{"too many lines", false, [](TailRequest& r) { r.wanted.lines = kMaxLines + 1; }},
        Row{"no room", false, [](TailRequest& r) { r.wanted.bytes = 0; }},
        Row{"most room", true, [](TailRequest& r) { r.wanted.bytes = kMaxTextBytes; }},
        Row{"too much room", false, [](TailRequest& r) { r.wanted.bytes = kMaxTextBytes + 1; }},
        Row{"nothing to seek", false, [](TailRequest& r) { r.wanted.filter = Containing{""}; }},
        Row{"the longest text", true,
            [](TailRequest& r) { r.wanted.filter = Containing{std::string(kMaxNeedleBytes, 'x')}; }},
        Row{"a longer one", false,
            [](TailRequest& r) { r.wanted.filter = Containing{std::string(kMaxNeedleBytes + 1, 'x')}; }},
        Row{"a relative path", false, [](TailRequest& r) { r.file = "app.log"; }},
        Row{"no path", false, [](TailRequest& r) { r.file.clear(); }},
        Row{"a NUL byte", false, [](TailRequest& r) { r.file += std::string(1, '\0'); }}}) {
    CAPTURE(row.name);
    Log log;
    log.write("a\n");
    row.change(log.request());
    auto const result = log.read();
    CHECK(result.has_value() == row.fine);
    if (!row.fine) CHECK(result.error().code == Errc::invalid);
  }
}

TEST_CASE("two gigabytes are answered in less than 50 ms") {
  constexpr std::uint64_t kTwoGigabytes = 2ULL * 1024 * 1024 * 1024;
  Log log;
  log.request().wanted.lines = 10;
  struct Row {
    std::string_view name;
    std::string end;
    std::size_t lines;
  };
  for (auto const& row :
       {Row{"lines at the end", "\n" + numbered(1, 1000), 10}, Row{"a few lines at the end", "\n" + numbered(1, 3), 3},
        Row{"one endless line of zeros", "", 1}}) {
    CAPTURE(row.name);
    write_sparse(log.request().file, kTwoGigabytes, row.end);
    auto fastest = Steady::duration::max();
    for (int attempt = 0; attempt < 5; ++attempt) {  // others may want the CPU too
      auto const begin = Steady::now();
      auto const tail = log.good();
      fastest = std::min(fastest, Steady::now() - begin);
      CHECK(tail.lines.size() == row.lines);
      CHECK(tail.unread_bytes > kTwoGigabytes / 2);
    }
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    CHECK(fastest < 50ms);
#else
    CHECK(fastest < 5s);
#endif
  }
}

TEST_CASE("a line longer than all that is read comes from its end, marked") {
  Log log;
  write_sparse(log.request().file, kMaxScanBytes + 10, "the end of it");
  auto const tail = log.good();
  REQUIRE(tail.lines.size() == 1);
  CHECK(tail.lines.front().text == "[…] the end of it");
  CHECK(tail.cut);
}

TEST_CASE("binary junk is survived") {
  Log log;
  std::string junk;
  for (unsigned i = 0; i < 300'000; ++i) junk += static_cast<char>((i * 7919) >> 3);
  log.write(junk + "\nlast\n");
  auto const tail = log.good();
  REQUIRE(!tail.lines.empty());
  CHECK(tail.lines.back().text == "last");
  for (auto const& line : tail.lines) CHECK(line.text.size() <= kMaxLineBytes + 32);
}

TEST_CASE("stamps without a year are of the year in which the file was written") {
  Log log;
  log.write("Dec 31 23:59:00 host a\nJan  1 00:01:00 host b\n");
  set_written(log.request().file, std::chrono::sys_days(std::chrono::year(2024) / 1 / 1) + 2min);
  log.request().wanted.since = std::chrono::sys_days(std::chrono::year(2023) / 12 / 31) + 23h + 30min;
  auto const tail = log.good();
  REQUIRE(tail.lines.size() == 2);
  CHECK(tail.lines[0].at == *log.request().wanted.since + 29min);
  CHECK(tail.lines[1].at == *log.request().wanted.since + 31min);
}

TEST_CASE("what was asked for since an instant comes whole, over many blocks") {
  Log log;
  std::string text;
  for (int i = 0; i < 40'000; ++i) {  // a second each, more than one block
    auto const second = std::chrono::hh_mm_ss(std::chrono::seconds(i));
    auto const two = [](auto part) {
      auto const number = std::to_string(part.count());
      return number.size() < 2 ? "0" + number : number;
    };
    text +=
        "2023-11-23 " + two(second.hours()) + ":" + two(second.minutes()) + ":" + two(second.seconds()) + " INFO x\n";
  }
  log.write(text);
  log.request().wanted.since = std::chrono::sys_days(std::chrono::year(2023) / 11 / 23) + 10h;
  log.request().wanted.lines = kMaxLines;
  log.request().wanted.bytes = kMaxTextBytes;
  auto const tail = log.good();
  CHECK(tail.lines.size() == 4'000);
  CHECK(tail.lines.front().text == "2023-11-23 10:00:00 INFO x");
  CHECK(tail.unread_bytes > 0);
  CHECK_FALSE(tail.cut);
}

TEST_CASE("the deadline and a stop are kept") {
  Log log;
  log.write("a\n");
  CHECK(tail(log.request(), {}, Steady::now() - 1s).error().code == Errc::timed_out);
  std::stop_source source;
  source.request_stop();
  CHECK(tail(log.request(), source.get_token(), Steady::now() + 10s).error().code == Errc::unavailable);
}
