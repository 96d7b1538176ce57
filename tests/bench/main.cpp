// tests/bench: what design.md promises under "Targets" about store and scheduler, measured on this machine in one run.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <iostream>

#include "tests/bench/figures.hpp"
#include "tests/bench/house.hpp"

using namespace tocsin::bench;

int main(int count, char** words) {
  CLI::App app("Measures the bot against its targets and against bare parts");
  Plan plan;
  plan.folder = std::filesystem::current_path();
  std::string only;
  app.add_option("--folder", plan.folder, "Where the databases are made: on the disk to be measured");
  app.add_option("--binary", plan.binary, "The bot, for the figures of a whole process");
  app.add_option("--only", only, "One group of figures");
  bool without_lifeboat = false;
  app.add_flag("--without-lifeboat", without_lifeboat, "To see what the copy in memory costs");
  app.add_flag("--quick", plan.quick, "In seconds; fails only when a figure is five times worse than its target");
  CLI11_PARSE(app, count, words);
  with_lifeboat = !without_lifeboat;
  std::vector<std::pair<std::string, std::function<void(Plan const&, Report&)>>> const groups{
      {"acknowledgement", measure_acknowledgement},
      {"in-flight", measure_in_flight},
      {"no-durability", measure_without_durability},
      {"redelivery", measure_redelivery},
      {"opening", measure_opening},
      {"armed", measure_armed_clocks},
      {"due", measure_due_clocks},
      {"pages", measure_due_pages},
      {"showing", measure_showing},
      {"process", measure_process},
  };
  Report report;
  try {
    // What stands beside a database in memory stands here, not in whatever folder this was started from.
    plan.binary = plan.binary.empty() ? plan.binary : std::filesystem::absolute(plan.binary);
    plan.folder = std::filesystem::absolute(plan.folder);
    std::filesystem::create_directories(plan.folder);
    std::filesystem::current_path(plan.folder);
    for (auto const& [name, measure] : groups) {
      if (only.empty() || only == name) measure(plan, report);
    }
  } catch (std::exception const& error) {
    std::cerr << "bench: " << error.what() << '\n';
    return 1;
  }
  return (plan.quick ? report.sane() : report.met()) ? 0 : 1;
}
