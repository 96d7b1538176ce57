// The figures, grouped by what they need. Each function measures and adds its rows to the report.
#pragma once

#include <filesystem>

#include "tests/bench/report.hpp"

namespace tocsin::bench {

struct Plan {
  std::filesystem::path folder;  ///< on the disk to be measured
  std::filesystem::path binary;  ///< the bot; empty: figures of a whole process are left out
  bool quick = false;            ///< a look at the order of magnitude, in seconds
};

void measure_acknowledgement(Plan const& plan, Report& report);
void measure_in_flight(Plan const& plan, Report& report);
void measure_without_durability(Plan const& plan, Report& report);
void measure_redelivery(Plan const& plan, Report& report);
void measure_opening(Plan const& plan, Report& report);
void measure_armed_clocks(Plan const& plan, Report& report);
void measure_due_clocks(Plan const& plan, Report& report);
void measure_due_pages(Plan const& plan, Report& report);
void measure_showing(Plan const& plan, Report& report);
void measure_process(Plan const& plan, Report& report);

}  // namespace tocsin::bench
