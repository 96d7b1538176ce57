#include "bot/slack/carrier.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <iterator>
#include <map>
#include <utility>

#include "bot/chat/trips.hpp"
#include "bot/detail/json.hpp"
#include "bot/slack/mrkdwn.hpp"
#include "bot/slack/parts.hpp"

namespace tocsin::slack {
namespace {

using detail::Json;
using detail::written;
using paging::DeliveryOutcome;
using Kind = DeliveryOutcome::Kind;

constexpr Millis kLimit{35'000};
/// Below it: what could not be sent in time was certainly not sent.
constexpr Millis kPageDeadline{20'000};
constexpr Millis kOpening{10'000};           // of a conversation, before that
constexpr std::size_t kSectionText = 2'800;  // of a section's 3,000 characters
constexpr std::size_t kButtonLabel = 75;
// Of pages in one message: two blocks each, of fifty; more than that nobody reads.
constexpr std::size_t kTogether = 20;
constexpr std::size_t kTextTogether = 8'000;

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

namespace {

std::string first_of(std::string const& text, std::size_t most) {
  auto all = pieces(text, most);
  return all.empty() ? std::string() : std::move(all.front());
}

/// In brief: without how to answer, which stands below the rest, where buttons say it.
std::string words_of(paging::PageEnvelope const& page, bool brief) {
  auto body = page.body;
  if (brief && !page.answers.empty()) body.resize(std::min(body.size(), body.find("\n\n")));
  while (body.ends_with('\n')) body.pop_back();
  return first_of(mrkdwn(body.empty() ? page.subject : body), kSectionText);
}

/// `buttons` counts those of the whole message: each has a name of its own.
void put_page(Json& blocks, paging::PageEnvelope const& page, std::string const& words, std::size_t& buttons) {
  auto const key = saying_key(page.message_id);
  blocks.push_back(
      {{"type", "section"}, {"block_id", key}, {"text", {{"type", "mrkdwn"}, {"verbatim", true}, {"text", words}}}});
  Json elements = Json::array();
  for (auto const& answer : page.answers) {
    Json button{{"type", "button"},
                {"action_id", "run:" + std::to_string(buttons++)},
                {"text", {{"type", "plain_text"}, {"text", first_units(answer.label, kButtonLabel)}}},
                {"value", answer.command}};
    if (elements.empty()) button["style"] = "primary";
    elements.push_back(std::move(button));
  }
  if (!elements.empty())
    blocks.push_back({{"type", "actions"}, {"block_id", buttons_of(key)}, {"elements", std::move(elements)}});
}

}  // namespace

Rendered page_content(paging::PageEnvelope const& page) { return page_content(std::vector{page}); }

std::size_t fit_together(std::vector<paging::PageEnvelope> const& pages) {
  std::size_t count = 0;
  for (std::size_t text = 0; count < pages.size() && count < kTogether; ++count) {
    text += words_of(pages[count], true).size();
    if (count > 0 && text > kTextTogether) break;
  }
  return count;
}

Rendered page_content(std::vector<paging::PageEnvelope> const& pages) {
  Rendered content;
  content.text = first_of(unmarked(pages.front().subject), kSectionText);
  if (pages.size() > 1) content.text += " +" + std::to_string(pages.size() - 1);
  Json blocks = Json::array();
  std::size_t buttons = 0;
  for (auto const& page : pages) put_page(blocks, page, words_of(page, pages.size() > 1), buttons);
  content.blocks = written(blocks);
  content.digest = content.text + content.blocks;
  return content;
}

using chat::TripPtr;

struct DirectCarrier::Shared : std::enable_shared_from_this<Shared> {
  Shared(boost::asio::io_context& io, People& its_people, Posting& its_posting, WebApi& its_api)
      : trips(io, "Slack", kLimit), people(&its_people), posting(&its_posting), api(&its_api) {}

  void finish(std::vector<TripPtr> const& all, DeliveryOutcome const& outcome) {
    for (auto const& trip : all) trips.finish(trip, outcome);
  }

  /// On the io_context's thread. One conversation takes a post a second: what is urgent is said by itself and at once;
  /// of the others those that had to wait for one another are said together.
  void carry(TripPtr const& trip) {
    if (trip->page.urgent || trip->page.may_repeat) return say({trip}, [] {});
    people_[trip->page.contact].waiting.push_back(trip);
    go_on(trip->page.contact);
  }

  chat::Trips trips;
  People* people;
  Posting* posting;
  WebApi* api;

 private:
  /// Of one person, what is not urgent.
  struct Waiting {
    std::vector<TripPtr> waiting;
    bool busy = false;
  };

  void drop_given_up(std::vector<TripPtr>& all) {
    std::erase_if(all, [this](TripPtr const& trip) { return !trips.is_wanted(trip); });
  }

  void go_on(std::string const& contact) {
    auto const found = people_.find(contact);
    if (found == people_.end() || found->second.busy) return;
    auto& person = found->second;
    drop_given_up(person.waiting);
    if (person.waiting.empty()) return static_cast<void>(people_.erase(found));
    person.busy = true;
    auto const count = static_cast<std::ptrdiff_t>(fit_together(pages_of(person.waiting)));
    std::vector<TripPtr> some(person.waiting.begin(), person.waiting.begin() + count);
    person.waiting.erase(person.waiting.begin(), person.waiting.begin() + count);
    say(std::move(some), [self = shared_from_this(), contact] {
      if (auto const again = self->people_.find(contact); again != self->people_.end()) again->second.busy = false;
      self->go_on(contact);
    });
  }

  static std::vector<paging::PageEnvelope> pages_of(std::vector<TripPtr> const& all) {
    std::vector<paging::PageEnvelope> pages;
    for (auto const& trip : all) pages.push_back(trip->page);
    return pages;
  }

  void say(std::vector<TripPtr> all, std::function<void()> after) {
    auto const contact = all.front()->page.contact;
    auto const urgency = all.front()->page.urgent ? Urgency::urgent : Urgency::page;
    people->direct(
        contact,
        [self = shared_from_this(), all = std::move(all), urgency, after = std::move(after)](
            std::string const& channel, ApiFailure const& failure) {
          if (!channel.empty()) return self->say_in(channel, all, urgency, after);
          self->finish(all, outcome_of(failure));
          after();
        },
        urgency, kOpening);
  }

  void say_in(std::string const& channel, std::vector<TripPtr> all, Urgency urgency,
              std::function<void()> const& after) {
    std::erase_if(all, [this](TripPtr const& trip) { return !trips.begin(trip); });
    if (all.empty()) return after();
    auto const& first = all.front()->page;
    // Under a name of its own: that one of them needs no answer any more says nothing about the others.
    auto const key = (all.size() > 1 ? "with:" : "") + saying_key(first.message_id);
    Saying saying{{channel, ""}, key, page_content(pages_of(all))};
    saying.urgency = urgency;
    saying.may_repeat = first.may_repeat;
    saying.deadline = kPageDeadline;
    if (all.size() > 1) {
      for (auto const& trip : all) saying.parts.push_back(saying_key(trip->page.message_id));
    }
    posting->say(std::move(saying), [self = shared_from_this(), all, after](Said const& said) {
      self->finish(all, outcome_of(said));
      after();
    });
  }

  std::map<std::string, Waiting> people_;
};

DirectCarrier::DirectCarrier(boost::asio::io_context& io, People& people, Posting& posting, WebApi& api)
    : shared_(std::make_shared<Shared>(io, people, posting, api)) {}
DirectCarrier::~DirectCarrier() { end(); }

void DirectCarrier::end() { shared_->trips.end(); }

DeliveryOutcome DirectCarrier::send(paging::PageEnvelope const& page, std::stop_token stop) {
  return shared_->trips.wait_for(
      page, [shared = shared_](TripPtr const& trip) { shared->carry(trip); }, stop);
}

DeliveryOutcome DirectCarrier::probe() {
  auto const ask = [shared = shared_](TripPtr const& trip) {
    shared->api->call({"auth.test", {}}, [shared, trip](ApiResult const& got) {
      shared->finish({trip}, got ? DeliveryOutcome{Kind::accepted, {}, "Slack", {}} : outcome_of(got.error()));
    });
  };
  return shared_->trips.wait_for({}, ask, {});
}

}  // namespace tocsin::slack
