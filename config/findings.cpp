#include "config/findings.hpp"

#include <algorithm>
#include <optional>

namespace tocsin {
namespace {

/// Quiet hours begin and end on any minute; half an hour is fine enough to see that they are there.
constexpr auto kGrain = std::chrono::minutes{30};
constexpr auto kDay = std::chrono::hours{24};

/// These severities wake people; by day an inbox may do.
constexpr std::array kUrgent{Severity::p0, Severity::p1};

std::vector<PersonId> duty_people(Config const& config) {
  auto const& schedule = config.duty.schedule;
  auto people = schedule.rotation ? schedule.rotation->people : std::vector<PersonId>{};
  people.insert(people.end(), schedule.backups.begin(), schedule.backups.end());
  return people;
}

std::vector<PersonId> holders(Config const& config, Recipient const& recipient) {
  if (recipient.kind == Recipient::Kind::person) return {{recipient.name}};
  if (recipient.name == kDutyRole) return duty_people(config);
  auto const found = config.roles.find(recipient.name);
  return found == config.roles.end() ? std::vector<PersonId>{} : found->second;
}

/// Everybody whom the chain of a severity can page, once each, in the order of the steps.
std::vector<PersonId> chain_of(Config const& config, Severity severity) {
  std::vector<PersonId> people;
  for (auto const& step : config.escalation[static_cast<std::size_t>(severity)].steps) {
    for (auto const& recipient : step.page) {
      for (auto const& person : holders(config, recipient)) {
        if (std::find(people.begin(), people.end(), person) == people.end()) people.push_back(person);
      }
    }
  }
  return people;
}

struct Reach {
  std::optional<Instant> inbox_alone;  ///< the first instant of the coming day
  bool always_inbox_alone = true;
  bool beyond_chat = false;  ///< at some instant something else than chat reaches them
  bool by_chat = false;
};

Reach reach_of(Config const& config, Person const& person, Severity severity, Instant now) {
  Reach reach;
  for (auto at = now; at < now + kDay; at += kGrain) {
    bool wakes = false;
    for (auto const channel : config.channels(person, severity, at)) {
      if (channel == Channel::inbox) continue;
      wakes = true;
      bool const chat = channel != Channel::email;
      (chat ? reach.by_chat : reach.beyond_chat) = true;
    }
    if (wakes) {
      reach.always_inbox_alone = false;
    } else if (!reach.inbox_alone) {
      reach.inbox_alone = at;
    }
  }
  return reach;
}

void find_empty_steps(Config const& config, std::vector<Notice>& found) {
  for (auto const severity : kSeverities) {
    for (auto const& step : config.escalation[static_cast<std::size_t>(severity)].steps) {
      for (auto const& recipient : step.page) {
        if (!holders(config, recipient).empty()) continue;
        Notice notice("finding.role_empty");
        notice.with("severity", severity).with("role", recipient.name);
        bool const known = std::any_of(found.begin(), found.end(), [&](Notice const& each) {
          auto const* role = each.find("role");
          return role != nullptr && *role == Arg{recipient.name};
        });
        if (!known) found.push_back(std::move(notice));
      }
    }
  }
}

void find_unreachable(Config const& config, Instant now, std::vector<Notice>& found) {
  std::vector<PersonId> told;
  for (auto const severity : kUrgent) {
    bool chat = false;
    bool beyond_chat = false;
    for (auto const& id : chain_of(config, severity)) {
      auto const* person = config.person(id);
      if (person == nullptr) continue;
      auto const reach = reach_of(config, *person, severity, now);
      chat = chat || reach.by_chat;
      beyond_chat = beyond_chat || reach.beyond_chat;
      if (!reach.inbox_alone || std::find(told.begin(), told.end(), id) != told.end()) continue;
      told.push_back(id);
      Notice notice("finding.inbox_alone");
      notice.with("who", id).with("severity", severity);
      if (!reach.always_inbox_alone) notice.with("from", *reach.inbox_alone);
      found.push_back(std::move(notice));
    }
    if (chat && !beyond_chat) found.push_back(Notice("finding.chat_alone").with("severity", severity));
  }
}

/// The first stretch in which nobody is on; the backups are paged then, if there are any.
void find_gap(Config const& config, std::vector<Override> const& overrides, Instant now, std::vector<Notice>& found) {
  auto const& schedule = config.duty.schedule;
  if (!schedule.rotation && !schedule.backups.empty()) return;  // the backups are the rota
  auto const end = now + kGapHorizon;
  auto covered = now;
  for (auto const& shift : shifts(schedule, overrides, now, end)) {
    if (shift.from > covered) {
      found.push_back(Notice("finding.gap").with("from", covered).with("to", shift.from));
      return;
    }
    covered = std::max(covered, shift.to);
  }
  if (covered < end) found.push_back(Notice("finding.gap").with("from", covered).with("to", end));
}

}  // namespace

std::vector<Notice> findings(Config const& config, std::vector<Override> const& overrides, Instant now) {
  std::vector<Notice> found;
  find_empty_steps(config, found);
  find_gap(config, overrides, now, found);
  // Nothing leaves the machine in the demonstration, so there is nobody to be woken.
  if (config.mode == Mode::demo) return found;
  find_unreachable(config, now, found);
  if (!config.heartbeat) found.emplace_back("finding.no_heartbeat");
  return found;
}

}  // namespace tocsin
