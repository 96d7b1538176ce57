// What a person waits for when they look.
#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "bot/render.hpp"
#include "incidents/store/incidents.hpp"
#include "tests/bench/figures.hpp"
#include "tests/bench/house.hpp"

namespace tocsin::bench {
namespace {

constexpr Seconds kSlowest{0.4};

/// A configuration with eight probes; the last takes kSlowest, the others half of it.
std::shared_ptr<Setup const> with_probes(std::filesystem::path const& workdir) {
  auto const plain = make_setup(workdir);
  auto config = plain->config;
  for (int i = 1; i <= 8; ++i) {
    HealthCheck check;
    check.name = "probe" + std::to_string(i);
    check.url = "http://127.0.0.1:9/health";
    config.health.push_back(std::move(check));
  }
  return std::make_shared<Setup const>(std::move(config), plain->catalogue);
}

void measure_diagnosis(Plan const& plan, Report& report) {
  Scratch const scratch(plan.folder);
  House house(scratch / "ours.db", with_probes(scratch.path()));
  house.tools.probe = [](HealthCheck const& check) {
    auto const length = check.name == "probe8" ? kSlowest : kSlowest / 2;
    wait_until(Monotonic::now() + std::chrono::duration_cast<Monotonic::duration>(length));
    return web::Finding{web::Finding::What::ok, 200, Millis{1}, ""};
  };
  auto const begun = Monotonic::now();
  auto const reply = house.say("d1", "/diag health");
  auto const seconds = Seconds(Monotonic::now() - begun).count();
  if (reply.state != Reply::State::done) throw std::runtime_error("no diagnosis");
  report.add({"/diag with 8 checks, 1.8 s in sum", "<= slowest + 50 ms", in_millis(kSlowest.count()),
              in_millis(seconds), seconds / kSlowest.count(), (kSlowest.count() + 0.05) / seconds, true});
}

void measure_timeline(Plan const& plan, Report& report) {
  Scratch const scratch(plan.folder);
  House house(scratch / "ours.db", make_setup(scratch.path()));
  constexpr int kEntries = 10'000;
  if (house.say("o", "/incident open P1 logins time out").state != Reply::State::done)
    throw std::runtime_error("not opened");
  house.unit([](Database& database, Instant now) {
    std::vector<TimelineEntry> entries;
    for (int i = 0; i < kEntries; ++i) {
      entries.push_back({EntryKind::note, PersonId{"alice"}, now, now,
                         Notice("timeline.note").with("text", "looked at backend " + std::to_string(i)), 0, 0});
    }
    store::append_timeline(database, {1}, entries);
  });
  std::vector<double> times;
  for (int i = 0; i < 9; ++i) {
    auto const begun = Monotonic::now();
    auto const reply = house.say("t" + std::to_string(i), "/timeline INC-1");
    auto const text = render_plain(reply.message, house.setup(),
                                   house.setup().reader_of(PersonId{"alice"}, house.clock().now(), Medium::chat));
    times.push_back(Seconds(Monotonic::now() - begun).count());
    if (text.find("looked at backend 9999") == std::string::npos) throw std::runtime_error("no timeline: " + text);
  }
  auto const seconds = percentile(times, 0.5);
  report.add({"timeline of 10,000 entries shown", "<= 100 ms", "", in_millis(seconds), 0, 0.1 / seconds, true});
}

}  // namespace

void measure_showing(Plan const& plan, Report& report) {
  measure_diagnosis(plan, report);
  measure_timeline(plan, report);
}

}  // namespace tocsin::bench
