// The examination: side by side, bounded, worst first; what each answer means.
#include "bot/doctor/doctor.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <stdexcept>
#include <thread>

#include "bot/doctor/checks.hpp"

using namespace tocsin;
using namespace std::chrono_literals;
using doctor::Check;
using doctor::Finding;

namespace {

Check check(std::string name, std::function<Finding()> look, Millis deadline = 30s) {
  return {Notice("doctor.what_log").with("name", std::move(name)), deadline, std::move(look)};
}

Finding found(Verdict verdict) { return {verdict, Notice("doctor.host"), {}}; }

std::string name_of(doctor::Line const& line) { return std::get<std::string>(*line.what.find("name")); }

Reader reader(Locale locale) {
  Reader made;
  made.locale = locale;
  return made;
}

}  // namespace

TEST_CASE("checks run next to each other: each waits for the other, and both come to an end") {
  std::promise<void> first;
  std::promise<void> second;
  auto const wait = [](std::promise<void>& mine, std::promise<void>& other) {
    mine.set_value();
    bool const came = other.get_future().wait_for(20s) == std::future_status::ready;
    return found(came ? Verdict::good : Verdict::bad);
  };
  auto const done = doctor::side_by_side(
      {check("a", [&] { return wait(first, second); }), check("b", [&] { return wait(second, first); })});
  REQUIRE(done.lines.size() == 2);
  for (auto const& line : done.lines) CHECK(line.finding.verdict == Verdict::good);
  CHECK_FALSE(done.left_behind);
}

TEST_CASE("when all have answered no thread is left that the end of the process could meet") {
  static std::atomic<int> come{0};
  static std::atomic<int> gone{0};
  struct Trace {
    Trace() { ++come; }
    Trace(Trace const&) = delete;
    Trace& operator=(Trace const&) = delete;
    ~Trace() {
      // As long as what libraries clean up at the end of a thread takes.
      for (int i = 0; i < 100; ++i) std::this_thread::yield();
      ++gone;
    }
  };
  std::vector<Check> checks;
  for (int i = 0; i < 8; ++i) {
    checks.push_back(check(std::to_string(i), [] {
      thread_local Trace const trace;
      static_cast<void>(&trace);
      return found(Verdict::good);
    }));
  }
  for (int round = 0; round < 50; ++round) {
    CHECK_FALSE(doctor::side_by_side(checks).left_behind);
    CHECK(gone == come);
  }
}

TEST_CASE("what hangs is left behind at its deadline, and even so many of them hold nothing up") {
  std::promise<void> never;
  auto const ends = never.get_future().share();
  std::vector<Check> checks;
  for (std::size_t i = 0; i < doctor::kMostAtOnce; ++i) {
    checks.push_back(check(
        "hangs",
        [ends] {
          ends.wait();
          return found(Verdict::good);
        },
        50ms));
  }
  checks.push_back(check("fine", [] { return found(Verdict::good); }));
  auto const done = doctor::side_by_side(std::move(checks));
  never.set_value();
  REQUIRE(done.lines.size() == doctor::kMostAtOnce + 1);
  CHECK(done.left_behind);
  CHECK(done.lines.front().finding.verdict == Verdict::unknown);
  CHECK(done.lines.front().finding.value.key == "doctor.overdue");
  CHECK(name_of(done.lines.back()) == "fine");
  CHECK(done.lines.back().finding.verdict == Verdict::good);
}

TEST_CASE("worst first, otherwise in the given order; what throws is red with its reason") {
  auto const done = doctor::side_by_side(
      {check("green", [] { return found(Verdict::good); }), check("amber", [] { return found(Verdict::warning); }),
       check("throws", []() -> Finding { throw std::runtime_error("broken"); }),
       check("red", [] { return found(Verdict::bad); }), check("green too", [] { return found(Verdict::good); })});
  std::vector<std::string> names;
  for (auto const& line : done.lines) names.push_back(name_of(line));
  CHECK(names == std::vector<std::string>{"throws", "red", "amber", "green", "green too"});
  CHECK(std::get<std::string>(*done.lines.front().finding.value.find("detail")) == "broken");
}

TEST_CASE("a line says mark, name, value against limit, and what to do when it is red") {
  auto const catalogue = Catalogue::shipped();
  doctor::Line const red{
      Notice("doctor.what_mail").with("host", std::string("mail:587")),
      {Verdict::bad, Notice("doctor.failed").with("detail", std::string("no connection")), Notice("doctor.cure_mail")}};
  CHECK(doctor::worded(red, catalogue, reader(Locale::en)) ==
        "❌ Mail mail:587: no connection → look at host and port of mail, and the network to it");
  CHECK(doctor::worded(red, catalogue, reader(Locale::zh_cn)) ==
        "❌ 邮件 mail:587:no connection → 查 mail 的 host、port,和到它的网络");
  doctor::Line const green{
      Notice("doctor.what_health").with("name", std::string("site")),
      {Verdict::good,
       Notice("doctor.health").with("status", std::int64_t{200}).with("took", Millis{35}).with("limit", Millis{2'000}),
       {}}};
  CHECK(doctor::worded(green, catalogue, reader(Locale::zh_cn)) == "✅ 健康检查 site:HTTP 200 · 35 ms(限 2 s)");
}

TEST_CASE("what an answer means") {
  using Kind = paging::DeliveryOutcome::Kind;
  CHECK(doctor::judge_mail({Kind::accepted, {}, "", {}}, true).value.key == "doctor.mail_login");
  CHECK(doctor::judge_mail({Kind::accepted, {}, "", {}}, false).value.key == "doctor.mail");
  CHECK(doctor::judge_mail({Kind::misconfigured, {}, "535", {}}, true).cure.key == "doctor.cure_login");
  CHECK(doctor::judge_mail({Kind::retry_later, {}, "refused", {}}, true).cure.key == "doctor.cure_mail");
  CHECK(doctor::judge_mail({Kind::unknown, {}, "", {}}, true).verdict == Verdict::bad);

  HealthCheck check;
  check.latency = 100ms;
  CHECK(doctor::judge_health(check, {web::Finding::What::ok, 200, 35ms, ""}).verdict == Verdict::good);
  CHECK(doctor::judge_health(check, {web::Finding::What::slow, 200, 350ms, ""}).verdict == Verdict::warning);
  auto const down = doctor::judge_health(check, {web::Finding::What::wrong_status, 502, 35ms, ""});
  CHECK(down.verdict == Verdict::bad);
  CHECK(down.cure.key == "doctor.cure_health");

  CHECK(doctor::judge_clock({true, 10us, 40ms}).verdict == Verdict::good);
  CHECK(doctor::judge_clock({true, 10us, 3s}).verdict == Verdict::warning);
  CHECK(doctor::judge_clock({false, 10us, 40ms}).verdict == Verdict::warning);
}
