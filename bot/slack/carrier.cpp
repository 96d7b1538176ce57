#include "bot/slack/carrier.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "bot/slack/detail/json.hpp"
#include "bot/slack/mrkdwn.hpp"

namespace tocsin::slack {
namespace {

using detail::Json;
using detail::written;
using paging::DeliveryOutcome;
using Kind = DeliveryOutcome::Kind;

constexpr Millis kLimit{30'000};
constexpr std::size_t kText = 2'800;  // of a section's 3,000 characters
constexpr std::size_t kLabel = 75;

DeliveryOutcome outcome_of(Said const& said) {
  switch (said.kind) {
    case Said::Kind::said:
      return {Kind::accepted, {}, "Slack", said.message};
    case Said::Kind::later:
      // A page does not wait for an operator to mend a token: it goes another way.
      if (said.lasting) return {Kind::misconfigured, {}, "Slack: " + said.error, {}};
      return {Kind::retry_later, {}, "Slack: " + said.error, {}};
    case Said::Kind::nowhere:
      return {Kind::rejected, {}, "Slack: " + said.error, {}};
    case Said::Kind::refused:
      return {Kind::misconfigured, {}, "Slack: " + said.error, {}};
  }
  return {};
}

DeliveryOutcome outcome_of(ApiFailure const& failure) { return outcome_of(said_of(failure)); }

}  // namespace

std::string saying_key(std::string_view page) { return "page:" + std::string(page.substr(0, page.find('@'))); }

Rendered page_content(paging::PageEnvelope const& page) {
  Rendered content;
  auto const first_of = [](std::string const& text, std::size_t most) {
    auto all = pieces(text, most);
    return all.empty() ? std::string() : std::move(all.front());
  };
  content.text = first_of(unmarked(page.subject), kText);
  auto body = page.body;
  while (body.ends_with('\n')) body.pop_back();
  auto const words = first_of(mrkdwn(body.empty() ? page.subject : body), kText);
  Json blocks =
      Json::array({{{"type", "section"}, {"text", {{"type", "mrkdwn"}, {"verbatim", true}, {"text", words}}}}});
  Json buttons = Json::array();
  for (auto const& answer : page.answers) {
    Json button{{"type", "button"},
                {"action_id", "run:" + std::to_string(buttons.size())},
                {"text", {{"type", "plain_text"}, {"text", first_units(answer.label, kLabel)}}},
                {"value", answer.command}};
    if (buttons.empty()) button["style"] = "primary";
    buttons.push_back(std::move(button));
  }
  if (!buttons.empty()) blocks.push_back({{"type", "actions"}, {"elements", std::move(buttons)}});
  content.blocks = written(blocks);
  content.digest = content.text + content.blocks;
  return content;
}

struct DirectCarrier::Shared : std::enable_shared_from_this<Shared> {
  Shared(boost::asio::io_context& its_io, People& its_people, Posting& its_posting, WebApi& its_api)
      : io(&its_io), people(&its_people), posting(&its_posting), api(&its_api) {}

  /// Runs `work` on the io_context's thread and waits for what it says.
  DeliveryOutcome wait_for(std::function<void(std::function<void(DeliveryOutcome)>)> work,
                           std::stop_token const& stop) {
    auto const answer = std::make_shared<std::optional<DeliveryOutcome>>();
    std::unique_lock lock(mutex);
    if (ended) return {Kind::retry_later, {}, "Slack: the bot is ending", {}};
    boost::asio::post(*io, [self = shared_from_this(), work = std::move(work), answer] {
      {
        std::lock_guard const held(self->mutex);
        if (self->ended) return;
      }
      work([self, answer](DeliveryOutcome outcome) {
        std::lock_guard const held(self->mutex);
        *answer = std::move(outcome);
        self->changed.notify_all();
      });
    });
    changed.wait_for(lock, stop, kLimit, [&] { return answer->has_value() || ended; });
    if (*answer) return **answer;
    // It is on its way: whether it arrives nobody can say yet.
    return {Kind::unknown, {}, "Slack: no answer in time", {}};
  }

  boost::asio::io_context* io;
  People* people;
  Posting* posting;
  WebApi* api;
  std::mutex mutex;
  std::condition_variable_any changed;
  bool ended = false;
};

DirectCarrier::DirectCarrier(boost::asio::io_context& io, People& people, Posting& posting, WebApi& api)
    : shared_(std::make_shared<Shared>(io, people, posting, api)) {}
DirectCarrier::~DirectCarrier() { end(); }

void DirectCarrier::end() {
  std::lock_guard const lock(shared_->mutex);
  shared_->ended = true;
  shared_->changed.notify_all();
}

DeliveryOutcome DirectCarrier::send(paging::PageEnvelope const& page, std::stop_token stop) {
  return shared_->wait_for(
      [shared = shared_.get(), page](std::function<void(DeliveryOutcome)> const& done) {
        shared->people->direct(
            page.contact, [shared, page, done](std::string const& channel, ApiFailure const& failure) {
              if (channel.empty()) return done(outcome_of(failure));
              Saying saying{{channel, ""}, saying_key(page.message_id), page_content(page), Urgency::page};
              saying.may_repeat = page.may_repeat;
              shared->posting->say(std::move(saying), [done](Said const& said) { done(outcome_of(said)); });
            });
      },
      stop);
}

DeliveryOutcome DirectCarrier::probe() {
  return shared_->wait_for(
      [shared = shared_.get()](std::function<void(DeliveryOutcome)> const& done) {
        shared->api->call({"auth.test", {}}, [done](ApiResult const& got) {
          done(got ? DeliveryOutcome{Kind::accepted, {}, "Slack", {}} : outcome_of(got.error()));
        });
      },
      {});
}

}  // namespace tocsin::slack
