// The whole configuration, typed. One YAML file is parsed once into this; nothing else reads the file, and no default
// stands anywhere else. A value of this type that came from the loader is consistent: every name it mentions exists.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/actions.hpp"
#include "config/people.hpp"
#include "config/response.hpp"
#include "config/settings.hpp"
#include "config/stack.hpp"
#include "incidents/base/time.hpp"

namespace tocsin {

/// In `demo` nothing may point outside this machine, and `say --as` is allowed.
enum class Mode : std::uint8_t { production, demo };
template <>
struct Names<Mode> {
  static constexpr std::array<std::string_view, 2> kAll{"production", "demo"};
};
template <>
struct Names<Locale> {
  static constexpr std::array<std::string_view, 2> kAll{"zh-CN", "en"};
};

struct Config {
  HttpSettings http;
  std::string storage = "tocsin.db";
  std::string time_zone = "Asia/Shanghai";
  Locale locale = Locale::zh_cn;
  std::string workdir = ".";
  Mode mode = Mode::production;
  std::vector<Person> people;
  RoleTable roles;
  DutySettings duty;
  SeverityTable severities = default_severities();
  PolicyTable escalation = default_policies();
  Limits limits;
  std::vector<PageLink> links;
  std::vector<MaintenanceWindow> maintenance;
  std::optional<MailSettings> mail;
  std::vector<LogFile> logs;
  std::vector<Service> services;
  std::vector<HealthCheck> health;
  std::vector<NetworkHost> network;
  std::vector<DataSet> data_sets;
  std::vector<ActionSpec> actions;
  GuardSettings guard;
  RetentionSettings retention;
  AuditSettings audit;
  DrillSettings drill;
  ChatSettings chat;
  std::optional<HeartbeatSettings> heartbeat;
  friend bool operator==(Config const&, Config const&) = default;

  [[nodiscard]] TargetTable targets() const;

  /// Each of these looks a thing up by its name or an alias, as typed by a person; ASCII letters in either case. Null:
  /// there is none. The pointers live as long as this Config stays where it is.
  [[nodiscard]] LogFile const* log(std::string_view name) const noexcept;
  [[nodiscard]] Service const* service(std::string_view name) const noexcept;
  [[nodiscard]] HealthCheck const* health_check(std::string_view name) const noexcept;
  [[nodiscard]] PageLink const* link(std::string_view name) const noexcept;
  [[nodiscard]] ActionSpec const* action(std::string_view name) const noexcept;
  [[nodiscard]] DataSet const* data_set(std::string_view name) const noexcept;

  [[nodiscard]] Person const* person(PersonId const& id) const noexcept;
  /// The person's language and zone, or those of the bot.
  [[nodiscard]] Locale locale_of(PersonId const& id) const noexcept;
  [[nodiscard]] std::string const& zone_of(PersonId const& id) const noexcept;

  /// The channels a page of `severity` to `person` tries at `at`, in order: quiet hours looked at, channels that this
  /// configuration can't serve left out, never empty (the inbox is always there).
  [[nodiscard]] std::vector<Channel> channels(Person const& person, Severity severity, Instant at) const;

  /// Is a maintenance window open at `at`?
  [[nodiscard]] MaintenanceWindow const* maintenance_at(Instant at) const;
};

template <class V>
void describe(V& v, Config& it) {
  v.key("http", it.http, "The bot's own web server.");
  v.key("storage", it.storage, "The database: a path (a relative one starts at the workdir) or a postgresql:// URL.",
        {.restart = true, .form = Form::storage});
  v.key("time_zone", it.time_zone, "IANA zone of times that name none.", {.form = Form::locale_zone});
  v.key("locale", it.locale, "Language of channels, and of people who name none.");
  v.key("workdir", it.workdir, "The folder in which actions run; a relative path starts where the bot was started.",
        {.restart = true, .form = Form::path});
  v.key("mode", it.mode, "demo: nothing may point outside this machine.", {.restart = true});
  v.key("people", it.people, "Everybody whom the bot knows. Others are viewers.", {.max = 1'000});
  v.key("roles", it.roles, "Roles that escalation pages, such as tech-lead, cto, security, product: who holds them.",
        {.min = 1, .max = 50});
  v.key("duty", it.duty, "Who is on call, and the list of contacts.");
  v.key("severities", it.severities, "What each severity means and what is promised for it.");
  v.key("escalation", it.escalation, "Who is paged when, by severity.");
  v.key("limits", it.limits, "Values beyond which something counts as unhealthy.");
  v.key("links", it.links, "Pages worth opening.", {.max = 50});
  v.key("maintenance", it.maintenance, "Times in which work on the stack is expected.", {.max = 50});
  v.key("mail", it.mail, "How pages of channel `email` are sent.");
  v.key("logs", it.logs, "Log files by name.", {.max = 200});
  v.key("services", it.services, "The parts of the stack.", {.max = 200});
  v.key("health", it.health, "HTTP probes.", {.max = 200});
  v.key("network", it.network, "Hosts whose distance is measured.", {.max = 50});
  v.key("data_sets", it.data_sets, "What dangerous actions can lose, and how it is saved.", {.max = 50});
  v.key("actions", it.actions, "Diagnoses and remedies.", {.max = 300});
  v.key("guard", it.guard, "How changes and dangers are guarded.");
  v.key("retention", it.retention, "How long things are kept.");
  v.key("audit", it.audit, "The record of everything attempted.");
  v.key("drill", it.drill, "Practice.");
  v.key("chat", it.chat, "Chat platforms.");
  v.key("heartbeat", it.heartbeat, "An outside service that raises the alarm when the bot falls silent.");
}

}  // namespace tocsin
