// /metrics: the text as Prometheus reads it, what stands in it, and that nobody waits for a store that hangs.
#include "bot/metrics.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <limits>
#include <regex>
#include <set>
#include <sstream>

#include "tests/bot/stage.hpp"

using namespace tocsin;
using namespace std::chrono_literals;

namespace {

Family one(std::string value) { return {Family::Kind::gauge, "a", "About.", {{{{"l", std::move(value)}}, 1}}}; }

std::string with_value(double value) {
  auto const text = exposition_of({{Family::Kind::gauge, "a", "About.", {{{}, value}}}});
  auto const line = text.substr(text.rfind("\na ") + 3);
  return line.substr(0, line.size() - 1);
}

/// Everything known, everything different from 0.
Measurements everything() {
  Measurements all;
  all.version = "1.2.3";
  all.now = from_millis(1'795'403'400'500);
  all.started = from_millis(1'795'403'000'250);
  for (auto& severity : all.store.incidents) severity = {1, 2, 3};
  all.store.drills = 4;
  all.store.clocks = {5, 1, all.now - 90s};
  all.store.pages = {6, 2, all.now - 1500ms};
  all.store.outbox = {7, 0, std::nullopt};
  all.store.in_flight = 8;
  all.store.approvals = 9;
  all.store.reviews = 10;
  all.store.audit_rows = 11;
  all.deliveries = {{{"email", "accepted"}, 12}, {{"email", "rejected"}, 13}, {{"inbox", "accepted"}, 14}};
  all.chats = {{"slack", true, {{"applink-1", all.now - 60s, all.now + 3540s}, {"applink-2", all.now, {}}}, 15, {}}};
  for (auto const took : {0.004, 0.005, 0.3, 4.0}) all.chats.front().acknowledged.add(took);
  all.looked_at = all.now;
  all.database_bytes = 4096;
  all.wal_bytes = 8192;
  all.process = {0.25, 1'795'403'000.0, 1, 2, 3, 4};
  return all;
}

std::vector<std::string> lines(std::string const& text) {
  std::vector<std::string> found;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) found.push_back(line);
  return found;
}

bool has(std::string const& text, std::string const& line) {
  auto const all = lines(text);
  return std::find(all.begin(), all.end(), line) != all.end();
}

/// Hangs, or fails, or does nothing; counts.
class OddLane final : public Lane {
 public:
  void submit(Unit, Committed committed) override {
    ++asked;
    kept = std::move(committed);
    if (fails) kept(std::make_exception_ptr(StoreUnavailable(StoreUnavailable::Why::io, "no")));
  }
  bool fails = false;
  int asked = 0;
  Committed kept;
};

}  // namespace

TEST_CASE("values of labels and texts of help are escaped as the format wants it") {
  CHECK(exposition_of({one("plain 网站")}) == "# HELP a About.\n# TYPE a gauge\na{l=\"plain 网站\"} 1\n");
  CHECK(has(exposition_of({one("a\"b\\c\nd")}), R"(a{l="a\"b\\c\nd"} 1)"));
  auto quoting = one("");
  quoting.help = "Say \"a\\b\"\nor not.";
  CHECK(has(exposition_of({quoting}), R"(# HELP a Say "a\\b"\nor not.)"));
  CHECK(has(exposition_of({{Family::Kind::counter, "a_total", "A.", {{{{"x", "1"}, {"y", "2"}}, 3}}}}),
            R"(a_total{x="1",y="2"} 3)"));
}

TEST_CASE("numbers are whole where they are, and as exact as a double elsewhere") {
  CHECK(with_value(0) == "0");
  CHECK(with_value(-3) == "-3");
  CHECK(with_value(0.1) == "0.1");
  CHECK(with_value(1'795'403'400.5) == "1795403400.5");
  CHECK(with_value(9'007'199'254'740'991.0) == "9007199254740991");
  CHECK(with_value(std::numeric_limits<double>::quiet_NaN()) == "NaN");
  CHECK(with_value(std::numeric_limits<double>::infinity()) == "+Inf");
  CHECK(with_value(-std::numeric_limits<double>::infinity()) == "-Inf");
}

TEST_CASE("every family has one HELP and one TYPE in front of it, no series comes twice, names follow the rules") {
  std::set<std::string> families;
  std::set<std::string> series;
  std::string helped;
  std::string current;
  std::string type;
  std::regex const name("(tocsin|process)(_[a-z]+)+");
  for (auto const& line : lines(exposition_of(families_of(everything())))) {
    CAPTURE(line);
    std::istringstream in(line);
    std::string sign;
    std::string what;
    if (line.starts_with("# HELP ")) {
      in >> sign >> what >> helped;
      CHECK(families.insert(helped).second);
      CHECK(std::regex_match(helped, name));
      CHECK(line.ends_with('.'));
    } else if (line.starts_with("# TYPE ")) {
      in >> sign >> what >> current >> type;
      CHECK(current == helped);
      CHECK((type == "counter") == current.ends_with("_total"));
    } else {
      auto const end = line.find_first_of("{ ");
      auto const of = line.substr(0, end);
      if (type == "histogram") {
        CHECK((of == current + "_bucket" || of == current + "_sum" || of == current + "_count"));
      } else {
        CHECK(of == current);
      }
      CHECK(series.insert(line.substr(0, line.rfind(' '))).second);
    }
  }
  CHECK(families.size() == 28);
}

TEST_CASE("what is measured stands where it belongs, in base units") {
  auto const text = exposition_of(families_of(everything()));
  for (char const* line :
       {"tocsin_info{version=\"1.2.3\"} 1",
        "tocsin_start_time_seconds 1795403000.25",
        "tocsin_ready 1",
        "tocsin_incidents_open{severity=\"P0\",status=\"open\"} 1",
        "tocsin_incidents_open{severity=\"P3\",status=\"mitigated\"} 3",
        "tocsin_drills_open 4",
        "tocsin_pages_waiting 6",
        "tocsin_deliveries_in_flight 8",
        "tocsin_outbox_waiting 7",
        "tocsin_chat_up{platform=\"slack\"} 1",
        "tocsin_chat_connections{platform=\"slack\"} 2",
        "tocsin_chat_strangers{platform=\"slack\"} 15",
        "tocsin_chat_connection_start_time_seconds{platform=\"slack\",place=\"1\",host=\"applink-1\"} "
        "1795403340.5",
        "tocsin_chat_connection_renewal_time_seconds{platform=\"slack\",place=\"1\","
        "host=\"applink-1\"} 1795406940.5",
        "tocsin_chat_acknowledgement_seconds_bucket{platform=\"slack\",le=\"0.005\"} 2",
        "tocsin_chat_acknowledgement_seconds_bucket{platform=\"slack\",le=\"0.25\"} 2",
        "tocsin_chat_acknowledgement_seconds_bucket{platform=\"slack\",le=\"2.5\"} 3",
        "tocsin_chat_acknowledgement_seconds_bucket{platform=\"slack\",le=\"+Inf\"} 4",
        "tocsin_chat_acknowledgement_seconds_sum{platform=\"slack\"} 4.309",
        "tocsin_chat_acknowledgement_seconds_count{platform=\"slack\"} 4",
        "tocsin_overdue{kind=\"clock\"} 1",
        "tocsin_overdue{kind=\"page\"} 2",
        "tocsin_overdue{kind=\"outbox\"} 0",
        "tocsin_overdue_age_seconds{kind=\"clock\"} 90",
        "tocsin_overdue_age_seconds{kind=\"page\"} 1.5",
        "tocsin_overdue_age_seconds{kind=\"outbox\"} 0",
        "tocsin_delivery_attempts_total{channel=\"email\",outcome=\"rejected\"} 13",
        "tocsin_scheduler_last_look_timestamp_seconds 1795403400.5",
        "tocsin_approvals_open 9",
        "tocsin_reviews_open 10",
        "tocsin_audit_rows_total 11",
        "tocsin_database_size_bytes{file=\"main\"} 4096",
        "tocsin_database_size_bytes{file=\"wal\"} 8192",
        "process_cpu_seconds_total 0.25",
        "process_resident_memory_bytes 1",
        "process_open_fds 3"}) {
    CAPTURE(line);
    CHECK(has(text, line));
  }
  // Unknown is left out, never 0.
  auto const nothing = exposition_of(families_of({}));
  for (char const* name : {"process_", "database_size", "last_look", "delivery_attempts", "chat_"}) {
    CAPTURE(name);
    CHECK(nothing.find(name) == std::string::npos);
  }
  CHECK(has(nothing, "tocsin_incidents_open{severity=\"P1\",status=\"acknowledged\"} 0"));
}

TEST_CASE("the kernel tells of this process") {
  auto const facts = process_facts();
  REQUIRE(facts.resident_bytes);
  CHECK(*facts.resident_bytes > 1024 * 1024);
  CHECK(facts.virtual_bytes.value_or(0) >= *facts.resident_bytes);
  CHECK(facts.open_fds.value_or(0) >= 3);
  CHECK(facts.max_fds.value_or(0) > *facts.open_fds);
  CHECK(facts.cpu_seconds.value_or(-1) >= 0);
  CHECK(facts.started.value_or(0) > 1e9);
}

TEST_CASE("incidents that are opened are counted, secret ones too, and none is named") {
  test::Stage stage(test::shipped_config("demo.yaml"));
  boost::asio::io_context io;
  Metrics metrics({io, *stage.writer, stage.folder / "tocsin.db", [](Measurements& measured) {
                     measured.version = "test";
                     measured.ready = false;
                   }});
  auto const scrape = [&] {
    std::optional<std::string> text;
    bool answered = false;
    metrics.collect([&](std::optional<std::string> found) {
      text = std::move(found);
      answered = true;
    });
    io.restart();
    // Its own limit is work enough to wait for.
    while (!answered && io.run_one() > 0) {
    }
    REQUIRE(text);
    return *text;
  };
  CHECK(has(scrape(), "tocsin_incidents_open{severity=\"P0\",status=\"open\"} 0"));
  CHECK(test::Stage::key(stage.say("alice", "新建 P0 网站无法访问")) == "incident.opened");
  stage.say("alice", "保密 INC-1");
  stage.say("alice", "新建 P2 搜索变慢");
  stage.say("bob", "认领 INC-2");
  auto const text = scrape();
  CHECK(has(text, "tocsin_incidents_open{severity=\"P0\",status=\"open\"} 1"));
  CHECK(has(text, "tocsin_incidents_open{severity=\"P2\",status=\"acknowledged\"} 1"));
  CHECK(has(text, "tocsin_ready 0"));
  for (char const* word : {"网站", "搜索", "alice", "bob", "INC-"}) CHECK(text.find(word) == std::string::npos);
  std::int64_t audit = 0;
  stage.unit([&](Database& database, Instant) { audit = database.number("SELECT count(*) FROM audit").value_or(-1); });
  CHECK(has(text, "tocsin_audit_rows_total " + std::to_string(audit)));
  CHECK(text.find("tocsin_database_size_bytes{file=\"main\"}") != std::string::npos);
  CHECK(text.find("tocsin_database_size_bytes{file=\"wal\"}") != std::string::npos);
}

TEST_CASE("a store that hangs: everybody is told so in time, and asks nothing twice") {
  boost::asio::io_context io;
  OddLane lane;
  int known = 0;
  Metrics metrics({io, lane, "/nowhere/tocsin.db", [&](Measurements&) { ++known; }, 20ms});
  std::vector<bool> answers;
  auto const note = [&](std::optional<std::string> const& text) { answers.push_back(text.has_value()); };
  metrics.collect(note);
  metrics.collect(note);
  io.run_for(20s);
  CHECK(answers == std::vector<bool>{false, false});
  CHECK(lane.asked == 1);
  // It comes back: whoever waits then is answered by the same unit, and the next one asks anew.
  metrics.collect(note);
  lane.kept(nullptr);
  io.restart();
  io.run_for(20s);
  CHECK(answers == std::vector<bool>{false, false, true});
  CHECK(known == 1);
  lane.fails = true;
  metrics.collect(note);
  io.restart();
  io.run_for(20s);
  CHECK(answers == std::vector<bool>{false, false, true, false});
  CHECK(lane.asked == 2);
}
