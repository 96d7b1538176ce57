#include "config/config.hpp"

#include <date/tz.h>

#include <algorithm>
#include <cctype>

namespace tocsin {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

template <class T>
T const* by_name(std::vector<T> const& list, std::string_view name) {
  for (auto const& each : list) {
    if (same_word(each.name, name)) return &each;
  }
  return nullptr;
}

/// A name wins over another thing's alias, though the loader refuses such a pair.
template <class T>
T const* by_name_or_alias(std::vector<T> const& list, std::string_view name) {
  if (auto const* found = by_name(list, name)) return found;
  for (auto const& each : list) {
    for (auto const& alias : each.aliases) {
      if (same_word(alias, name)) return &each;
    }
  }
  return nullptr;
}

struct LocalTime {
  std::chrono::weekday day;
  std::chrono::minutes since_midnight;
};

/// The wall clock of `zone`; UTC for a zone the system does not know (the loader refuses those).
LocalTime local_time(std::string const& zone, Instant at) {
  auto const split = [](auto local) {
    auto const midnight = date::floor<std::chrono::days>(local);
    return LocalTime{std::chrono::weekday{std::chrono::sys_days{midnight.time_since_epoch()}},
                     std::chrono::floor<std::chrono::minutes>(local - midnight)};
  };
  if (!known_zone(zone)) return split(at);
  return split(date::locate_zone(zone)->to_local(at));
}

bool contains(DailyHours const& hours, std::chrono::minutes now) {
  if (hours.from < hours.to) return now >= hours.from && now < hours.to;
  return now >= hours.from || now < hours.to;
}

bool contains(WeeklyHours const& weekly, LocalTime const& now) {
  if (!contains(weekly.hours, now.since_midnight)) return false;
  if (!weekly.day) return true;
  // After midnight the hours still belong to the day on which they began.
  bool const after_midnight = weekly.hours.from > weekly.hours.to && now.since_midnight < weekly.hours.to;
  return now.day == (after_midnight ? *weekly.day + std::chrono::days{1} : *weekly.day);
}

EscalationStep step(Target of, int percent_of_target, std::vector<std::string> roles, Until until) {
  EscalationStep made{of, percent_of_target, {}, std::nullopt, until};
  for (auto& role : roles) made.page.push_back({Recipient::Kind::role, std::move(role)});
  return made;
}

EscalationPolicy chain() {
  EscalationPolicy policy;
  policy.steps = {step(Target::response, 0, {std::string(kDutyRole)}, Until::acknowledged),
                  step(Target::response, 100, {"tech-lead"}, Until::acknowledged),
                  step(Target::response, 200, {"cto"}, Until::acknowledged),
                  step(Target::recovery, 80, {"tech-lead"}, Until::mitigated),
                  step(Target::recovery, 100, {"tech-lead", "cto"}, Until::mitigated)};
  return policy;
}

}  // namespace

SeverityTable default_severities() {
  using std::chrono::hours;
  using std::chrono::minutes;
  return {SeverityRule{{"系统完全不可用", "The system can not be used"}, {minutes{5}, minutes{30}}},
          SeverityRule{{"核心功能异常", "A core function is broken"}, {minutes{15}, hours{2}}},
          SeverityRule{{"部分功能异常", "Some function is broken"}, {minutes{30}, hours{4}}},
          SeverityRule{{"性能问题", "It is slow"}, {hours{1}, hours{24}}}};
}

PolicyTable default_policies() {
  PolicyTable table;
  table.fill(chain());
  for (auto const severity : {Severity::p0, Severity::p1})
    table[static_cast<std::size_t>(severity)].steps.front().repeat_every = std::chrono::minutes{5};
  table[static_cast<std::size_t>(Severity::p0)].idle_page = std::chrono::minutes{10};
  return table;
}

TargetTable Config::targets() const {
  TargetTable table;
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = severities[i].targets;
  return table;
}

LogFile const* Config::log(std::string_view name) const noexcept { return by_name_or_alias(logs, name); }
Service const* Config::service(std::string_view name) const noexcept { return by_name_or_alias(services, name); }
HealthCheck const* Config::health_check(std::string_view name) const noexcept { return by_name_or_alias(health, name); }
PageLink const* Config::link(std::string_view name) const noexcept { return by_name_or_alias(links, name); }
ActionSpec const* Config::action(std::string_view name) const noexcept { return by_name_or_alias(actions, name); }
DataSet const* Config::data_set(std::string_view name) const noexcept { return by_name(data_sets, name); }

Person const* Config::person(PersonId const& id) const noexcept {
  for (auto const& each : people) {
    if (each.id == id) return &each;
  }
  return nullptr;
}

Locale Config::locale_of(PersonId const& id) const noexcept {
  auto const* found = person(id);
  return found != nullptr ? found->locale.value_or(locale) : locale;
}

std::string const& Config::zone_of(PersonId const& id) const noexcept {
  auto const* found = person(id);
  return found != nullptr && !found->zone.empty() ? found->zone : time_zone;
}

std::vector<Channel> Config::channels(Person const& person, Severity severity, Instant at) const {
  auto const index = static_cast<std::size_t>(severity);
  auto wanted = person.channels[index];
  if (person.quiet && contains(person.quiet->hours, local_time(zone_of(person.id), at).since_midnight) &&
      !person.quiet->channels[index].empty())
    wanted = person.quiet->channels[index];
  if (wanted.empty())
    wanted = {Channel::email, Channel::slack, Channel::dingtalk, Channel::dingtalk_work, Channel::inbox};
  std::erase_if(wanted, [&](Channel channel) {
    switch (channel) {
      case Channel::inbox:
        return false;
      case Channel::email:
        return !mail || person.identities.email.empty();
      case Channel::slack:
        return !chat.slack || person.identities.slack.empty();
      case Channel::dingtalk:
        return !chat.dingtalk || person.identities.dingtalk.empty();
      case Channel::dingtalk_work:
        return !chat.dingtalk || chat.dingtalk->agent_id == 0 || person.identities.dingtalk.empty();
    }
    return true;
  });
  if (wanted.empty()) wanted.push_back(Channel::inbox);
  return wanted;
}

MaintenanceWindow const* Config::maintenance_at(Instant at) const {
  for (auto const& window : maintenance) {
    if (contains(window.when, local_time(window.zone.empty() ? time_zone : window.zone, at))) return &window;
  }
  return nullptr;
}

}  // namespace tocsin
