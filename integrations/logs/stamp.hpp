// The time at the beginning of a log line, whichever of the usual ways it is written.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string_view>

#include "incidents/base/time.hpp"

namespace tocsin::logs {

/// How far a line is searched for its stamp.
inline constexpr std::size_t kStampSearchBytes = 1'024;

/// What stamps leave unsaid.
struct StampRules {
  /// Of stamps that have none (syslog); without it they are not recognised. A stamp that would be later than `latest`
  /// is taken for the year before.
  std::optional<int> year;
  std::optional<Instant> latest;
  /// How far east of UTC the writer's clock was at that local time; for stamps without a zone. Empty: UTC.
  std::function<std::chrono::seconds(std::chrono::local_seconds)> offset;
};

/// Recognises, at the beginning of `line` or behind the usual lead (a container's name and bar, a level, an opening
/// bracket or quote, a syslog priority):
///   2023-11-23T02:20:05.123456+08:00 (ISO 8601, any fraction, Z or no zone) · 2023-11-23 02:20:05,123 · the same with
///   " UTC" or " +0800" · 2023/11/23 02:20:05 (nginx) · Nov 23 02:20:05 (syslog);
/// and anywhere near the beginning [23/Nov/2023:02:20:05 +0800] (access logs), and the first of the usual time fields
/// of a JSON line. Nothing when there is none, or it names no real time. Any text is safe.
[[nodiscard]] std::optional<Instant> parse_stamp(std::string_view line, StampRules const& rules);

}  // namespace tocsin::logs
