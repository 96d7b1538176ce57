#include "bot/slack/homes.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "bot/all_said.hpp"
#include "bot/log.hpp"
#include "bot/must_act.hpp"
#include "bot/slack/houses.hpp"
#include "bot/slack/platform.hpp"
#include "bot/slack/rooms.hpp"
#include "commands/card.hpp"
#include "incidents/desk.hpp"
#include "incidents/store/incidents.hpp"
#include "incidents/store/posted.hpp"

namespace tocsin::slack {
namespace {

constexpr std::chrono::seconds kFurnishAgain{30};

Urgency urgency_of(Incident const& incident) { return is_urgent(incident) ? Urgency::urgent : Urgency::normal; }

bool is_card(Post const& post) { return post.key == card_key(post.incident); }

}  // namespace

class Homes::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(Parts parts)
      : parts_(std::move(parts)),
        furnishing_({parts_.api, parts_.people, parts_.clock, parts_.setup, parts_.self}),
        houses_(parts_.io, parts_.lane) {}

  void stop() {
    stopped_ = true;
    houses_.stop();
  }

  void say(Post const& post, std::function<void(bool)> done) {
    if (says_what_the_card_says(post.message)) return done(true);
    auto const house = houses_.of(post.incident);
    houses_.enqueue(house, [self = shared_from_this(), house, post, done = std::move(done)](Next const& next) {
      self->houses_.with_home(house, [self, house, post, done, next] {
        auto const finish = [self, house, post, done, next](bool said) {
          done(said);
          if (is_settled(*house, post.about->incident)) self->say_what_came_early(house);
          next();
        };
        if (is_card(post)) return self->show(house, post, finish);
        self->tell(house, post, finish);
      });
    });
  }

  void thread_for(Where const& where, std::function<void(Where)> const& found) {
    auto const card = std::make_shared<std::optional<store::Posted>>();
    parts_.lane.submit(
        [card, where](Database& database, Instant) {
          auto const incident = store::incident_living_in(database, {kPlatform, where.channel, where.thread});
          if (incident) *card = store::posted(database, kPlatform, where.channel, card_key(*incident));
        },
        [self = shared_from_this(), card, where, found](std::exception_ptr) {
          boost::asio::post(self->parts_.io, [self, card, where, found] {
            if (self->stopped_) return;
            auto there = where;
            if (there.thread.empty() && *card)
              there.thread = (*card)->thread.empty() ? (*card)->message : (*card)->thread;
            found(there);
          });
        });
  }

  void renamed(std::string const& channel, std::string const& name, std::string const& key,
               std::function<void()> const& noted) {
    auto const note = [channel, name, key](Database& database, Instant now) {
      auto const tenant = tenant_of(database, channel);
      if (!tenant || name.empty() || store::posted(database, kPlatform, channel, key)) return;
      TimelineEntry entry;
      entry.happened = entry.recorded = now;
      entry.what = Notice("timeline.channel_renamed").with("channel", "#" + name);
      store::append_timeline(database, *tenant, {entry});
      store::put_posted(database, {kPlatform, channel, key, "", "", ""}, now);
    };
    parts_.lane.submit(note, [self = shared_from_this(), noted](std::exception_ptr failed) {
      if (failed) return;
      boost::asio::post(self->parts_.io, [self, noted] {
        if (!self->stopped_) noted();
      });
    });
  }

  void lost(std::string const& channel) {
    furnishing_.left(channel);
    auto const tenant = std::make_shared<std::optional<IncidentId>>();
    parts_.lane.submit([tenant, channel](Database& database, Instant) { *tenant = tenant_of(database, channel); },
                       [self = shared_from_this(), tenant](std::exception_ptr) {
                         boost::asio::post(self->parts_.io, [self, tenant] {
                           if (!self->stopped_ && *tenant) self->move_out(self->houses_.of(**tenant));
                         });
                       });
  }

 private:
  using Next = std::function<void()>;
  using Finish = std::function<void(bool)>;

  /// Where it was opened, if that was in Slack and not with the bot alone; else where such incidents are told.
  std::string origin_of(Post const& post) const {
    auto const setup = parts_.setup();
    auto const& room = post.about->incident.room;
    auto const& channel = setup->config.chat.slack->channel;
    bool const here = room.platform == kPlatform && !room.conversation.starts_with('D');
    if (here || (channel.empty() && room.platform == kPlatform)) return room.conversation;
    return channel;
  }

  void show(HousePtr const& house, Post const& post, Finish const& finish) {
    auto const setup = parts_.setup();
    auto const& incident = post.about->incident;
    auto& furniture = house->furniture;
    bool const owned = house->home && house->home->thread.empty();
    bool const wanted = wants_own_channel(incident, *setup->config.chat.slack) && furniture.refused.empty();
    if (furniture.archived && incident.status != Status::closed) {
      // Open again, but its channel can't be: it goes on where it was opened.
      furniture = {};
      furniture.refused = "archived";
      house->home = store::Home{kPlatform, house->incident, origin_of(post), origin_of(post), "", ""};
    } else if (wanted && !owned && incident.status != Status::closed) {
      return make_channel(house, post, 1, finish);
    }
    if (!house->home) {
      auto const origin = origin_of(post);
      house->home = store::Home{kPlatform, house->incident, origin, origin, "", ""};
      furnishing_.join(origin);
    }
    show_cards(house, post, finish);
  }

  void make_channel(HousePtr const& house, Post const& post, int attempt, Finish const& finish) {
    auto const setup = parts_.setup();
    auto const& incident = post.about->incident;
    auto name = channel_name(setup->config.chat.slack->channel_prefix, incident.id, incident.title, attempt);
    furnishing_.create(
        name, incident.hidden, [self = shared_from_this(), house, post, attempt, finish](ApiResult const& made) {
          if (self->stopped_) return;
          constexpr int kNames = 9;
          if (!made && made.error().error == "name_taken" && attempt < kNames)
            return self->make_channel(house, post, attempt + 1, finish);
          if (!made) return self->no_channel(house, post, made.error(), finish);
          auto const origin = house->home ? house->home->origin : self->origin_of(post);
          house->home = store::Home{kPlatform, house->incident, origin, *made, "", ""};
          self->houses_.save(house, [self, house, post, finish] { self->show_cards(house, post, finish); });
        });
  }

  /// It lives in a thread then; why is told once, there.
  void no_channel(HousePtr const& house, Post const& post, ApiFailure const& failure, Finish const& finish) {
    log_warn("no channel for INC-{}: {}", house->incident.value, failure.error);
    if (may_work_later(failure) && !house->home) return finish(false);
    house->furniture.refused = failure.needed.empty() ? failure.error : failure.error + " (" + failure.needed + ")";
    auto told = post;
    told.message =
        Message(Notice("slack.no_channel").with("incident", house->incident).with("detail", house->furniture.refused));
    told.key = "no-channel";
    houses_.enqueue(house, [self = shared_from_this(), house, told](Next const& next) {
      self->tell(house, told, [next](bool) { next(); });
    });
    show(house, post, finish);
  }

  /// Of a private incident nobody reads outside of its own room.
  void show_cards(HousePtr const& house, Post const& post, Finish const& finish) {
    auto const& incident = post.about->incident;
    auto const& home = *house->home;
    if (home.origin.empty() || (incident.hidden && home.conversation == home.origin)) return to_members(post, finish);
    if (home.conversation == home.origin || incident.hidden) return show_at_home(house, post, finish);
    auto const& room = incident.room;
    Saying pointer{{home.origin, room.platform == kPlatform && room.conversation == home.origin ? room.thread : ""},
                   post.key,
                   parts_.worded(post.message, house->incident, {}),
                   urgency_of(incident),
                   post.may_repeat,
                   true};
    parts_.posting.say(std::move(pointer), [self = shared_from_this(), house, post, finish](Said const& said) {
      if (self->stopped_) return;
      if (said.kind == Said::Kind::later) return finish(false);
      if (said.kind != Said::Kind::said)
        log_warn("the card of INC-{} could not be shown where it was opened: {}", house->incident.value, said.error);
      self->show_at_home(house, post, finish);
    });
  }

  void show_at_home(HousePtr const& house, Post const& post, Finish const& finish) {
    auto const& incident = post.about->incident;
    auto const& home = *house->home;
    bool const own = lives_alone(home);
    auto thread = own ? std::string() : home.thread;
    if (!own && thread.empty() && incident.room.platform == kPlatform &&
        incident.room.conversation == home.conversation)
      thread = incident.room.thread;
    Saying card{{home.conversation, thread}, post.key,        parts_.worded(post.message, house->incident, {}),
                urgency_of(incident),        post.may_repeat, true};
    parts_.posting.say(
        std::move(card), [self = shared_from_this(), house, post, own, thread, finish](Said const& said) {
          if (self->stopped_) return;
          if (said.kind == Said::Kind::later) return finish(false);
          if (said.kind != Said::Kind::said) {
            log_warn("the card of INC-{} could not be shown: {}", house->incident.value, said.error);
            if (!own) return self->elsewhere(house, post, finish);
            return self->lose_room(house, said.error,
                                   [self, house, post, finish] { self->show_cards(house, post, finish); });
          }
          if (!own && house->home->thread.empty()) {
            house->home->thread = thread.empty() ? said.message : thread;
            return self->houses_.save(house, [finish] { finish(true); });
          }
          finish(true);
          if (own) self->furnish(house, post, said.message);
        });
  }

  /// It can't be told where it was opened, such as in a channel without the bot: then where such incidents are told,
  /// else to whoever opened it.
  void elsewhere(HousePtr const& house, Post const& post, Finish const& finish) {
    auto const origin = house->home->origin;
    auto const spare = parts_.setup()->config.chat.slack->channel;
    auto const move = [self = shared_from_this(), house, post, finish, origin](std::string const& to) {
      if (self->stopped_) return;
      if (to.empty() || to == origin) return finish(true);
      house->home = store::Home{kPlatform, house->incident, to, to, "", ""};
      self->houses_.save(house, [self, house, post, finish] { self->show_cards(house, post, finish); });
    };
    if (origin.starts_with('D')) return finish(true);
    if (!spare.empty() && spare != origin) return move(spare);
    parts_.people.ids_of({post.about->incident.opened_by}, [self = shared_from_this(), finish,
                                                            move](std::vector<std::string> const& ids) {
      if (ids.empty() || self->stopped_) return move("");
      self->parts_.people.direct(ids.front(), [move, finish](std::string const& channel, ApiFailure const& failure) {
        if (channel.empty() && may_work_later(failure)) return finish(false);
        move(channel);
      });
    });
  }

  void move_out(HousePtr const& house) {
    houses_.enqueue(house, [self = shared_from_this(), house](Next const& next) {
      self->houses_.with_home(house, [self, house, next] {
        bool const own = house->home && lives_alone(*house->home);
        // By the bot itself, once it was closed.
        if (!own || house->furniture.archived) return next();
        self->lose_room(house, "is_archived", next);
      });
    });
  }

  static bool is_settled(House const& house, Incident const& incident) {
    if (!house.home) return false;
    auto const& home = *house.home;
    return lives_alone(home) || !home.thread.empty() || home.origin.empty() || incident.hidden;
  }

  /// Whoever handed it in has been told that it comes again; the same under the same key is not said twice.
  void say_what_came_early(HousePtr const& house) {
    for (auto const& post : std::exchange(house->early, {})) {
      houses_.enqueue(house, [self = shared_from_this(), house, post](Next const& next) {
        self->tell(house, post, [next](bool) { next(); });
      });
    }
  }

  /// Beside what is said: topics and people are slow, and nobody waits for them.
  void furnish(HousePtr const& house, Post const& post, std::string const& card) {
    if (house->furnishing) {
      house->furnish_again = {post, card};
      return;
    }
    house->furnishing = true;
    ++house->visits;
    auto const before = house->furniture;
    furnishing_.see_to(house->home->conversation, card, *post.about, parts_.topic(post.message), before,
                       [self = shared_from_this(), house, post, card, before](Furniture const& after, bool not_yet) {
                         if (self->stopped_) return;
                         house->furnishing = false;
                         // It may have lost its channel meanwhile.
                         if (house->furniture == before) house->furniture = after;
                         self->tell_of_the_uninvited(house, post, before);
                         if (house->furniture != before) self->houses_.save(house, [] {});
                         auto const again = std::exchange(house->furnish_again, std::nullopt);
                         if (again) return self->furnish(house, again->first, again->second);
                         if (not_yet) self->furnish_later(house, post, card);
                       });
  }

  /// What Slack could not do just now waits for no news of the incident.
  void furnish_later(HousePtr const& house, Post const& post, std::string const& card) {
    auto const timer = std::make_shared<boost::asio::steady_timer>(parts_.io, kFurnishAgain);
    timer->async_wait([self = weak_from_this(), house, post, card, timer,
                       visits = house->visits](boost::system::error_code cancelled) {
      auto const state = self.lock();
      // What came meanwhile has seen to it, by what is true now.
      if (cancelled || !state || state->stopped_ || house->visits != visits) return;
      state->furnish(house, post, card);
    });
  }

  void tell_of_the_uninvited(HousePtr const& house, Post const& post, Furniture const& before) {
    std::string names;
    std::vector<Notice> people;
    for (auto const& user : house->furniture.could_not) {
      if (before.could_not.contains(user)) continue;
      names += user + ' ';
      auto const known = parts_.setup()->caller_of(kPlatform, user).person;
      people.push_back(Notice("person").with("who", known.empty() ? PersonId{user} : known));
    }
    if (names.empty()) return;
    auto told = post;
    told.message = Message(Notice("slack.not_invited").with("people", std::move(people)));
    told.key = "not-invited:" + names;
    houses_.enqueue(house, [self = shared_from_this(), house, told](Next const& next) {
      self->tell(house, told, [next](bool) { next(); });
    });
  }

  /// Without a card there is no home yet: it is on its way, and this is said once it is there.
  void tell(HousePtr const& house, Post const& post, Finish const& finish) {
    auto const& incident = post.about->incident;
    if (!is_settled(*house, incident)) {
      constexpr std::size_t kEarly = 50;
      if (house->early.size() < kEarly) house->early.push_back(post);
      return finish(false);
    }
    auto const& home = *house->home;
    if (home.origin.empty() || (incident.hidden && home.conversation == home.origin)) return to_members(post, finish);
    parts_.people.ids_of(must_act(post.message),
                         [self = shared_from_this(), house, post, finish, home](std::vector<std::string> const& calls) {
                           if (!self->stopped_) self->tell_in(house, home, post, calls, finish);
                         });
  }

  void tell_in(HousePtr const& house, store::Home const& home, Post const& post, std::vector<std::string> const& calls,
               Finish const& finish) {
    Saying saying{
        {home.conversation, home.thread}, post.key,        parts_.worded(post.message, house->incident, calls),
        urgency_of(post.about->incident), post.may_repeat, true};
    parts_.posting.say(std::move(saying), [self = shared_from_this(), house, home, post, finish](Said const& said) {
      if (self->stopped_) return;
      if (said.kind == Said::Kind::nowhere || said.kind == Said::Kind::refused)
        log_warn("INC-{}: {} could not be said: {}", house->incident.value, post.key, said.error);
      bool const own = lives_alone(home);
      if (said.kind != Said::Kind::nowhere || !own || post.about->incident.status == Status::closed)
        return finish(is_over(said));
      self->lose_room(house, said.error, [self, house, post, finish] { self->tell(house, post, finish); });
    });
  }

  /// Its channel is gone or archived by hand: it goes on where it was opened, with a card of its own there.
  void lose_room(HousePtr const& house, std::string const& why, std::function<void()> const& then) {
    house->furniture = {};
    house->furniture.refused = why;
    house->home->conversation = house->home->origin;
    house->home->thread.clear();
    auto const setup = parts_.setup();
    parts_.lane.submit(
        [setup, id = house->incident](Database& database, Instant now) {
          if (auto const room = store::room_of(database, id))
            request_card({database, setup->directory, now}, id, *room);
        },
        [](std::exception_ptr) {});
    houses_.save(house, then);
  }

  /// The incident that lives in the channel, if it is open and the channel its own.
  static std::optional<IncidentId> tenant_of(Database& database, std::string const& channel) {
    auto const incident = store::incident_living_in(database, {kPlatform, channel, ""});
    auto const home = incident ? store::home_of(database, kPlatform, *incident) : std::nullopt;
    auto const known = incident ? store::load_incident(database, *incident) : std::nullopt;
    bool const own = home && home->thread.empty() && lives_alone(*home);
    return own && known && known->status != Status::closed ? incident : std::nullopt;
  }

  /// To each member alone; over once all have it.
  void to_members(Post const& post, Finish const& finish) {
    auto const content = parts_.worded(post.message, post.incident, {});
    parts_.people.ids_of(post.about->incident.members,
                         [self = shared_from_this(), post, content, finish](std::vector<std::string> const& ids) {
                           auto const said = all_said(ids.size(), finish);
                           for (auto const& id : ids) self->to_member(id, post, content, said);
                         });
  }

  void to_member(std::string const& id, Post const& post, Rendered const& content,
                 std::function<void(bool)> const& said) {
    parts_.people.direct(
        id, [self = shared_from_this(), post, content, said](std::string const& channel, ApiFailure const& failure) {
          if (self->stopped_) return;
          if (channel.empty()) return said(!may_work_later(failure));
          self->parts_.posting.say({{channel, ""}, post.key, content, Urgency::normal, post.may_repeat, true},
                                   [said](Said const& what) { said(is_over(what)); });
        });
  }

  Parts parts_;
  Furnishing furnishing_;
  Houses houses_;
  bool stopped_ = false;
};

Homes::Homes(Parts parts) : state_(std::make_shared<State>(std::move(parts))) {}
Homes::~Homes() { state_->stop(); }
void Homes::say(Post const& post, std::function<void(bool)> done) { state_->say(post, std::move(done)); }
void Homes::lost(std::string const& channel) { state_->lost(channel); }
void Homes::renamed(std::string const& channel, std::string const& name, std::string const& key,
                    std::function<void()> noted) {
  state_->renamed(channel, name, key, noted);
}
void Homes::thread_for(Where const& where, std::function<void(Where)> found) { state_->thread_for(where, found); }

}  // namespace tocsin::slack
