#include "bot/dingtalk/directory.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <utility>

#include "bot/chat/words.hpp"
#include "bot/detail/json.hpp"
#include "bot/dingtalk/markdown.hpp"
#include "bot/dingtalk/platform.hpp"
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

/// A month's calls are few: of a number that nobody has, too, it is asked once a day.
constexpr Moment kKnownFor = std::chrono::hours{24};
constexpr Moment kUncertainFor = std::chrono::minutes{10};
/// A role by department ends with the department.
constexpr Moment kGuestFor = std::chrono::hours{1};
constexpr Moment kNobodyFor = std::chrono::minutes{10};
/// Whoever types is not kept out because DingTalk was slow once.
constexpr Moment kAgainSoon = std::chrono::seconds{10};
constexpr Millis kRound = std::chrono::minutes{10};
/// Whoever types waits that long at most until it is clear who they are.
constexpr Millis kPatience{4'000};
constexpr std::size_t kMostPeople = 5'000;
constexpr std::size_t kName = 40;  // characters

std::string number_text(Json const& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_number_integer() ? value.dump() : std::string();
}

bool is_certain(ApiResult const& got) { return got || got.error().trouble == Trouble::gone; }

}  // namespace

std::optional<Member> member_of(std::string_view body) {
  auto const answer = parsed(body);
  auto const& result = at(answer, "result");
  auto const name = one_line(chat::plain_output(text_at(result, "name")));
  Member member{
      text_at(result, "userid"), std::string(chat::first_characters(name, kName)), text_at(result, "mobile"), {}};
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

class DingDirectory::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(Parts parts) : parts_(std::move(parts)), known_(std::move(parts_.known)), timer_(parts_.io) {}

  void stop() {
    stopped_ = true;
    timer_.cancel();
    waiting_.clear();
  }

  /// One after the other, slowly: nobody waits for it.
  void go_round() {
    if (std::exchange(under_way_, true)) return;
    auto const wanted = std::make_shared<std::vector<Wanted>>(nameless());
    std::erase_if(*wanted, [this](Wanted const& each) {
      auto const asked = asked_for_.find(each.person);
      return asked != asked_for_.end() && asked->second.first == each.phone && parts_.now() < asked->second.second;
    });
    auto const guests = std::make_shared<std::vector<std::string>>();
    for (auto const& [staff, guest] : known_.guests) {
      if (is_due(staff)) guests->push_back(staff);
    }
    look_up(wanted, guests);
  }

  void meet(std::string const& staff, std::function<void()> then) {
    bool const guest = known_.guests.contains(staff);
    if ((is_known(staff) && !guest) || !is_due(staff)) return then();
    auto& line = waiting_[staff];
    line.push_back(std::move(then));
    if (line.size() == 1) ask_who(staff, [] {});
  }

  void staff_of_union(std::string const& union_id, std::function<void(std::optional<std::string>)> const& found) {
    if (auto const known = unions_.find(union_id); known != unions_.end()) return found(known->second);
    Call call{"user/getbyunionid", {}};
    call.body = written({{"unionid", union_id}});
    call.deadline = kPatience;
    parts_.api.call(std::move(call), [self = shared_from_this(), union_id, found](ApiResult const& got) {
      if (self->stopped_) return;
      if (!got && got.error().trouble != Trouble::gone) return found(std::nullopt);
      auto const answer = got ? parsed(*got) : Json();
      // Of another kind is somebody from outside.
      bool const inside = number_text(at(at(answer, "result"), "contact_type")) == "0";
      auto const staff = inside ? text_at(at(answer, "result"), "userid") : std::string();
      if (self->unions_.size() > kMostPeople) self->unions_.clear();
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
  std::vector<Wanted> nameless() const {
    std::vector<Wanted> wanted;
    auto const setup = parts_.setup();
    for (auto const& person : setup->config.people) {
      bool const learned = known_.staff.contains(person.id);
      if (person.identities.phone.empty() || (!person.identities.dingtalk.empty() && !learned)) continue;
      wanted.push_back({person.id, person.identities.phone});
    }
    return wanted;
  }

  bool has_departments() const {
    auto const setup = parts_.setup();
    auto const& dingtalk = setup->config.chat.dingtalk;
    return dingtalk && !dingtalk->departments.empty();
  }

  bool is_known(std::string const& staff) const { return !parts_.setup()->caller_of(kPlatform, staff).person.empty(); }

  bool is_due(std::string const& staff) const {
    auto const asked = asked_.find(staff);
    return asked == asked_.end() || parts_.now() >= asked->second;
  }

  void look_up(std::shared_ptr<std::vector<Wanted>> const& wanted,
               std::shared_ptr<std::vector<std::string>> const& guests) {
    if (!wanted->empty()) {
      auto const one = wanted->back();
      wanted->pop_back();
      return ask_for(one, [self = shared_from_this(), wanted, guests] { self->look_up(wanted, guests); });
    }
    if (!guests->empty()) {
      auto const staff = guests->back();
      guests->pop_back();
      return ask_who(staff, [self = shared_from_this(), wanted, guests] { self->look_up(wanted, guests); });
    }
    under_way_ = false;
    timer_.expires_after(kRound);
    timer_.async_wait([self = weak_from_this()](boost::system::error_code cancelled) {
      auto const state = self.lock();
      if (!cancelled && state && !state->stopped_) state->go_round();
    });
  }

  void ask_for(Wanted const& one, std::function<void()> const& next) {
    Call call{"user/getbymobile", {}};
    call.body = written({{"mobile", mobile_of(one.phone)}});
    call.urgency = Urgency::slow;
    parts_.api.call(std::move(call), [self = shared_from_this(), one, next](ApiResult const& got) {
      if (self->stopped_) return;
      auto const staff = got ? text_in(*got, "/result/userid") : std::string();
      bool const certain = is_certain(got);
      self->asked_for_[one.person] = {one.phone, self->parts_.now() + (certain ? kKnownFor : kUncertainFor)};
      if (!staff.empty()) {
        self->found(one, {staff, one.phone});
      } else if (certain) {
        log_warn("DingTalk knows nobody with the telephone of {}", one.person.value);
        self->found(one, {});
      } else {
        log_warn("DingTalk: {} could not be looked up: {}", one.person.value, got.error().error);
      }
      next();
    });
  }

  /// `what` empty: nobody has that number any more.
  void found(Wanted const& one, Found const& what) {
    auto const before = known_;
    if (what.account.empty()) {
      known_.staff.erase(one.person);
    } else {
      known_.staff[one.person] = what;
    }
    if (known_ == before) return;
    auto fact = fact_of(one.person, what);
    if (what.account.empty()) fact.second.clear();
    keep(std::move(fact));
    parts_.learned(known_);
  }

  void keep(Fact fact) {
    parts_.lane.submit(
        [fact = std::move(fact)](Database& database, Instant now) {
          store::put_fact(database, fact.first, fact.second, now);
        },
        [](std::exception_ptr) {});
  }

  /// By number, if the app may read it: whoever joined since the last look; else by department.
  void ask_who(std::string const& staff, std::function<void()> const& next) {
    if (!has_departments() && nameless().empty() && !known_.guests.contains(staff)) {
      met(staff, kNobodyFor);
      return next();
    }
    Call call{"user/get", {}};
    call.body = written({{"userid", staff}});
    call.deadline = kPatience;
    parts_.api.call(std::move(call), [self = shared_from_this(), staff, next](ApiResult const& got) {
      if (self->stopped_) return;
      auto const member = got ? member_of(*got) : std::nullopt;
      if (!got) log_warn("DingTalk: who {} is could not be asked: {}", staff, got.error().error);
      if (is_certain(got)) self->introduce(staff, member);
      bool const guest = self->known_.guests.contains(staff);
      self->met(staff, !is_certain(got) ? kAgainSoon : guest ? kGuestFor : kNobodyFor);
      next();
    });
  }

  void introduce(std::string const& staff, std::optional<Member> const& member) {
    for (auto const& one : nameless()) {
      if (member && !member->mobile.empty() && mobile_of(one.phone) == member->mobile)
        return found(one, {member->staff, one.phone});
    }
    auto const before = known_;
    auto const setup = parts_.setup();
    auto const& dingtalk = setup->config.chat.dingtalk;
    Guest const guest = member ? Guest{member->name, member->departments} : Guest{};
    bool const welcome = dingtalk && person_of(staff, guest, dingtalk->departments).has_value();
    if (welcome && (known_.guests.size() < kMostPeople || known_.guests.contains(staff))) {
      known_.guests[staff] = guest;
    } else {
      known_.guests.erase(staff);
    }
    if (known_ == before) return;
    auto fact = fact_of(staff, guest);
    if (!known_.guests.contains(staff)) fact.second.clear();
    keep(std::move(fact));
    parts_.learned(known_);
  }

  void met(std::string const& staff, Moment known_for) {
    if (asked_.size() > kMostPeople) asked_.clear();
    asked_[staff] = parts_.now() + known_for;
    auto const waiting = waiting_.extract(staff);
    if (waiting.empty()) return;
    for (auto const& then : waiting.mapped()) then();
  }

  Parts parts_;
  Acquaintances known_;
  boost::asio::steady_timer timer_;
  bool under_way_ = false;
  std::map<PersonId, std::pair<std::string, Moment>> asked_for_;  ///< by which number, and until when that holds
  std::map<std::string, Moment> asked_;  ///< by staff id: who was asked for, and until when that holds
  std::map<std::string, std::vector<std::function<void()>>> waiting_;
  std::map<std::string, std::string> unions_;
  bool stopped_ = false;
};

DingDirectory::DingDirectory(Parts parts) : state_(std::make_shared<State>(std::move(parts))) {}
DingDirectory::~DingDirectory() { state_->stop(); }
void DingDirectory::start() { state_->go_round(); }
void DingDirectory::look_again() { state_->go_round(); }
void DingDirectory::meet(std::string const& staff, std::function<void()> then) { state_->meet(staff, std::move(then)); }
void DingDirectory::staff_of_union(std::string const& union_id, std::function<void(std::optional<std::string>)> found) {
  state_->staff_of_union(union_id, found);
}

}  // namespace tocsin::dingtalk
