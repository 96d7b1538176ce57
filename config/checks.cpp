#include "config/checks.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace tocsin {
namespace {

std::string lowered(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

/// Names of one list, each meant for one thing only.
class Taken {
 public:
  explicit Taken(Complaints& complaints) : complaints_(complaints) {}

  void take(std::string const& word, std::string const& path) {
    if (word.empty()) return;
    auto const [first, is_new] = paths_.emplace(lowered(word), path);
    if (!is_new)
      complaints_.add(path,
                      Notice("mistake.name_taken").with("name", word).with("line", complaints_.line_of(first->second)));
  }

 private:
  Complaints& complaints_;
  std::map<std::string, std::string> paths_;
};

template <class T>
void check_names(std::vector<T> const& list, std::string const& key, Complaints& complaints) {
  Taken taken(complaints);
  for (std::size_t i = 0; i < list.size(); ++i) taken.take(list[i].name, at(key, i) + ".name");
  if constexpr (requires { list.front().aliases; }) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      for (std::size_t j = 0; j < list[i].aliases.size(); ++j)
        taken.take(list[i].aliases[j], at(at(key, i) + ".aliases", j));
    }
  }
}

void known_people(std::vector<PersonId> const& people, std::string const& path, Config const& config,
                  Complaints& complaints) {
  std::set<PersonId> seen;
  for (std::size_t i = 0; i < people.size(); ++i) {
    if (people[i].empty()) continue;
    if (config.person(people[i]) == nullptr)
      complaints.add(at(path, i), Notice("mistake.person_unknown").with("id", people[i].value));
    else if (!seen.insert(people[i]).second)
      complaints.add(at(path, i), Notice("mistake.person_twice").with("id", people[i].value));
  }
}

void check_identities(Config const& config, Complaints& complaints) {
  struct Row {
    char const* key;
    std::string Identities::*member;
  };
  constexpr std::array kRows{Row{"slack", &Identities::slack}, Row{"dingtalk", &Identities::dingtalk},
                             Row{"web", &Identities::web},     Row{"terminal", &Identities::terminal},
                             Row{"email", &Identities::email}, Row{"phone", &Identities::phone}};
  for (auto const& row : kRows) {
    std::map<std::string, std::size_t> owners;
    for (std::size_t i = 0; i < config.people.size(); ++i) {
      auto claim = config.people[i].identities.*row.member;
      if (claim.empty()) continue;
      if (row.member == &Identities::email) claim = lowered(claim);
      auto const [owner, is_new] = owners.emplace(claim, i);
      if (is_new) continue;
      complaints.add(at("people", i) + ".identities." + row.key,
                     Notice("mistake.identity_taken").with("id", config.people[owner->second].id.value));
    }
  }
}

/// A channel that is listed must be able to reach the person.
void check_channels(Person const& person, ChannelTable const& table, std::string const& path, Config const& config,
                    Complaints& complaints) {
  std::set<Channel> told;  // a plain list stands for four severities: one mistake is enough
  for (auto const severity : kSeverities) {
    auto const& list = table[static_cast<std::size_t>(severity)];
    for (std::size_t i = 0; i < list.size(); ++i) {
      auto const by_severity = path + "." + std::string(name_of(severity));
      auto const where = at(complaints.written(by_severity) ? by_severity : path, i);
      auto const channel = list[i];
      bool const twice = std::find(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(i), channel) !=
                         list.begin() + static_cast<std::ptrdiff_t>(i);
      auto const [identity, service] = [&]() -> std::pair<bool, bool> {
        switch (channel) {
          case Channel::inbox:
            return {true, true};
          case Channel::email:
            return {!person.identities.email.empty(), config.mail.has_value()};
          case Channel::slack:
            return {!person.identities.slack.empty(), config.chat.slack.has_value()};
          case Channel::dingtalk:
            // Whoever has no ID there is looked for by telephone.
            return {!person.identities.dingtalk.empty() || !person.identities.phone.empty(),
                    config.chat.dingtalk.has_value()};
          case Channel::dingtalk_work:
            return {!person.identities.dingtalk.empty() || !person.identities.phone.empty(),
                    config.chat.dingtalk && config.chat.dingtalk->agent_id != 0};
        }
        return {true, true};
      }();
      if ((identity && service && !twice) || !told.insert(channel).second) continue;
      auto what = Notice(twice      ? "mistake.channel_twice"
                         : identity ? "mistake.channel_unserved"
                                    : "mistake.channel_no_identity");
      complaints.add(where, std::move(what).with("channel", std::string(name_of(channel))));
    }
  }
}

/// Who may approve is written down; and a group is made from three things together.
void check_rooms(Config const& config, Complaints& complaints) {
  auto const& dingtalk = config.chat.dingtalk;
  for (std::size_t i = 0; dingtalk && i < dingtalk->departments.size(); ++i) {
    if (dingtalk->departments[i].role > Role::responder)
      complaints.add(at("chat.dingtalk.departments", i) + ".role", Notice("mistake.role_department"));
  }
  if (!dingtalk || dingtalk->room_template.empty()) return;
  if (dingtalk->room_robot.empty())
    complaints.add("chat.dingtalk", Notice("mistake.missing").with("key", std::string("room_robot")));
  if (dingtalk->room_owner.empty())
    complaints.add("chat.dingtalk", Notice("mistake.missing").with("key", std::string("room_owner")));
}

void check_contacts(Config const& config, Complaints& complaints) {
  for (std::size_t i = 0; i < config.duty.contacts.size(); ++i) {
    auto const& contact = config.duty.contacts[i];
    auto const path = at("duty.contacts", i);
    if (contact.person.empty()) {
      if (contact.email.empty() && contact.phone.empty()) complaints.add(path, Notice("mistake.contact_empty"));
    } else if (config.person(contact.person) == nullptr) {
      complaints.add(path + ".person", Notice("mistake.person_unknown").with("id", contact.person.value));
    }
  }
}

}  // namespace

std::string at(std::string const& prefix, std::size_t index) { return prefix + '[' + std::to_string(index) + ']'; }

void Complaints::add(std::string path, Notice what) {
  // A key that was left out stands where its group stands.
  auto known = path;
  auto place = positions_.find(known);
  while (place == positions_.end() && !known.empty()) {
    auto const end = known.find_last_of(".[");
    known.resize(end == std::string::npos ? 0 : end);
    place = positions_.find(known);
  }
  auto const [line, column] = place == positions_.end() ? std::pair{1, 1} : place->second;
  if (mistakes_.size() < kMaxMistakes) mistakes_.push_back({file_, line, column, std::move(path), std::move(what)});
}

std::int64_t Complaints::line_of(std::string const& path) const {
  auto const place = positions_.find(path);
  return place == positions_.end() ? 0 : place->second.first;
}

void check_people(Config const& config, Complaints& complaints) {
  Taken ids(complaints);
  for (std::size_t i = 0; i < config.people.size(); ++i) {
    auto const& person = config.people[i];
    auto const path = at("people", i);
    ids.take(person.id.value, path + ".id");
    check_channels(person, person.channels, path + ".channels", config, complaints);
    if (person.quiet) check_channels(person, person.quiet->channels, path + ".quiet.channels", config, complaints);
  }
  check_identities(config, complaints);
  for (auto const& [role, holders] : config.roles) {
    auto const path = "roles." + role;
    if (role == kDutyRole) complaints.add(path, Notice("mistake.role_duty"));
    if (config.person(PersonId{role}) != nullptr)
      complaints.add(path, Notice("mistake.role_is_person").with("id", role));
    known_people(holders, path, config, complaints);
  }
  if (auto const& rotation = config.duty.schedule.rotation)
    known_people(rotation->people, "duty.rotation.people", config, complaints);
  known_people(config.duty.schedule.backups, "duty.backups", config, complaints);
  check_contacts(config, complaints);
  check_rooms(config, complaints);
}

void check_stack(Config const& config, Complaints& complaints) {
  check_names(config.links, "links", complaints);
  check_names(config.logs, "logs", complaints);
  check_names(config.services, "services", complaints);
  check_names(config.health, "health", complaints);
  check_names(config.network, "network", complaints);
  check_names(config.data_sets, "data_sets", complaints);
  check_names(config.actions, "actions", complaints);
  for (std::size_t i = 0; i < config.services.size(); ++i) {
    auto const& service = config.services[i];
    auto const path = at("services", i);
    if (!service.log.empty() && config.log(service.log) == nullptr)
      complaints.add(path + ".log", Notice("mistake.log_unknown").with("name", service.log));
    if (!service.health.empty() && config.health_check(service.health) == nullptr)
      complaints.add(path + ".health", Notice("mistake.health_unknown").with("name", service.health));
  }
  for (std::size_t i = 0; i < config.health.size(); ++i) {
    auto const& check = config.health[i];
    auto const path = at("health", i);
    if (check.deadline < check.latency) complaints.add(path + ".deadline", Notice("mistake.deadline_before_latency"));
    for (std::size_t j = 0; j < check.expect.size(); ++j) {
      if (check.expect[j] < 100 || check.expect[j] > 599)
        complaints.add(at(path + ".expect", j), Notice("mistake.http_status"));
    }
  }
  for (std::size_t i = 0; i < config.data_sets.size(); ++i) {
    auto const& set = config.data_sets[i];
    auto const path = at("data_sets", i);
    auto const folder = [&](char const* key, std::string const& value) {
      auto const where = path + "." + key;
      if (set.kind == DataSet::Kind::folder && value.empty() && !complaints.written(where))
        complaints.add(path, Notice("mistake.missing").with("key", std::string(key)));
      if (set.kind == DataSet::Kind::none && !value.empty()) complaints.add(where, Notice("mistake.not_for_kind_none"));
    };
    folder("path", set.path);
    folder("backups", set.backups);
    bool const inside = !set.path.empty() && (set.backups == set.path || set.backups.starts_with(set.path + "/"));
    if (inside) complaints.add(path + ".backups", Notice("mistake.backups_inside"));
  }
}

}  // namespace tocsin
