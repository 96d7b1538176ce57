#include "bot/slack/speaking.hpp"

#include <utility>

#include "bot/log.hpp"

namespace tocsin::slack {

class Speaking::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(Parts parts) : parts_(std::move(parts)) {}
  void stop() { stopped_ = true; }

  void say(Post const& post, std::function<void(bool)> const& done) {
    // What comes with words was settled when it was handed over (`Platform::settle`).
    if (post.message.blocks.empty()) return parts_.settling.settle(post, done);
    if (!post.person.empty()) return tell_person(post, post.person, done);
    if (post.about && !post.answer) return parts_.homes.say(post, done);
    if (post.audience) return tell_alone(post, done);
    if (auto const marked = mark_of(post.message)) return parts_.marking.mark(*marked, done);
    Where const where{post.room.conversation, post.room.thread};
    // What a slash command brought out belongs into the thread of the incident that lives there.
    bool const may_live_there = post.answer && where.thread.empty() && !where.channel.starts_with('D');
    if (!may_live_there) return say_there(where, post, done);
    parts_.homes.thread_for(
        where, [self = shared_from_this(), post, done](Where const& found) { self->say_there(found, post, done); });
  }

 private:
  void say_there(Where const& where, Post const& post, std::function<void(bool)> const& done) {
    parts_.posting.say(
        {where, post.key, for_channel(post.message, post.incident), Urgency::normal, post.may_repeat, true},
        [self = shared_from_this(), post, done](Said const& said) {
          if (self->stopped_) return;
          bool const closed = said.kind == Said::Kind::nowhere || said.kind == Said::Kind::refused;
          if (!closed || !post.answer || post.asker.empty()) return done(over(said));
          // A private channel without the bot, a conversation of two people: whoever asked is told.
          if (self->parts_.answering.instead(post.key, post.message, post.asker)) return done(true);
          self->tell_person(post, post.asker, done);
        });
  }

  /// What can't be said where it should be said is not tried for ever.
  static bool over(Said const& said) {
    if (said.kind == Said::Kind::nowhere || said.kind == Said::Kind::refused)
      log_warn("Slack: something could not be said: {}", said.error);
    return is_over(said);
  }

  Rendered for_channel(Message const& message, IncidentId about) const {
    return worded_for_channel(message, *parts_.setup(), parts_.clock.now(), parts_.self().user, about);
  }

  void tell_person(Post const& post, PersonId const& person, std::function<void(bool)> const& done) {
    auto const setup = parts_.setup();
    auto const content = worded_for_person(post.message, *setup, parts_.clock.now(), person, post.incident);
    parts_.people.id_of(person, [self = shared_from_this(), post, content, done](std::string const& user) {
      if (self->stopped_) return;
      if (user.empty()) return done(true);
      self->parts_.people.direct(
          user, [self, post, content, done](std::string const& channel, ApiFailure const& failure) {
            if (self->stopped_) return;
            if (channel.empty()) return done(!may_work_later(failure));
            self->parts_.posting.say({{channel, ""}, post.key, content, Urgency::normal, post.may_repeat, true},
                                     [done](Said const& said) { done(over(said)); });
          });
    });
  }

  /// What everybody there saw of the work, as far as it had come, does not stay as if it went on.
  void end_progress(Post const& post) {
    if (!post.progress_thread || post.key.empty()) return;
    auto const& thread = post.progress_thread->empty() ? post.room.thread : *post.progress_thread;
    parts_.homes.thread_for({post.room.conversation, thread}, [self = shared_from_this(), post](Where const& where) {
      Saying saying{where, post.key, self->for_channel(Message(Notice("late.told_alone")), post.incident)};
      saying.urgency = Urgency::slow;
      saying.only_edit = true;
      // A crash may have come before it was noted what was said.
      saying.may_repeat = true;
      self->parts_.posting.say(std::move(saying), [](Said const&) {});
    });
  }

  /// In the room where it was asked, for those alone; in a conversation with the bot there is nobody else.
  void tell_alone(Post const& post, std::function<void(bool)> const& done) {
    auto const setup = parts_.setup();
    if (post.audience->empty()) return done(true);
    auto const& person = post.audience->front();
    if (post.room.conversation.starts_with('D') || post.room.conversation.empty())
      return tell_person(post, person, done);
    end_progress(post);
    auto const content =
        worded_for_person(post.message, *setup, parts_.clock.now(), person, post.incident, parts_.self().user);
    parts_.people.id_of(person, [self = shared_from_this(), post, person, content, done](std::string const& user) {
      if (self->stopped_) return;
      if (user.empty()) return done(true);
      self->parts_.posting.whisper({post.room.conversation, post.room.thread}, user, content,
                                   [self, post, person, done](Said const& said) {
                                     // Who is not in the channel is told alone.
                                     if (said.kind == Said::Kind::nowhere) return self->tell_person(post, person, done);
                                     done(over(said));
                                   });
    });
  }

  Parts parts_;
  bool stopped_ = false;
};

Speaking::Speaking(Parts parts) : state_(std::make_shared<State>(std::move(parts))) {}
Speaking::~Speaking() { state_->stop(); }
void Speaking::say(Post const& post, std::function<void(bool)> const& done) { state_->say(post, done); }

}  // namespace tocsin::slack
