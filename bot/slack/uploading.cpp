#include "bot/slack/uploading.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "bot/detail/json.hpp"
#include "bot/log.hpp"

namespace tocsin::slack {
namespace {

using detail::Json;
using detail::written;

constexpr std::array kWaits{Millis{2'000}, Millis{10'000}, Millis{60'000}};
constexpr int kCompletions = 3;

}  // namespace

class Uploading::State : public std::enable_shared_from_this<State> {
 public:
  State(boost::asio::io_context& io, WebApi& api) : io_(io), api_(api) {}

  void stop() { stopped_ = true; }

  void upload(Files files) {
    auto job = std::make_shared<Job>();
    job->files = std::move(files);
    next(job);
  }

 private:
  struct Job {
    Files files;
    std::size_t failures = 0;
  };
  using JobPtr = std::shared_ptr<Job>;

  void next(JobPtr const& job) {
    auto& left = job->files.files;
    if (left.empty()) return job->files.over({Said::Kind::said, {}, {}}, {});
    auto const& file = left.front();
    Call call{"files.getUploadURLExternal",
              {{"filename", file.name}, {"length", std::to_string(std::max<std::size_t>(file.bytes.size(), 1))}}};
    if (!file.snippet_type.empty()) call.arguments.emplace_back("snippet_type", file.snippet_type);
    api_.call(std::move(call), [self = shared_from_this(), job](ApiResult const& got) {
      if (self->stopped_) return;
      if (!got) return self->failed(job, said_of(got.error()));
      self->send(job, text_in(*got, "/file_id"), text_in(*got, "/upload_url"));
    });
  }

  void send(JobPtr const& job, std::string const& id, std::string const& url) {
    auto const& bytes = job->files.files.front().bytes;
    api_.post_to(url, "application/octet-stream", bytes.empty() ? "\n" : bytes,
                 [self = shared_from_this(), job, id](ApiResult const& stored) {
                   if (self->stopped_) return;
                   if (!stored) return self->failed(job, said_of(stored.error()));
                   self->complete(job, id, kCompletions);
                 });
  }

  /// Once only for each file: that it was done already is a refusal at the second try.
  void complete(JobPtr const& job, std::string const& id, int tries) {
    auto const& [where, files, later, over] = job->files;
    Call call{"files.completeUploadExternal",
              {{"files", written(Json::array({{{"id", id}, {"title", files.front().title}}}))},
               {"channel_id", where.channel}}};
    if (!where.thread.empty()) call.arguments.emplace_back("thread_ts", where.thread);
    api_.call(std::move(call), [self = shared_from_this(), job, id, tries](ApiResult const& got) {
      if (self->stopped_) return;
      bool const unknown = !got && got.error().trouble == Trouble::unknown;
      if (unknown && tries > 1) return self->complete(job, id, tries - 1);
      bool const was_done = tries < kCompletions && !got && got.error().error == "file_not_found";
      // It may be there: a second one is worse than to say that it may be missing.
      if (unknown) return job->files.over(said_of(got.error()), job->files.files.front().name);
      if (!got && !was_done) return self->failed(job, said_of(got.error()));
      job->files.files.erase(job->files.files.begin());
      self->next(job);
    });
  }

  void failed(JobPtr const& job, Said const& said) {
    log_warn("a file could not be put into Slack: {}", said.error);
    if (said.kind != Said::Kind::later || said.lasting || job->failures >= kWaits.size())
      return job->files.over(said, job->files.files.front().name);
    auto const timer = std::make_shared<boost::asio::steady_timer>(io_, kWaits[job->failures]);
    timer->async_wait([self = weak_from_this(), job, timer](boost::system::error_code cancelled) {
      auto const state = self.lock();
      if (!cancelled && state && !state->stopped_) state->next(job);
    });
    if (job->failures++ == 0 && job->files.later) job->files.later();
  }

  boost::asio::io_context& io_;
  WebApi& api_;
  bool stopped_ = false;
};

Uploading::Uploading(boost::asio::io_context& io, WebApi& api) : state_(std::make_shared<State>(io, api)) {}
Uploading::~Uploading() { state_->stop(); }
void Uploading::upload(Files files) { state_->upload(std::move(files)); }

}  // namespace tocsin::slack
