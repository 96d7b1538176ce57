#include "bot/slack/posting.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <deque>
#include <map>
#include <utility>

#include "bot/log.hpp"
#include "bot/slack/detail/json.hpp"
#include "bot/slack/parts.hpp"
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

constexpr char const* kPlatform = "slack";
constexpr char const* kEvent = "tocsin_message";
constexpr int kTries = 3;
constexpr int kPages = 20;
/// Clocks differ, and what may have been said before a crash was said some time before.
constexpr Millis kLookBack = std::chrono::minutes{5};
constexpr Millis kLookFarBack = std::chrono::hours{6};

std::string metadata_of(std::string const& key) {
  return written({{"event_type", kEvent}, {"event_payload", {{"key", key}}}});
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

/// Which of the messages carries the key; empty: none.
std::string message_with(std::string_view body, std::string const& key) {
  auto const answer = parsed(body);
  for (auto const& message : list_at(answer, "messages")) {
    if (text_at(at(at(message, "metadata"), "event_payload"), "key") == key) return text_at(message, "ts");
  }
  return {};
}

}  // namespace

Said said_of(ApiFailure const& failure) {
  Said said;
  said.error = failure.needed.empty() ? failure.error : failure.error + " (" + failure.needed + ")";
  said.kind = failure.trouble == Trouble::gone                                           ? Said::Kind::nowhere
              : failure.trouble == Trouble::refused || failure.trouble == Trouble::scope ? Said::Kind::refused
                                                                                         : Said::Kind::later;
  said.lasting = failure.trouble == Trouble::credential;
  return said;
}

class Posting::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(Parts parts) : parts_(std::move(parts)) {}

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

  void upload(Where const& where, std::vector<Upload> files, Done done) {
    if (files.empty()) return done({Said::Kind::said, {}, {}});
    auto const file = std::move(files.front());
    files.erase(files.begin());
    Call call{"files.getUploadURLExternal",
              {{"filename", file.name}, {"length", std::to_string(std::max<std::size_t>(file.bytes.size(), 1))}}};
    if (!file.snippet_type.empty()) call.arguments.emplace_back("snippet_type", file.snippet_type);
    parts_.api.call(std::move(call), [self = shared_from_this(), where, file, files, done](ApiResult const& got) {
      if (self->stopped_) return;
      if (!got) return done(said_of(got.error()));
      auto const id = text_in(*got, "/file_id");
      self->parts_.api.post_to(text_in(*got, "/upload_url"), "application/octet-stream",
                               file.bytes.empty() ? "\n" : file.bytes,
                               [self, where, id, title = file.title, files, done](ApiResult const& stored) {
                                 if (self->stopped_) return;
                                 if (!stored) return done(said_of(stored.error()));
                                 self->complete(where, id, title, kTries, files, done);
                               });
    });
  }

 private:
  struct Job {
    Saying saying;
    std::vector<Done> done;
    std::optional<Saying> next;
    std::vector<Done> next_done;
    std::string message;  ///< `ts`, once it is there
    bool part = false;    ///< of a message that says more
    bool joined = false;  ///< was tried, to read there
    int tries = 0;
    Instant since{};  ///< of the first try
  };
  using JobPtr = std::shared_ptr<Job>;

  /// Once only for each file: that it was done already is a refusal at the second try.
  void complete(Where const& where, std::string const& id, std::string const& title, int tries,
                std::vector<Upload> const& files, Done const& done) {
    Call call{"files.completeUploadExternal",
              {{"files", written(Json::array({{{"id", id}, {"title", title}}}))}, {"channel_id", where.channel}}};
    if (!where.thread.empty()) call.arguments.emplace_back("thread_ts", where.thread);
    parts_.api.call(std::move(call),
                    [self = shared_from_this(), where, id, title, tries, files, done](ApiResult const& got) {
                      if (self->stopped_) return;
                      bool const again = tries < kTries;
                      if (!got && got.error().trouble == Trouble::unknown && tries > 1)
                        return self->complete(where, id, title, tries - 1, files, done);
                      bool const was_done = again && !got && got.error().error == "file_not_found";
                      if (!got && !was_done) return done(said_of(got.error()));
                      self->upload(where, files, done);
                    });
  }

  void load(JobPtr const& job) {
    auto const found = std::make_shared<std::optional<store::Posted>>();
    parts_.lane.submit([found, channel = job->saying.where.channel, key = job->saying.key](
                           Database& database, Instant) { *found = store::posted(database, kPlatform, channel, key); },
                       [self = shared_from_this(), job, found](std::exception_ptr failed) {
                         boost::asio::post(self->parts_.io, [self, job, found, failed] {
                           if (self->stopped_) return;
                           // Without the store nobody knows what was said: what is said now may be a repeat, and is
                           // looked for.
                           if (failed) job->saying.may_repeat = true;
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
      if (anew && ++job->tries < kTries) return self->post(job);
      self->finish(job, said_of(got.error()));
    });
  }

  /// One after the other for each message: what is read and written back must not have changed between.
  void update_part(JobPtr const& job, std::string const& digest) {
    job->part = true;
    // Its first words stand there: that is all that whoever says them wants.
    if (!job->saying.only_edit) return finish(job, {Said::Kind::said, job->message, {}});
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
    call.urgency = job->saying.urgency;
    parts_.api.call(std::move(call), [self = shared_from_this(), job](ApiResult const& got) {
      if (self->stopped_) return;
      if (!got) return self->part_done(job, said_of(got.error()));
      auto const blocks = with_part(*got, job->saying.key, job->saying.content);
      if (!blocks) return self->part_done(job, {Said::Kind::nowhere, {}, "not there any more"});
      self->write_whole(job, *blocks);
    });
  }

  void write_whole(JobPtr const& job, std::string const& blocks) {
    Call call{"chat.update", {{"channel", job->saying.where.channel}, {"ts", job->message}, {"blocks", blocks}}};
    call.urgency = job->saying.urgency;
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

  void never_said(JobPtr const& job) { finish(job, {Said::Kind::nowhere, {}, "never said"}); }

  void post(JobPtr const& job) {
    if (job->saying.only_edit) return never_said(job);
    auto const& saying = job->saying;
    Call call{"chat.postMessage", {{"channel", saying.where.channel}}};
    put_content(call, saying.content);
    if (!saying.where.thread.empty()) call.arguments.emplace_back("thread_ts", saying.where.thread);
    call.arguments.emplace_back("metadata", metadata_of(saying.key));
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
      if (++job->tries >= kTries) return self->finish(job, said_of(got.error()));
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
      job->message = message_with(*got, job->saying.key);
      if (!job->message.empty()) return self->update(job);
      auto const next = text_in(*got, "/response_metadata/next_cursor");
      if (!next.empty() && page < kPages) return self->look_for(job, next, page + 1);
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
    if (job->part) posted.digest = std::string(kPart) + saying.content.digest;
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

  void send_files(JobPtr const& job) {
    auto const& where = job->saying.where;
    upload({where.channel, where.thread.empty() ? job->message : where.thread}, job->saying.content.uploads,
           [self = shared_from_this(), job](Said const& said) {
             if (said.kind != Said::Kind::said) {
               log_warn("a file could not be put into Slack: {}", said.error);
               Said without{Said::Kind::said, job->message, said.error};
               without.without_files = true;
               without.files_later = said.kind == Said::Kind::later;
               return self->finish(job, without);
             }
             self->keep(job, true);
           });
  }

  void finish(JobPtr const& job, Said const& said) {
    auto const done = std::exchange(job->done, {});
    if (job->next) {
      job->saying = std::move(*job->next);
      job->next.reset();
      job->done = std::exchange(job->next_done, {});
      job->tries = 0;
      job->part = false;
      load(job);
    } else {
      jobs_.erase({job->saying.where.channel, job->saying.key});
    }
    for (auto const& each : done) each(said);
  }

  Parts parts_;
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
void Posting::upload(Where const& where, std::vector<Upload> const& files, Done done) {
  state_->upload(where, files, std::move(done));
}

}  // namespace tocsin::slack
