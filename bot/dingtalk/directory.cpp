#include "bot/dingtalk/directory.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <utility>

#include "bot/detail/json.hpp"
#include "bot/log.hpp"
#include "incidents/store/inbox.hpp"

namespace tocsin::dingtalk {
namespace {

using detail::at;
using detail::Json;
using detail::list_at;
using detail::parsed;
using detail::text_at;
using detail::written;

constexpr Moment kKnownFor = std::chrono::hours{24};
/// Somebody may be about to join, and a right about to be given.
constexpr Moment kUnknownFor = std::chrono::minutes{10};
constexpr Millis kAgain = std::chrono::minutes{10};
/// Whoever types waits that long at most until it is clear who they are.
constexpr Millis kPatience{4'000};
constexpr std::size_t kRemembered = 5'000;
constexpr std::string_view kFact = "dingtalk-staff:";

std::string number_text(Json const& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_number_integer() ? value.dump() : std::string();
}

/// What is kept of a look-up holds the number that was looked up: with another number it is worth nothing.
std::string kept(std::string const& staff, std::string const& phone) { return staff + ' ' + phone; }

bool is_certain(ApiResult const& got) { return got || got.error().trouble == Trouble::gone; }

}  // namespace

std::optional<Member> member_of(std::string_view body) {
  auto const answer = parsed(body);
  auto const& result = at(answer, "result");
  Member member{text_at(result, "userid"), text_at(result, "name"), text_at(result, "mobile"), {}};
  if (member.staff.empty()) return std::nullopt;
  for (auto const& each : list_at(result, "dept_id_list")) {
    if (auto id = number_text(each); !id.empty()) member.departments.push_back(std::move(id));
  }
  return member;
}

std::string mobile_of(std::string_view phone) {
  constexpr std::string_view kChina = "+86";
  if (phone.starts_with(kChina)) phone.remove_prefix(kChina.size());
  return std::string(phone);
}

std::optional<Person> guest_of(Member const& member, DingTalkOptions const& options) {
  std::optional<Role> role;
  for (auto const& department : options.departments) {
    bool const inside =
        std::find(member.departments.begin(), member.departments.end(), department.id) != member.departments.end();
    if (inside) role = role ? std::max(*role, department.role) : department.role;
  }
  if (!role) return std::nullopt;
  Person person;
  person.id = PersonId{"dingtalk-" + member.staff};
  person.name = Localized(member.name.empty() ? member.staff : member.name);
  person.role = *role;
  person.identities.dingtalk = member.staff;
  return person;
}

class DingDirectory::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(Parts parts) : parts_(std::move(parts)), timer_(parts_.io) {}

  void stop() {
    stopped_ = true;
    timer_.cancel();
    waiting_.clear();
  }

  void start() {
    auto const setup = parts_.setup();
    auto const found = std::make_shared<std::map<PersonId, std::string>>();
    auto const wanted = std::make_shared<std::vector<Wanted>>(nameless(*setup));
    parts_.lane.submit(
        [wanted, found](Database& database, Instant) {
          for (auto const& [person, phone] : *wanted) {
            auto const fact = store::fact(database, std::string(kFact) + person.value);
            if (!fact) continue;
            auto const staff = fact->substr(0, fact->find(' '));
            if (*fact == kept(staff, phone)) (*found)[person] = staff;
          }
        },
        [self = shared_from_this(), found](std::exception_ptr) {
          boost::asio::post(self->parts_.io, [self, found] {
            if (self->stopped_) return;
            if (!found->empty()) {
              self->known_.staff.merge(*found);
              self->parts_.learned(self->known_);
            }
            self->look_up_all();
          });
        });
  }

  void meet(std::string const& staff, std::function<void()> then) {
    // Whoever has a role by department only may have left it.
    if (is_known(staff) && !known_.guests.contains(staff)) return then();
    auto const [asked, fresh] = asked_.try_emplace(staff);
    if (!fresh && parts_.now() < asked->second) return then();
    auto& line = waiting_[staff];
    line.push_back(std::move(then));
    if (line.size() == 1) ask_who(staff);
  }

  void staff_of_union(std::string const& union_id, std::function<void(std::string)> const& found) {
    if (auto const known = unions_.find(union_id); known != unions_.end()) return found(known->second);
    Call call{"user/getbyunionid", {}};
    call.body = written({{"unionid", union_id}});
    call.deadline = kPatience;
    parts_.api.call(std::move(call), [self = shared_from_this(), union_id, found](ApiResult const& got) {
      if (self->stopped_) return;
      auto const staff = got ? text_in(*got, "/result/userid") : std::string();
      if (self->unions_.size() > kRemembered) self->unions_.clear();
      if (!staff.empty()) self->unions_[union_id] = staff;
      found(staff);
    });
  }

 private:
  struct Wanted {
    PersonId person;
    std::string phone;
  };

  /// People with a telephone only. The setup may name them by what was learned.
  std::vector<Wanted> nameless(Setup const& setup) const {
    std::vector<Wanted> wanted;
    for (auto const& person : setup.config.people) {
      bool const learned = known_.staff.contains(person.id);
      if (person.identities.phone.empty() || (!person.identities.dingtalk.empty() && !learned)) continue;
      wanted.push_back({person.id, person.identities.phone});
    }
    return wanted;
  }

  bool is_known(std::string const& staff) const { return !parts_.setup()->caller_of("dingtalk", staff).person.empty(); }

  void look_up_all() {
    auto const wanted = std::make_shared<std::vector<Wanted>>(nameless(*parts_.setup()));
    auto const sure = std::make_shared<bool>(true);
    look_up(wanted, 0, sure);
  }

  /// One after the other: nobody waits for it.
  void look_up(std::shared_ptr<std::vector<Wanted>> const& wanted, std::size_t at, std::shared_ptr<bool> const& sure) {
    if (at == wanted->size()) return again_in(*sure ? std::chrono::duration_cast<Millis>(kKnownFor) : kAgain);
    auto const one = (*wanted)[at];
    Call call{"user/getbymobile", {}};
    call.body = written({{"mobile", mobile_of(one.phone)}});
    call.urgency = Urgency::slow;
    parts_.api.call(std::move(call), [self = shared_from_this(), wanted, at, sure, one](ApiResult const& got) {
      if (self->stopped_) return;
      auto const staff = got ? text_in(*got, "/result/userid") : std::string();
      if (!is_certain(got)) {
        *sure = false;
        log_warn("DingTalk: {} could not be looked up: {}", one.person.value, got.error().error);
      } else if (staff.empty()) {
        *sure = false;
        log_warn("DingTalk knows nobody with the telephone of {}", one.person.value);
      } else {
        self->found(one, staff);
      }
      self->look_up(wanted, at + 1, sure);
    });
  }

  void found(Wanted const& one, std::string const& staff) {
    auto& known = known_.staff[one.person];
    if (std::exchange(known, staff) == staff) return;
    parts_.lane.submit(
        [one, staff](Database& database, Instant now) {
          store::put_fact(database, std::string(kFact) + one.person.value, kept(staff, one.phone), now);
        },
        [](std::exception_ptr) {});
    parts_.learned(known_);
  }

  void again_in(Millis wait) {
    timer_.expires_after(wait);
    timer_.async_wait([self = weak_from_this()](boost::system::error_code cancelled) {
      auto const state = self.lock();
      if (!cancelled && state && !state->stopped_) state->look_up_all();
    });
  }

  /// By number, if the app may read it: whoever joined since the last look; else by department.
  void ask_who(std::string const& staff) {
    auto const setup = parts_.setup();
    if (setup->config.chat.dingtalk->departments.empty() && nameless(*setup).empty()) return met(staff);
    Call call{"user/get", {}};
    call.body = written({{"userid", staff}});
    call.deadline = kPatience;
    parts_.api.call(std::move(call), [self = shared_from_this(), staff](ApiResult const& got) {
      if (self->stopped_) return;
      auto const member = got ? member_of(*got) : std::nullopt;
      if (!got) log_warn("DingTalk: who {} is could not be asked: {}", staff, got.error().error);
      if (member) self->introduce(*member);
      if (got || got.error().trouble == Trouble::gone) self->dismiss(staff, member);
      self->met(staff);
    });
  }

  void introduce(Member const& member) {
    auto const setup = parts_.setup();
    for (auto const& one : nameless(*setup)) {
      if (!member.mobile.empty() && mobile_of(one.phone) == member.mobile) return found(one, member.staff);
    }
    auto const guest = guest_of(member, *setup->config.chat.dingtalk);
    if (!guest) return;
    if (known_.guests.size() > kRemembered) known_.guests.clear();
    auto const [known, fresh] = known_.guests.try_emplace(member.staff, *guest);
    if (!fresh && std::exchange(known->second, *guest) == *guest) return;
    parts_.learned(known_);
  }

  /// A role by department ends with the department.
  void dismiss(std::string const& staff, std::optional<Member> const& member) {
    bool const stays = member && guest_of(*member, *parts_.setup()->config.chat.dingtalk);
    if (!stays && known_.guests.erase(staff) > 0) parts_.learned(known_);
  }

  void met(std::string const& staff) {
    if (asked_.size() > kRemembered) asked_.clear();
    asked_[staff] = parts_.now() + kUnknownFor;
    auto const waiting = waiting_.extract(staff);
    if (waiting.empty()) return;
    for (auto const& then : waiting.mapped()) then();
  }

  Parts parts_;
  boost::asio::steady_timer timer_;
  Acquaintances known_;
  std::map<std::string, Moment> asked_;  ///< by staff id: who was asked for, and until when that is worth something
  std::map<std::string, std::vector<std::function<void()>>> waiting_;
  std::map<std::string, std::string> unions_;
  bool stopped_ = false;
};

DingDirectory::DingDirectory(Parts parts) : state_(std::make_shared<State>(std::move(parts))) {}
DingDirectory::~DingDirectory() { state_->stop(); }
void DingDirectory::start() { state_->start(); }
void DingDirectory::meet(std::string const& staff, std::function<void()> then) { state_->meet(staff, std::move(then)); }
void DingDirectory::staff_of_union(std::string const& union_id, std::function<void(std::string)> found) {
  state_->staff_of_union(union_id, found);
}

}  // namespace tocsin::dingtalk
