#include "bot/dingtalk/rooms.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "bot/chat/words.hpp"
#include "bot/detail/json.hpp"
#include "bot/dingtalk/platform.hpp"
#include "bot/log.hpp"
#include "incidents/store/posted.hpp"

namespace tocsin::dingtalk {
namespace {

using detail::written;

/// In the place of a thread: others live there, too, and a bare word may mean any of them.
constexpr char const* kShared = "shared";
constexpr char const* kRefused = "refused";
constexpr std::size_t kRoomTitle = 20;  // characters
constexpr std::size_t kOpen = 1'000;
/// What is said about an incident waits for it.
constexpr Millis kRoomPatience{5'000};
constexpr Moment kRoomAgain = std::chrono::seconds{30};

bool may_work_later(ApiFailure const& failure) {
  return failure.trouble == Trouble::passing || failure.trouble == Trouble::unknown ||
         failure.trouble == Trouble::too_often;
}

std::string text_of(ApiFailure const& failure) {
  return failure.needed.empty() ? failure.error : failure.error + " (" + failure.needed + ")";
}

}  // namespace

bool wants_own_room(Incident const& incident, DingTalkOptions const& options) {
  if (options.room_template.empty() || incident.drill || incident.hidden || incident.status == Status::closed)
    return false;
  // The names of both enumerations stand in the order of the severities.
  return options.own_room != OwnChannel::never &&
         static_cast<int>(incident.severity) <= static_cast<int>(options.own_room);
}

std::string room_title(Incident const& incident) {
  auto const title =
      "INC-" + std::to_string(incident.id.value) + " " + std::string(name_of(incident.severity)) + " " + incident.title;
  return std::string(chat::first_characters(title, kRoomTitle));
}

class Rooms::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(Parts parts) : parts_(std::move(parts)) {}

  void stop() {
    stopped_ = true;
    rooms_.clear();
  }

  void start() {
    auto const homes = std::make_shared<std::vector<store::Home>>();
    parts_.lane.submit(
        [homes](Database& database, Instant) { *homes = store::homes_of_open(database, kPlatform, kOpen); },
        [self = shared_from_this(), homes](std::exception_ptr) {
          boost::asio::post(self->parts_.io, [self, homes] {
            if (self->stopped_) return;
            for (auto const& home : *homes) {
              if (home.thread != kShared) self->own_.insert(home.conversation);
            }
          });
        });
  }

  void place_for(Post const& post, std::string const& origin, std::function<void(Place)> found) {
    if (!post.about) return found({origin});
    auto& room = rooms_[post.about->incident.id];
    room.waiting.push_back({post.about, origin, std::move(found)});
    if (room.waiting.size() == 1) go_on(post.about->incident.id);
  }

  void lost(IncidentId incident) {
    auto const known = rooms_.find(incident);
    if (known == rooms_.end()) return;
    own_.erase(known->second.conversation);
    known->second.conversation.clear();
    known->second.refused = true;
  }

  std::string robot_in(std::string const& conversation) const {
    auto const setup = parts_.setup();
    auto const& options = setup->config.chat.dingtalk;
    if (!options) return {};
    return own_.contains(conversation) && !options->room_robot.empty() ? options->room_robot : options->robot();
  }

 private:
  struct Waiting {
    std::optional<About> about;
    std::string origin;
    std::function<void(Place)> found;
  };
  struct Room {
    bool loaded = false;
    bool refused = false;
    std::string conversation;     ///< of its own; empty: none
    std::string shared;           ///< without one of its own: where it stands
    Moment not_before{};          ///< is it tried again
    std::set<std::string> asked;  ///< staff ids
    bool inviting = false;
    std::vector<std::string> to_invite;
    std::vector<std::string> uninvited;  ///< and not told yet
    std::vector<Waiting> waiting;        ///< the first is being seen to
  };

  /// One after the other.
  void go_on(IncidentId id) {
    auto& room = rooms_[id];
    if (room.waiting.empty()) return;
    if (!room.loaded) return load(id);
    if (!room.conversation.empty()) {
      invite_missing(id);
      return answer(id, {room.conversation, true, {}, std::exchange(room.uninvited, {})});
    }
    auto const setup = parts_.setup();
    auto const& options = setup->config.chat.dingtalk;
    bool const wanted = options && wants_own_room(room.waiting.front().about->incident, *options);
    if (wanted && !room.refused && parts_.now() >= room.not_before) return create(id, *options);
    settle_in(id);
  }

  /// Its words stand where those of others do, too.
  void settle_in(IncidentId id) {
    auto& room = rooms_[id];
    auto const origin = room.waiting.front().origin;
    if (std::exchange(room.shared, origin) != origin)
      keep({kPlatform, id, origin, origin, kShared, room.refused ? kRefused : ""});
    answer(id, {origin});
  }

  void answer(IncidentId id, Place const& place) {
    auto& room = rooms_[id];
    auto const found = std::move(room.waiting.front().found);
    room.waiting.erase(room.waiting.begin());
    found(place);
    if (!stopped_) go_on(id);
  }

  void load(IncidentId id) {
    auto const home = std::make_shared<std::optional<store::Home>>();
    parts_.lane.submit([home, id](Database& database, Instant) { *home = store::home_of(database, kPlatform, id); },
                       [self = shared_from_this(), home, id](std::exception_ptr) {
                         boost::asio::post(self->parts_.io, [self, home, id] {
                           if (self->stopped_) return;
                           self->adopt(self->rooms_[id], *home);
                           self->go_on(id);
                         });
                       });
  }

  void adopt(Room& room, std::optional<store::Home> const& home) {
    room.loaded = true;
    if (!home) return;
    room.refused = home->done == kRefused;
    if (home->thread == kShared) {
      room.shared = home->conversation;
    } else {
      room.conversation = home->conversation;
      own_.insert(room.conversation);
    }
  }

  /// The same incident makes the same group, however often it is asked for.
  void create(IncidentId id, DingTalkOptions const& options) {
    auto const& incident = rooms_[id].waiting.front().about->incident;
    Call call{"scenegroup/create", {}};
    call.urgency = Urgency::normal;
    call.deadline = kRoomPatience;
    call.body = written({{"title", room_title(incident)},
                         {"template_id", options.room_template},
                         {"owner_user_id", options.room_owner},
                         {"user_ids", options.room_owner},
                         {"uuid", "tocsin-" + std::to_string(id.value) + "-" +
                                      std::to_string(incident.opened_at.time_since_epoch().count())},
                         {"show_history_type", 1}});
    parts_.api.call(std::move(call), [self = shared_from_this(), id](ApiResult const& got) {
      if (self->stopped_) return;
      auto& room = self->rooms_[id];
      auto const origin = room.waiting.front().origin;
      auto const conversation = got ? text_in(*got, "/result/open_conversation_id") : std::string();
      if (conversation.empty()) {
        auto const failure = got ? ApiFailure{Trouble::refused, "no group in the answer"} : got.error();
        log_warn("DingTalk: no group for INC-{}: {}", id.value, failure.error);
        room.refused = !may_work_later(failure);
        room.not_before = self->parts_.now() + kRoomAgain;
        return self->answer(id, {origin, false, room.refused ? text_of(failure) : std::string()});
      }
      room.conversation = conversation;
      self->own_.insert(conversation);
      self->keep({kPlatform, id, origin, conversation, "", ""});
      self->go_on(id);
    });
  }

  /// Of its people those who were not asked into it yet; nobody waits for it.
  void invite_missing(IncidentId id) {
    auto& room = rooms_[id];
    auto const setup = parts_.setup();
    for (auto const& each : room.waiting.front().about->people) {
      auto const* person = setup->config.person(each);
      if (person == nullptr || person->identities.dingtalk.empty()) continue;
      if (room.asked.insert(person->identities.dingtalk).second) room.to_invite.push_back(person->identities.dingtalk);
    }
    if (!std::exchange(room.inviting, true)) invite_next(id);
  }

  /// One by one: a single one whom the app may not see would keep all out.
  void invite_next(IncidentId id) {
    auto& room = rooms_[id];
    if (room.to_invite.empty() || room.conversation.empty()) {
      room.inviting = false;
      return;
    }
    auto const staff = room.to_invite.back();
    room.to_invite.pop_back();
    Call call{"scenegroup/member/add", {}};
    call.deadline = kRoomPatience;
    call.body = written({{"open_conversation_id", room.conversation}, {"user_ids", staff}});
    parts_.api.call(std::move(call), [self = shared_from_this(), id, staff](ApiResult const& got) {
      if (self->stopped_) return;
      if (!got) {
        log_warn("DingTalk: {} could not be asked into the group of INC-{}: {}", staff, id.value, got.error().error);
        auto& mine = self->rooms_[id];
        if (may_work_later(got.error())) {
          mine.asked.erase(staff);  // at the next occasion
        } else {
          mine.uninvited.push_back(staff);
        }
      }
      self->invite_next(id);
    });
  }

  void keep(store::Home const& home) {
    parts_.lane.submit([home](Database& database, Instant) { store::put_home(database, home); },
                       [](std::exception_ptr) {});
  }

  Parts parts_;
  std::map<IncidentId, Room> rooms_;
  std::set<std::string> own_;  ///< groups that are an incident's own
  bool stopped_ = false;
};

Rooms::Rooms(Parts parts) : state_(std::make_shared<State>(std::move(parts))) {}
Rooms::~Rooms() { state_->stop(); }
void Rooms::start() { state_->start(); }
void Rooms::place_for(Post const& post, std::string const& origin, std::function<void(Place)> found) {
  state_->place_for(post, origin, std::move(found));
}
void Rooms::lost(IncidentId incident) { state_->lost(incident); }
std::string Rooms::robot_in(std::string const& conversation) const { return state_->robot_in(conversation); }

}  // namespace tocsin::dingtalk
