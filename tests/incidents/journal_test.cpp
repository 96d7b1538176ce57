// The emergency journal: what was appended comes back, whatever a crash left behind it.
#include "incidents/store/journal.hpp"

#include <fstream>
#include <sstream>

#include "tests/incidents/support.hpp"

using namespace tocsin;
using namespace tocsin::test;
using store::EmergencyJournal;
using store::JournalFrame;

namespace {

using Kind = JournalFrame::Kind;

std::string contents(std::filesystem::path const& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

void put(std::filesystem::path const& file, std::string const& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

std::vector<std::string> texts(EmergencyJournal::Episode const& episode) {
  std::vector<std::string> found;
  for (auto const& frame : episode.frames) found.push_back(frame.bytes);
  return found;
}

}  // namespace

TEST_CASE("the journal is reserved when it is made, and stays as large") {
  TempDir dir;
  auto const file = dir.file("journal");
  {
    EmergencyJournal journal(file, 64 * 1024);
    CHECK(journal.trouble().empty());
    CHECK(journal.read().number == 0);
    CHECK(contents(file) == std::string(64 * 1024, '\0'));
    journal.begin(7);
    CHECK(journal.append(Kind::start, "one").has_value());
  }
  CHECK(contents(file).size() == 64 * 1024);
  // A longer one is asked for, and a shorter one: nothing that is written is lost.
  for (std::size_t const bytes : {std::size_t{128 * 1024}, std::size_t{1024}}) {
    EmergencyJournal journal(file, bytes);
    CHECK(texts(journal.read()) == std::vector<std::string>{"one"});
    CHECK(journal.capacity() == 128 * 1024);
  }
}

TEST_CASE("a crash anywhere in a write leaves the frames before it") {
  TempDir dir;
  auto const file = dir.file("journal");
  std::vector<std::size_t> ends{0};
  std::vector<std::string> const written{"start", std::string(300, 'i'), "", "change one", std::string("\0\1\2", 3)};
  {
    EmergencyJournal journal(file, 4096);
    journal.begin(3);
    for (auto const& each : written) {
      CHECK(journal.append(Kind::changes, each).has_value());
      ends.push_back(journal.used());
    }
  }
  auto const whole = contents(file);
  // Every length of what reached the disk, zeros behind it as the reserved file has them.
  for (std::size_t length = 0; length <= ends.back(); ++length) {
    put(file, whole.substr(0, length) + std::string(whole.size() - length, '\0'));
    EmergencyJournal journal(file, 4096);
    auto const episode = journal.read();
    std::size_t frames = 0;
    while (frames + 1 < ends.size() && ends[frames + 1] <= length) ++frames;
    // A frame whose last bytes are zeros is whole before they are written.
    if (frames < written.size() && frames < episode.frames.size()) ++frames;
    REQUIRE(episode.frames.size() == frames);
    for (std::size_t i = 0; i < frames; ++i) REQUIRE(episode.frames[i].bytes == written[i]);
    // And goes on behind them.
    if (frames == 0) journal.begin(3);
    REQUIRE(journal.append(Kind::changes, "next").has_value());
    REQUIRE(texts(journal.read()).back() == "next");
    REQUIRE(journal.read().frames.size() == frames + 1);
  }
}

TEST_CASE("a flipped bit ends the journal where it stands") {
  TempDir dir;
  auto const file = dir.file("journal");
  std::vector<std::size_t> ends{0};
  {
    EmergencyJournal journal(file, 4096);
    journal.begin(3);
    for (std::string const each : {"one", "two", "three"}) {
      CHECK(journal.append(Kind::changes, each).has_value());
      ends.push_back(journal.used());
    }
  }
  auto const whole = contents(file);
  for (std::size_t at = 0; at < ends.back(); ++at) {
    auto damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 4);
    put(file, damaged);
    std::size_t before = 0;
    while (ends[before + 1] <= at) ++before;
    REQUIRE(EmergencyJournal(file, 4096).read().frames.size() == before);
  }
}

TEST_CASE("what an older episode left behind is not read") {
  TempDir dir;
  EmergencyJournal journal(dir.file("journal"), 4096);
  journal.begin(1);
  for (std::string const each : {"aaaa", "bbbb", "cccc"}) CHECK(journal.append(Kind::changes, each).has_value());
  CHECK(journal.clear().has_value());
  CHECK(journal.read().frames.empty());
  // The same lengths: the old second frame lies exactly behind the new first one.
  journal.begin(2);
  CHECK(journal.append(Kind::changes, "dddd").has_value());
  auto const episode = journal.read();
  CHECK(episode.number == 2);
  CHECK(texts(episode) == std::vector<std::string>{"dddd"});
}

TEST_CASE("no room, no disk: said, and nothing that was there is harmed") {
  TempDir dir;
  EmergencyJournal journal(dir.file("journal"), 1024);
  journal.begin(1);
  CHECK(journal.append(Kind::start, "small").has_value());
  auto const refused = journal.append(Kind::changes, std::string(1024, 'x'));
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == Errc::too_large);
  CHECK(texts(journal.read()) == std::vector<std::string>{"small"});

  EmergencyJournal nowhere(dir.file("no-such-folder/journal"), 1024);
  CHECK_FALSE(nowhere.trouble().empty());
  CHECK(nowhere.read().frames.empty());
  nowhere.begin(1);
  CHECK(nowhere.append(Kind::start, "x").error().code == Errc::unavailable);
  CHECK(nowhere.clear().has_value());
}
