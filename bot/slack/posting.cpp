#include "bot/slack/posting.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <deque>
#include <map>
#include <utility>

#include "bot/detail/json.hpp"
#include "bot/log.hpp"
#include "bot/slack/parts.hpp"
#include "bot/slack/platform.hpp"
#include "bot/slack/stamp.hpp"
#include "incidents/store/posted.hpp"

namespace tocsin::slack {
namespace {

using detail::at;
using detail::Json;
using detail::list_at;
using detail::parsed;
using detail::text_at;
using detail::written;

constexpr char const* kEvent = "tocsin_message";
constexpr int kTriesToPost = 3;
constexpr int kPagesOfMetadata = 20;
/// Clocks differ, and what may have been said before a crash was said some time before.
constexpr Millis kLookBack = std::chrono::minutes{5};
constexpr Millis kLookFarBack = std::chrono::hours{6};

std::string metadata_of(Saying const& saying) {
  Json payload{{"key", saying.key}};
  if (!saying.parts.empty()) payload["parts"] = saying.parts;
  return written({{"event_type", kEvent}, {"event_payload", std::move(payload)}});
}

void put_content(Call& call, Rendered const& content) {
  call.arguments.emplace_back("text", content.text);
  // In an update an empty list takes away what was there.
  bool const update = call.method == "chat.update";
  if (content.blocks != "[]" || update) call.arguments.emplace_back("blocks", content.blocks);
  if (content.attachments != "[]" || update) call.arguments.emplace_back("attachments", content.attachments);
}

/// In place of a digest: this key is a part of the message, and what it says now.
constexpr std::string_view kPart = "part:";

struct Found {
  std::string message;  ///< empty: none
  bool part = false;    ///< it says more than this
};

/// Which of the messages carries the key.
Found message_with(std::string_view body, std::string const& key) {
  auto const answer = parsed(body);
  for (auto const& message : list_at(answer, "messages")) {
    auto const& payload = at(at(message, "metadata"), "event_payload");
    if (text_at(payload, "key") == key) return {text_at(message, "ts")};
    for (auto const& part : list_at(payload, "parts")) {
      if (part == key) return {text_at(message, "ts"), true};
    }
  }
  return {};
}

}  // namespace

class Posting::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(Parts parts) : parts_(std::move(parts)), uploading_(parts_.io, parts_.api) {}

  void stop() {
    stopped_ = true;
    jobs_.clear();
    of_one_message_.clear();
  }

  void say(Saying saying, Done done) {
    auto const name = std::pair(saying.where.channel, saying.key);
    auto& job = jobs_[name];
    if (!job) {
      job = std::make_shared<Job>();
      job->saying = std::move(saying);
      job->done.push_back(std::move(done));
      return load(job);
    }
    job->next = std::move(saying);
    job->next_done.push_back(std::move(done));
  }

  void whisper(Where const& where, std::string const& user, Rendered const& content, int tries, Done done) {
    Call call{"chat.postEphemeral", {{"channel", where.channel}, {"user", user}}};
    if (!where.thread.empty()) call.arguments.emplace_back("thread_ts", where.thread);
    put_content(call, content);
    parts_.api.call(std::move(call),
                    [self = shared_from_this(), where, user, content, tries, done](ApiResult const& got) {
                      if (self->stopped_) return;
                      if (got) return done({Said::Kind::said, {}, {}});
                      // Seen twice is better than not at all.
                      if (got.error().trouble == Trouble::unknown && tries > 1)
                        return self->whisper(where, user, content, tries - 1, done);
                      done(said_of(got.error()));
                    });
  }

  void upload(Uploading::Files files) { uploading_.upload(std::move(files)); }

 private:
  struct Job {
    Saying saying;
    std::vector<Done> done;
    std::optional<Saying> next;
    std::vector<Done> next_done;
    std::string message;  ///< `ts`, once it is there
    bool blind = false;   ///< the store could not be asked
    bool part = false;    ///< of a message that says more
    bool joined = false;  ///< was tried, to read there
    int tries = 0;
    Instant since{};  ///< of the first try
  };
  using JobPtr = std::shared_ptr<Job>;

  void load(JobPtr const& job) {
    auto const found = std::make_shared<std::optional<store::Posted>>();
    parts_.lane.submit([found, channel = job->saying.where.channel, key = job->saying.key](
                           Database& database, Instant) { *found = store::posted(database, kPlatform, channel, key); },
                       [self = shared_from_this(), job, found](std::exception_ptr failed) {
                         boost::asio::post(self->parts_.io, [self, job, found, failed] {
                           if (self->stopped_) return;
                           // Without the store nobody knows what was said: what is said now may be a repeat, and is
                           // looked for.
                           if (failed) job->blind = job->saying.may_repeat = true;
                           self->loaded(job, *found);
                         });
                       });
  }

  void loaded(JobPtr const& job, std::optional<store::Posted> const& found) {
    if (found) {
      job->message = found->message;
      if (found->digest.starts_with(kPart)) return update_part(job, found->digest);
      if (found->digest == job->saying.content.digest) return finish(job, {Said::Kind::said, job->message, {}});
      return update(job);
    }
    if (job->saying.only_edit && !job->saying.may_repeat) return never_said(job);
    job->since = parts_.clock.now() - (job->saying.may_repeat ? kLookFarBack : kLookBack);
    if (job->saying.may_repeat) return look_for(job);
    post(job);
  }

  void update(JobPtr const& job) {
    auto const& saying = job->saying;
    Call call{"chat.update", {{"channel", saying.where.channel}, {"ts", job->message}}};
    put_content(call, saying.content);
    call.urgency = saying.urgency;
    call.deadline = saying.deadline;
    parts_.api.call(std::move(call), [self = shared_from_this(), job](ApiResult const& got) {
      if (self->stopped_) return;
      if (got) return self->keep(job, false);
      auto const& error = got.error().error;
      bool const lost = error == "message_not_found" || error == "cant_update_message" || error == "edit_window_closed";
      // Somebody took it away, or it is too old: it is said anew.
      bool const anew = lost && !job->saying.only_edit;
      if (anew && ++job->tries < kTriesToPost) return self->post(job);
      self->finish(job, said_of(got.error()));
    });
  }

  /// One after the other for each message: what is read and written back must not have changed between.
  void update_part(JobPtr const& job, std::string const& digest) {
    job->part = true;
    // Its first words stand there: that is all that whoever says them wants.
    if (!job->saying.only_edit) return keep(job, false);
    if (digest.substr(kPart.size()) == job->saying.content.digest)
      return finish(job, {Said::Kind::said, job->message, {}});
    auto& waiting = of_one_message_[job->message];
    waiting.push_back(job);
    if (waiting.size() == 1) read_whole(job);
  }

  void read_whole(JobPtr const& job) {
    Call call{"conversations.history",
              {{"channel", job->saying.where.channel},
               {"oldest", job->message},
               {"latest", job->message},
               {"inclusive", "true"},
               {"limit", "1"}}};
    // Nothing that is read for later, such as what was missed, is in its way.
    call.urgency = Urgency::page;
    parts_.api.call(std::move(call), [self = shared_from_this(), job](ApiResult const& got) {
      if (self->stopped_) return;
      if (!got) return self->part_done(job, said_of(got.error()));
      auto const whole = with_part(*got, job->saying.key, job->saying.content);
      if (!whole) return self->part_done(job, {Said::Kind::nowhere, {}, "not there any more"});
      self->write_whole(job, *whole);
    });
  }

  void write_whole(JobPtr const& job, Whole const& whole) {
    Call call{
        "chat.update",
        {{"channel", job->saying.where.channel}, {"ts", job->message}, {"text", whole.text}, {"blocks", whole.blocks}}};
    call.urgency = Urgency::page;
    parts_.api.call(std::move(call), [self = shared_from_this(), job](ApiResult const& got) {
      if (self->stopped_) return;
      self->part_done(job, got ? Said{Said::Kind::said, job->message, {}} : said_of(got.error()));
    });
  }

  void part_done(JobPtr const& job, Said const& said) {
    auto const waiting = of_one_message_.find(job->message);
    waiting->second.pop_front();
    if (waiting->second.empty()) {
      of_one_message_.erase(waiting);
    } else {
      read_whole(waiting->second.front());
    }
    if (said.kind != Said::Kind::said) return finish(job, said);
    keep(job, false);
  }

  void never_said(JobPtr const& job) {
    finish(job, {job->blind ? Said::Kind::later : Said::Kind::nowhere, {}, "never said"});
  }

  void post(JobPtr const& job) {
    if (job->saying.only_edit) return never_said(job);
    auto const& saying = job->saying;
    Call call{"chat.postMessage", {{"channel", saying.where.channel}}};
    put_content(call, saying.content);
    if (!saying.where.thread.empty()) call.arguments.emplace_back("thread_ts", saying.where.thread);
    call.arguments.emplace_back("metadata", metadata_of(saying));
    call.arguments.emplace_back("unfurl_links", "false");
    call.arguments.emplace_back("unfurl_media", "false");
    call.channel = saying.where.channel;
    call.urgency = saying.urgency;
    call.deadline = saying.deadline;
    parts_.api.call(std::move(call), [self = shared_from_this(), job](ApiResult const& got) {
      if (self->stopped_) return;
      if (got) {
        job->message = text_in(*got, "/ts");
        return self->keep(job, false);
      }
      if (got.error().trouble != Trouble::unknown) return self->finish(job, said_of(got.error()));
      // It may be there: looked for before it is sent again.
      if (++job->tries >= kTriesToPost) return self->finish(job, said_of(got.error()));
      self->look_for(job);
    });
  }

  /// Page by page: the first may hold less than there is room for, and only the cursor tells the end.
  void look_for(JobPtr const& job, std::string const& cursor = {}, int page = 1) {
    auto const& where = job->saying.where;
    Call call{where.thread.empty() ? "conversations.history" : "conversations.replies",
              {{"channel", where.channel},
               {"oldest", stamp_of(job->since)},
               {"limit", "200"},
               {"include_all_metadata", "true"}}};
    call.urgency = job->saying.urgency;
    call.deadline = job->saying.deadline;
    if (!where.thread.empty()) call.arguments.emplace_back("ts", where.thread);
    if (!cursor.empty()) call.arguments.emplace_back("cursor", cursor);
    parts_.api.call(std::move(call), [self = shared_from_this(), job, page](ApiResult const& got) {
      if (self->stopped_) return;
      if (!got) {
        // Where it can't be looked for, twice is better than never. In a public channel one may speak without being in
        // it, but not read.
        auto const& failure = got.error();
        if (failure.error == "not_in_channel" && !std::exchange(job->joined, true)) return self->join(job);
        bool const closed = failure.error == "not_in_channel" || failure.error == "channel_not_found";
        if (failure.trouble == Trouble::scope || failure.trouble == Trouble::refused || closed) return self->post(job);
        return self->finish(job, said_of(got.error()));
      }
      auto const found = message_with(*got, job->saying.key);
      job->message = found.message;
      if (found.part) return self->update_part(job, std::string(kPart));
      if (!job->message.empty()) return self->update(job);
      auto const next = text_in(*got, "/response_metadata/next_cursor");
      if (!next.empty() && page < kPagesOfMetadata) return self->look_for(job, next, page + 1);
      self->post(job);
    });
  }

  void join(JobPtr const& job) {
    Call call{"conversations.join", {{"channel", job->saying.where.channel}}};
    call.urgency = job->saying.urgency;
    call.deadline = job->saying.deadline;
    parts_.api.call(std::move(call), [self = shared_from_this(), job](ApiResult const& got) {
      if (self->stopped_) return;
      if (got) return self->look_for(job);
      self->post(job);
    });
  }

  /// Twice: once so that the message is found again, once more when its files are there, too.
  void keep(JobPtr const& job, bool whole) {
    auto const& saying = job->saying;
    bool const has_files = saying.last && !saying.content.uploads.empty();
    store::Posted posted{kPlatform,    saying.where.channel, saying.key,
                         job->message, saying.where.thread,  has_files && !whole ? "" : saying.content.digest};
    if (job->part) posted.digest = std::string(kPart) + (saying.only_edit ? saying.content.digest : "");
    parts_.lane.submit(
        [posted = std::move(posted), parts = saying.parts](Database& database, Instant now) {
          store::put_posted(database, posted, now);
          auto part = posted;
          part.digest = kPart;
          for (auto const& key : parts) {
            part.key = key;
            store::put_posted(database, part, now);
          }
        },
        [self = shared_from_this(), job, more = has_files && !whole](std::exception_ptr failed) {
          boost::asio::post(self->parts_.io, [self, job, more, failed] {
            if (self->stopped_) return;
            if (failed) log_warn("what was said in Slack could not be noted: it may be said twice after a crash");
            if (!more) return self->finish(job, {Said::Kind::said, job->message, {}});
            self->send_files(job);
          });
        });
  }

  /// Nobody waits for more than the first try.
  void send_files(JobPtr const& job) {
    auto where = job->saying.where;
    if (where.thread.empty()) where.thread = job->message;
    Uploading::Files files{where, job->saying.content.uploads};
    auto const told = std::make_shared<bool>(false);
    files.later = [self = shared_from_this(), job, told] {
      *told = true;
      self->finish(job, {Said::Kind::said, job->message, {}});
    };
    files.over = [self = shared_from_this(), job, told, where, saying = job->saying](Said const& said,
                                                                                     std::string const& file) {
      if (self->stopped_) return;
      if (said.kind != Said::Kind::said) {
        Saying word{where, "no-file:" + saying.key, self->parts_.no_file(file, said.error)};
        self->say(std::move(word), [](Said const&) {});
        if (!*told) self->finish(job, {Said::Kind::said, job->message, {}});
      } else if (*told) {
        self->note_files(saying);
      } else {
        self->keep(job, true);
      }
    };
    uploading_.upload(std::move(files));
  }

  /// They came late: unless something else is said under the key by now.
  void note_files(Saying const& saying) {
    parts_.lane.submit(
        [channel = saying.where.channel, key = saying.key, digest = saying.content.digest](Database& database,
                                                                                           Instant now) {
          auto posted = store::posted(database, kPlatform, channel, key);
          if (!posted || !posted->digest.empty()) return;
          posted->digest = digest;
          store::put_posted(database, *posted, now);
        },
        [](std::exception_ptr) {});
  }

  void finish(JobPtr const& job, Said const& said) {
    auto const done = std::exchange(job->done, {});
    if (job->next) {
      job->saying = std::move(*job->next);
      job->next.reset();
      job->done = std::exchange(job->next_done, {});
      job->tries = 0;
      job->part = job->blind = false;
      load(job);
    } else {
      jobs_.erase({job->saying.where.channel, job->saying.key});
    }
    for (auto const& each : done) each(said);
  }

  Parts parts_;
  Uploading uploading_;
  std::map<std::pair<std::string, std::string>, JobPtr> jobs_;  ///< by channel and key: what is being said
  std::map<std::string, std::deque<JobPtr>> of_one_message_;    ///< by `ts`: whose parts of it change
  bool stopped_ = false;
};

Posting::Posting(Parts parts) : state_(std::make_shared<State>(std::move(parts))) {}
Posting::~Posting() { state_->stop(); }
void Posting::say(Saying saying, Done done) { state_->say(std::move(saying), std::move(done)); }
void Posting::whisper(Where const& where, std::string const& user, Rendered const& content, Done done) {
  constexpr int kWhispers = 2;
  state_->whisper(where, user, content, kWhispers, std::move(done));
}
void Posting::upload(Uploading::Files files) { state_->upload(std::move(files)); }

}  // namespace tocsin::slack
