#include "bot/dingtalk/speaking.hpp"

#include <map>
#include <utility>

#include "bot/all_said.hpp"
#include "bot/dingtalk/platform.hpp"
#include "bot/dingtalk/worded.hpp"
#include "bot/log.hpp"
#include "bot/must_act.hpp"
#include "commands/card.hpp"

namespace tocsin::dingtalk {
namespace {

constexpr std::size_t kTitles = 1'000;

Urgency urgency_of(Post const& post) {
  bool const urgent = post.about && post.about->incident.severity <= Severity::p1;
  return urgent ? Urgency::urgent : Urgency::normal;
}

}  // namespace

class Speaking::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(Parts parts) : parts_(std::move(parts)) {}
  void stop() { stopped_ = true; }

  void say(Post const& post, std::function<void(bool)> const& done) {
    if (post.message.blocks.empty()) return parts_.recall(post.settled, done);
    if (!post.person.empty()) return tell({post.person}, post, done);
    // An answer for whoever asked; what is private for all who belong to it.
    if (post.audience) return tell(*post.audience, post, done);
    if (!post.answer && says_what_the_card_says(post.message)) return done(true);
    auto const conversation = place_of(post);
    if (conversation.empty()) return done(true);
    if (post.answer || !post.about) return say_in(conversation, {}, post, whole(done));
    // A card stands where the incident was opened, too, at once: whoever is not in its group finds it there.
    auto const said = all_said(is_card(post) ? 2 : 1, done);
    if (is_card(post)) say_in(conversation, {}, post, whole(said));
    parts_.rooms.place_for(post, conversation,
                           [self = shared_from_this(), conversation, post, said](Place const& place) {
                             if (!self->stopped_) self->say_at(place, conversation, post, said);
                           });
  }

 private:
  using Place = Rooms::Place;
  using Outcome = std::function<void(Said const&)>;

  void say_at(Place const& place, std::string const& origin, Post const& post, std::function<void(bool)> const& done) {
    if (!place.refused.empty())
      tell_in(origin, post, "no-room",
              Notice("dingtalk.no_room").with("incident", post.incident).with("detail", place.refused));
    if (!place.uninvited.empty())
      tell_in(place.conversation, post, "not-invited:" + place.uninvited.front(),
              Notice("dingtalk.not_invited").with("people", named(place.uninvited)));
    if (!place.own) return is_card(post) ? done(true) : say_in(place.conversation, {}, post, whole(done));
    say_in(place.conversation, {}, post, [self = shared_from_this(), origin, post, done](Said const& outcome) {
      // Gone, or the robot may not speak there: it goes on where it was opened.
      if (outcome.kind != Said::Kind::nowhere && outcome.kind != Said::Kind::refused) return done(over(outcome));
      log_warn("DingTalk: nothing can be said in the group of INC-{}: {}", post.incident.value, outcome.error);
      self->parts_.rooms.lost(post.incident);
      self->tell_in(origin, post, "no-room",
                    Notice("dingtalk.no_room").with("incident", post.incident).with("detail", outcome.error));
      if (is_card(post)) return done(true);
      self->say_in(origin, {}, post, whole(done));
    });
  }

  /// Beside what is said, and once.
  void tell_in(std::string const& conversation, Post const& about, std::string const& key, Notice const& what) {
    auto told = about;
    told.message = Message(what);
    told.key = key + ":" + std::to_string(about.incident.value);
    auto saying = saying_for(conversation, {}, told);
    saying.once = true;
    parts_.posting.say(std::move(saying), [](Said const&) {});
  }

  std::vector<Notice> named(std::vector<std::string> const& staff) const {
    std::vector<Notice> people;
    for (auto const& each : staff) {
      auto const known = parts_.setup()->caller_of(kPlatform, each).person;
      people.push_back(Notice("person").with("who", known.empty() ? PersonId{each} : known));
    }
    return people;
  }

  static bool is_card(Post const& post) { return !post.answer && post.key == card_key(post.incident); }

  static Outcome whole(std::function<void(bool)> const& done) {
    return [done](Said const& said) { done(over(said)); };
  }

  /// Where it was asked or opened; what comes from elsewhere, or from somebody alone with the bot, goes to the group
  /// that is configured.
  std::string place_of(Post const& post) const {
    auto const group = parts_.setup()->config.chat.dingtalk->group;
    if (post.room.platform != kPlatform) return group;
    bool const alone = post.about && !post.answer && !staff_of(post.room.conversation).empty();
    return alone && !group.empty() ? group : post.room.conversation;
  }

  Saying saying_for(std::string const& conversation, PersonId const& reader, Post const& post) const {
    auto const setup = parts_.setup();
    auto const& options = *setup->config.chat.dingtalk;
    auto const now = parts_.clock.now();
    Saying saying;
    saying.conversation = conversation;
    saying.key = post.key.empty() ? "row:" + std::to_string(post.id.value) : post.key;
    saying.urgency = urgency_of(post);
    saying.may_repeat = post.may_repeat;
    saying.once = post.answer || post.key.empty();
    saying.content = staff_of(conversation).empty()
                         ? worded_for_group(post.message, *setup, now, options.name, post.incident, calls(post))
                         : worded_for_person(post.message, *setup, now, reader, post.incident);
    return saying;
  }

  /// Those who must act and are known here.
  std::vector<std::string> calls(Post const& post) const {
    std::vector<std::string> staff;
    if (post.answer) return staff;
    auto const setup = parts_.setup();
    for (auto const& id : must_act(post.message)) {
      auto const* person = setup->config.person(id);
      if (person != nullptr && !person->identities.dingtalk.empty()) staff.push_back(person->identities.dingtalk);
    }
    return staff;
  }

  void say_in(std::string const& conversation, PersonId const& reader, Post const& post, Outcome const& done) {
    auto saying = saying_for(conversation, reader, post);
    if (!is_card(post)) return put(std::move(saying), done);
    if (parts_.setup()->config.chat.dingtalk->card_template.empty()) return say_card(std::move(saying), done);
    auto const spare = saying;
    parts_.cards.show(std::move(saying), [self = shared_from_this(), spare, done](Said const& said) {
      if (self->stopped_) return;
      if (said.kind == Said::Kind::refused) return self->say_card(spare, done);
      done(said);
    });
  }

  /// A message can't be changed: a card without a template is said again only when its headline says something new.
  void say_card(Saying saying, Outcome const& done) {
    auto const name = saying.conversation + '\n' + saying.key;
    auto const title = saying.content.title;
    if (auto const known = titles_.find(name); known != titles_.end() && known->second == title) return done({});
    put(std::move(saying), [self = shared_from_this(), name, title, done](Said const& said) {
      if (is_over(said)) {
        if (self->titles_.size() > kTitles) self->titles_.clear();
        self->titles_[name] = title;
      }
      done(said);
    });
  }

  void put(Saying saying, Outcome const& done) {
    parts_.posting.say(std::move(saying), [self = shared_from_this(), done](Said const& said) {
      if (!self->stopped_) done(said);
    });
  }

  /// Each of them alone.
  void tell(std::vector<PersonId> const& people, Post const& post, std::function<void(bool)> const& done) {
    auto const setup = parts_.setup();
    std::vector<std::pair<PersonId, std::string>> reached;
    for (auto const& id : people) {
      auto const* person = setup->config.person(id);
      if (person == nullptr || person->identities.dingtalk.empty()) continue;
      reached.emplace_back(id, person->identities.dingtalk);
    }
    auto const said = whole(all_said(reached.size(), done));
    for (auto const& [id, staff] : reached) say_in(alone_with(staff), id, post, said);
  }

  static bool over(Said const& said) {
    if (said.kind == Said::Kind::nowhere || said.kind == Said::Kind::refused)
      log_warn("DingTalk: something could not be said: {}", said.error);
    return is_over(said);
  }

  Parts parts_;
  std::map<std::string, std::string> titles_;
  bool stopped_ = false;
};

Speaking::Speaking(Parts parts) : state_(std::make_shared<State>(std::move(parts))) {}
Speaking::~Speaking() { state_->stop(); }
void Speaking::say(Post const& post, std::function<void(bool)> const& done) { state_->say(post, done); }

}  // namespace tocsin::dingtalk
