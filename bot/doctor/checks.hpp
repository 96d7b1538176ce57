// What is looked at: one factory for each kind of thing that a configuration names. The checks own copies of all they
// need.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <vector>

#include "bot/doctor/side_by_side.hpp"
#include "config/config.hpp"
#include "incidents/base/time.hpp"
#include "integrations/host/clock_sync.hpp"
#include "integrations/paging/carrier.hpp"
#include "integrations/web/probe.hpp"

namespace tocsin::doctor {

inline constexpr Millis kMargin{3'000};         ///< for an adapter to notice its own deadline
inline constexpr Millis kCall{5'000};           ///< one question to a chat platform
inline constexpr Millis kEverybody{30'000};     ///< all questions about people
inline constexpr std::size_t kMostPeople = 50;  ///< that are asked for on a chat platform

/// Who is examined.
struct Patient {
  Config config;
  std::filesystem::path workdir;
  std::filesystem::path storage;
  Instant now{};
};
using PatientRef = std::shared_ptr<Patient const>;

/// This machine: database, the running bot, folders and disks, logs, programs, backups, zones, clock.
[[nodiscard]] std::vector<Check> checks_own(PatientRef const& patient);
/// Everybody else: mail server, health checks, hosts, chat platforms, heartbeat.
[[nodiscard]] std::vector<Check> checks_outside(PatientRef const& patient);

/// Slack's tokens, scopes, Socket Mode, channel, accounts and groups; none where it is not configured.
[[nodiscard]] std::vector<Check> checks_slack(PatientRef const& patient);
/// DingTalk's credential, Stream Mode, rights, card template, group and accounts; none where it is not configured.
[[nodiscard]] std::vector<Check> checks_dingtalk(PatientRef const& patient);

/// Pure: what an answer means. Each is a row of a test.
[[nodiscard]] Finding judge_clock(host::ClockSync const& sync);
[[nodiscard]] Finding judge_mail(paging::DeliveryOutcome const& outcome, bool with_login);
[[nodiscard]] Finding judge_health(HealthCheck const& check, web::Finding const& found);

}  // namespace tocsin::doctor
