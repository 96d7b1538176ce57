#include "bot/slack/carrier.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

#include "bot/slack/gesture.hpp"

namespace tocsin::slack {
namespace {

using Json = nlohmann::json;
using paging::DeliveryOutcome;
using Kind = DeliveryOutcome::Kind;

constexpr Millis kLimit{30'000};
constexpr std::size_t kTextBytes = 2'800;  // of a section's 3,000 characters
constexpr std::size_t kLabelBytes = 75;

std::string cut(std::string text, std::size_t limit) {
  while (text.size() > limit) {
    do text.pop_back();
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0U) == 0x80U);
  }
  return text;
}

DeliveryOutcome outcome_of(Said const& said) {
  switch (said.kind) {
    case Said::Kind::said:
      return {Kind::accepted, {}, "Slack", said.message};
    case Said::Kind::later:
      return {Kind::retry_later, {}, "Slack: " + said.error, {}};
    case Said::Kind::nowhere:
      return {Kind::rejected, {}, "Slack: " + said.error, {}};
    case Said::Kind::refused:
      return {Kind::misconfigured, {}, "Slack: " + said.error, {}};
  }
  return {};
}

DeliveryOutcome outcome_of(ApiFailure const& failure) {
  Said said;
  said.error = failure.needed.empty() ? failure.error : failure.error + " (" + failure.needed + ")";
  said.kind = failure.trouble == Trouble::gone ? Said::Kind::nowhere
              : failure.trouble == Trouble::scope || failure.trouble == Trouble::credential ||
                      failure.trouble == Trouble::refused
                  ? Said::Kind::refused
                  : Said::Kind::later;
  return outcome_of(said);
}

}  // namespace

Rendered page_content(paging::PageEnvelope const& page) {
  Rendered content;
  content.text = cut(encoded(page.subject), kTextBytes);
  auto body = page.body;
  while (body.ends_with('\n')) body.pop_back();
  Json blocks = Json::array({{{"type", "section"},
                              {"text",
                               {{"type", "mrkdwn"},
                                {"verbatim", true},
                                {"text", cut(encoded(body.empty() ? page.subject : body), kTextBytes)}}}}});
  Json buttons = Json::array();
  for (auto const& answer : page.answers) {
    Json button{{"type", "button"},
                {"action_id", "run:" + std::to_string(buttons.size())},
                {"text", {{"type", "plain_text"}, {"text", cut(answer.label, kLabelBytes)}}},
                {"value", answer.command}};
    if (buttons.empty()) button["style"] = "primary";
    buttons.push_back(std::move(button));
  }
  if (!buttons.empty()) blocks.push_back({{"type", "actions"}, {"elements", std::move(buttons)}});
  content.blocks = blocks.dump(-1, ' ', false, Json::error_handler_t::replace);
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
              shared->posting->say(
                  {{channel, ""}, "page:" + page.message_id, page_content(page), Urgency::page, page.may_repeat, true},
                  [done](Said const& said) { done(outcome_of(said)); });
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
