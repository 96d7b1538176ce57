#include "bot/slack/people.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "bot/detail/json.hpp"
#include "bot/log.hpp"

namespace tocsin::slack {
namespace {

using detail::list_at;
using detail::parsed;
using detail::text_at;

constexpr Moment kKnownFor = std::chrono::hours{24};
constexpr Moment kGroupsFor = std::chrono::minutes{10};
/// Somebody may be about to join.
constexpr Moment kUnknownFor = std::chrono::minutes{10};

}  // namespace

class People::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(Parts parts) : parts_(std::move(parts)) {}
  void stop() { stopped_ = true; }

  void id_of(PersonId const& person, Found const& found) {
    auto const setup = parts_.setup();
    auto const* known = setup->config.person(person);
    if (known == nullptr) return found({});
    if (!known->identities.slack.empty()) return found(known->identities.slack);
    auto const& email = known->identities.email;
    if (email.empty()) return found({});
    auto const now = parts_.now();
    if (auto const cached = by_email_.find(email); cached != by_email_.end() && now < cached->second.until)
      return found(cached->second.id);
    parts_.api.call({"users.lookupByEmail", {{"email", email}}},
                    [self = shared_from_this(), email, found](ApiResult const& got) {
                      if (self->stopped_) return;
                      auto const id = got ? text_in(*got, "/user/id") : std::string();
                      bool const certain = got || got.error().trouble == Trouble::gone;
                      if (certain)
                        self->by_email_[email] = {id, self->parts_.now() + (id.empty() ? kUnknownFor : kKnownFor)};
                      found(id);
                    });
  }

  void ids_of(std::vector<PersonId> const& people, std::function<void(std::vector<std::string>)> const& found) {
    struct Gathering {
      std::size_t left = 0;
      std::vector<std::string> ids;
    };
    auto const gathering = std::make_shared<Gathering>();
    gathering->left = people.size() + 1;
    auto const one = [gathering, found](std::string const& id) {
      if (!id.empty()) gathering->ids.push_back(id);
      if (--gathering->left == 0) found(std::move(gathering->ids));
    };
    for (auto const& person : people) id_of(person, one);
    one({});
  }

  void members_of(std::vector<std::string> const& groups, std::function<void(std::vector<std::string>)> const& found) {
    if (groups.empty()) return found({});
    if (parts_.now() < groups_until_) return found(in_groups(groups));
    parts_.api.call({"usergroups.list", {{"include_users", "true"}}},
                    [self = shared_from_this(), groups, found](ApiResult const& got) {
                      if (self->stopped_) return;
                      if (got) {
                        self->groups_ = groups_in(*got);
                        self->groups_until_ = self->parts_.now() + kGroupsFor;
                        for (auto const& handle : groups) {
                          if (!self->groups_.contains(handle)) log_warn("Slack knows no user group @{}", handle);
                        }
                      } else {
                        log_warn("Slack: user groups can't be read: {} {}", got.error().error, got.error().needed);
                      }
                      found(self->in_groups(groups));
                    });
  }

  using Direct = std::function<void(std::string, ApiFailure const&)>;

  void direct(std::string const& user, Direct const& found, Urgency urgency, Millis deadline) {
    if (auto const known = direct_.find(user); known != direct_.end()) return found(known->second, {});
    // Who asks for the same meanwhile waits for the same answer, unless theirs is more urgent.
    auto const key = std::pair(user, urgency);
    auto const same = opening_.lower_bound({user, Urgency::urgent});
    if (same != opening_.end() && same->first.first == user && same->first.second <= urgency)
      return same->second.push_back(found);
    opening_[key].push_back(found);
    Call call{"conversations.open", {{"users", user}}};
    call.urgency = urgency;
    call.deadline = deadline;
    parts_.api.call(std::move(call), [self = shared_from_this(), key](ApiResult const& got) {
      if (self->stopped_) return;
      auto const waiting = std::move(self->opening_.extract(key).mapped());
      auto const channel = got ? text_in(*got, "/channel/id") : std::string();
      if (!channel.empty()) self->direct_[key.first] = channel;
      auto const failure = got ? ApiFailure{Trouble::refused, "no conversation in the answer"} : got.error();
      for (auto const& each : waiting) each(channel, failure);
    });
  }

 private:
  using Groups = std::map<std::string, std::vector<std::string>>;

  /// Members by handle.
  static Groups groups_in(std::string_view body) {
    Groups groups;
    auto const answer = parsed(body);
    for (auto const& group : list_at(answer, "usergroups")) {
      auto& members = groups[text_at(group, "handle")];
      for (auto const& user : list_at(group, "users")) {
        if (user.is_string()) members.push_back(user.get<std::string>());
      }
    }
    return groups;
  }

  std::vector<std::string> in_groups(std::vector<std::string> const& handles) const {
    std::vector<std::string> all;
    for (auto const& handle : handles) {
      auto const group = groups_.find(handle);
      if (group == groups_.end()) continue;
      for (auto const& user : group->second) {
        if (std::find(all.begin(), all.end(), user) == all.end()) all.push_back(user);
      }
    }
    return all;
  }

  struct Known {
    std::string id;
    Moment until{};
  };
  Parts parts_;
  std::map<std::string, Known> by_email_;
  std::map<std::string, std::string> direct_;
  std::map<std::pair<std::string, Urgency>, std::vector<Direct>> opening_;  ///< asked for
  Groups groups_;
  Moment groups_until_{};
  bool stopped_ = false;
};

People::People(Parts parts) : state_(std::make_shared<State>(std::move(parts))) {}
People::~People() { state_->stop(); }
void People::id_of(PersonId const& person, Found found) { state_->id_of(person, found); }
void People::ids_of(std::vector<PersonId> const& people, std::function<void(std::vector<std::string>)> found) {
  state_->ids_of(people, found);
}
void People::members_of(std::vector<std::string> const& groups, std::function<void(std::vector<std::string>)> found) {
  state_->members_of(groups, found);
}
void People::direct(std::string const& user, std::function<void(std::string, ApiFailure const&)> found, Urgency urgency,
                    Millis deadline) {
  state_->direct(user, found, urgency, deadline);
}

}  // namespace tocsin::slack
