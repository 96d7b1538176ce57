#include "bot/slack/marking.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "bot/detail/json.hpp"
#include "bot/log.hpp"
#include "bot/slack/platform.hpp"
#include "bot/slack/stamp.hpp"
#include "commands/markup.hpp"
#include "config/text.hpp"
#include "incidents/desk.hpp"
#include "incidents/people.hpp"
#include "incidents/store/incidents.hpp"
#include "incidents/store/posted.hpp"

namespace tocsin::slack {
namespace {

using detail::list_at;
using detail::parsed;
using detail::text_at;

const std::string kCut = " …";
constexpr char const* kKey = "slack-mark";
constexpr char const* kSeen = "pencil2";  ///< the emoji by which the bot says that it wrote it down

struct FoundMark {
  std::string user;
  std::string bot_name;
  std::string text;
  std::string thread;
  std::string permalink;
};

std::optional<FoundMark> message_in(std::string_view body, std::string const& stamp) {
  auto const answer = parsed(body);
  for (auto const& message : list_at(answer, "messages")) {
    if (text_at(message, "ts") != stamp) continue;
    auto const thread = text_at(message, "thread_ts");
    return FoundMark{text_at(message, "user"),
                     text_at(message, "username"),
                     decoded(text_at(message, "text")),
                     thread == stamp ? std::string() : thread,
                     {}};
  }
  return std::nullopt;
}

}  // namespace

store::OutboxRow mark_row(Marked const& marked) {
  store::OutboxRow row;
  row.room = {kPlatform, marked.channel, marked.message};
  row.what = Notice(kKey)
                 .with("account", marked.user)
                 .with("emoji", marked.emoji)
                 .with("channel", marked.channel)
                 .with("message", marked.message);
  return row;
}

std::optional<Marked> mark_of(Message const& message) {
  auto const* said = message.blocks.empty() ? nullptr : std::get_if<Say>(&message.blocks.front());
  if (said == nullptr || said->notice.key != kKey) return std::nullopt;
  auto const text = [&](char const* name) {
    auto const* value = said->notice.text(name);
    return value == nullptr ? std::string() : *value;
  };
  Marked marked;
  marked.user = text("account");
  marked.emoji = text("emoji");
  marked.channel = text("channel");
  marked.message = text("message");
  return marked;
}

class Marking::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(Parts parts) : parts_(std::move(parts)) {}
  void stop() { stopped_ = true; }

  using Done = std::function<void(bool)>;

  bool is_meant(Marked const& marked) const {
    auto const setup = parts_.setup();
    auto const& emoji = setup->config.chat.slack->timeline_emoji;
    return marked.emoji.empty() || marked.emoji == emoji || marked.emoji.starts_with(emoji + "::");
  }

  void mark(Marked const& marked, Done const& done) {
    if (!is_meant(marked)) return done(true);
    // A history without answers in threads first: most marks are on messages of the channel.
    look(marked, "conversations.history", done);
  }

 private:
  void look(Marked const& marked, std::string const& method, Done const& done) {
    bool const in_thread = method == "conversations.replies";
    Call call{method,
              {{"channel", marked.channel},
               {"latest", marked.message},
               {"oldest", marked.message},
               {"inclusive", "true"},
               {"limit", "1"}}};
    if (in_thread) call.arguments = {{"channel", marked.channel}, {"ts", marked.message}, {"limit", "10"}};
    parts_.api.call(std::move(call), [self = shared_from_this(), marked, in_thread, done](ApiResult const& got) {
      if (self->stopped_) return;
      bool const passing =
          !got && (got.error().trouble == Trouble::passing || got.error().trouble == Trouble::too_often ||
                   got.error().trouble == Trouble::unknown);
      if (passing) return done(false);
      auto const found = got ? message_in(*got, marked.message) : std::nullopt;
      if (found) return self->name(marked, *found, done);
      if (!in_thread) return self->look(marked, "conversations.replies", done);
      log_warn("a marked message in {} can't be read{}", marked.channel, got ? "" : ": " + got.error().error);
      done(true);
    });
  }

  /// Somebody whom the configuration doesn't know is named as Slack does.
  void name(Marked const& marked, FoundMark found, Done const& done) {
    auto const setup = parts_.setup();
    bool const known = !setup->caller_of(kPlatform, found.user).person.empty();
    if (known || found.user.empty()) return link(marked, std::move(found), done);
    parts_.api.call({"users.info", {{"user", found.user}}},
                    [self = shared_from_this(), marked, found, done](ApiResult const& got) mutable {
                      if (self->stopped_) return;
                      if (got) found.bot_name = text_in(*got, "/user/real_name");
                      self->link(marked, std::move(found), done);
                    });
  }

  void link(Marked const& marked, FoundMark found, Done const& done) {
    parts_.api.call({"chat.getPermalink", {{"channel", marked.channel}, {"message_ts", marked.message}}},
                    [self = shared_from_this(), marked, found, done](ApiResult const& got) mutable {
                      if (self->stopped_) return;
                      if (got) found.permalink = text_in(*got, "/permalink");
                      self->store(marked, found, done);
                    });
  }

  void store(Marked const& marked, FoundMark const& found, Done const& done) {
    auto const setup = parts_.setup();
    auto const wrote = std::make_shared<bool>(false);
    parts_.lane.submit(
        [marked, found, setup, wrote](Database& database, Instant now) {
          *wrote = write({database, setup->directory, now}, *setup, marked, found);
        },
        [self = shared_from_this(), marked, wrote, done](std::exception_ptr failed) {
          boost::asio::post(self->parts_.io, [self, marked, wrote, failed, done] {
            if (self->stopped_) return;
            done(!failed);
            if (failed || !*wrote) return;
            self->parts_.committed();
            self->parts_.api.call(
                {"reactions.add", {{"channel", marked.channel}, {"timestamp", marked.message}, {"name", kSeen}}},
                [](ApiResult const&) {});
          });
        });
  }

  /// False: it is about no incident, or was written down before.
  static bool write(Desk const& desk, Setup const& setup, Marked const& marked, FoundMark const& found) {
    auto const incident = store::incident_living_in(
        desk.database, {kPlatform, marked.channel, found.thread.empty() ? marked.message : found.thread});
    auto const key = "mark:" + marked.message;
    if (!incident || store::posted(desk.database, kPlatform, marked.channel, key)) return false;
    auto const author = setup.caller_of(kPlatform, found.user).person;
    auto const marker = setup.caller_of(kPlatform, marked.user).person;
    std::string text = author.empty() && !found.bot_name.empty() ? found.bot_name + ": " : "";
    text += setup.redactor->redact(without_markup(found.text, &setup.vocabulary));
    auto const address = found.permalink.empty() ? std::string() : " " + found.permalink;
    // What is left out is at the address.
    if (text.size() + address.size() > kMaxNoteBytes)
      text = std::string(first_bytes(text, kMaxNoteBytes - std::min(kMaxNoteBytes / 2, address.size() + kCut.size()))) +
             kCut;
    text += address;
    // Clocks differ a little: nothing happens after it is written down.
    auto const happened = std::min(instant_of(marked.message), desk.now);
    auto const noted =
        decide_at(desk, *incident, marker, [&](Incident const& each, Circumstances const& now, Roster const&) {
          auto decision = note(each, text, now, happened);
          if (decision) {
            for (auto& entry : decision->timeline) entry.author = author;
          }
          return decision;
        });
    if (noted.has_error()) {
      log_warn("a marked message could not be put on the timeline of INC-{}", incident->value);
      return false;
    }
    store::put_posted(desk.database, {kPlatform, marked.channel, key, marked.message, found.thread, ""}, desk.now);
    return true;
  }

  Parts parts_;
  bool stopped_ = false;
};

Marking::Marking(Parts parts) : state_(std::make_shared<State>(std::move(parts))) {}
Marking::~Marking() { state_->stop(); }
bool Marking::is_meant(Marked const& marked) const { return state_->is_meant(marked); }
void Marking::mark(Marked const& marked, std::function<void(bool)> done) { state_->mark(marked, done); }

}  // namespace tocsin::slack
