#include "bot/slack/carrier.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <iterator>
#include <map>
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

constexpr Millis kLimit{35'000};
/// Below it: what could not be sent in time was certainly not sent.
constexpr Millis kCall{20'000};
constexpr std::size_t kText = 2'800;  // of a section's 3,000 characters
constexpr std::size_t kLabel = 75;
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
  return first_of(mrkdwn(body.empty() ? page.subject : body), kText);
}

/// `buttons` counts those of the whole message: each has a name of its own.
void put_page(Json& blocks, paging::PageEnvelope const& page, std::string const& words, std::size_t& buttons) {
  blocks.push_back({{"type", "section"}, {"text", {{"type", "mrkdwn"}, {"verbatim", true}, {"text", words}}}});
  Json elements = Json::array();
  for (auto const& answer : page.answers) {
    Json button{{"type", "button"},
                {"action_id", "run:" + std::to_string(buttons++)},
                {"text", {{"type", "plain_text"}, {"text", first_units(answer.label, kLabel)}}},
                {"value", answer.command}};
    if (elements.empty()) button["style"] = "primary";
    elements.push_back(std::move(button));
  }
  if (!elements.empty()) blocks.push_back({{"type", "actions"}, {"elements", std::move(elements)}});
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
  content.text = first_of(unmarked(pages.front().subject), kText);
  if (pages.size() > 1) content.text += " +" + std::to_string(pages.size() - 1);
  Json blocks = Json::array();
  std::size_t buttons = 0;
  for (auto const& page : pages) put_page(blocks, page, words_of(page, pages.size() > 1), buttons);
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

  using Done = std::function<void(DeliveryOutcome const&)>;

  /// On the io_context's thread. One conversation takes a post a second: what is urgent is said by itself and at once;
  /// of the others those that had to wait for one another are said together.
  void carry(paging::PageEnvelope const& page, Done done) {
    if (page.urgent || page.may_repeat) return say({page}, {std::move(done)}, [] {});
    auto& person = people_[page.contact];
    person.waiting.push_back(page);
    person.done.push_back(std::move(done));
    go_on(page.contact);
  }

  boost::asio::io_context* io;
  People* people;
  Posting* posting;
  WebApi* api;
  std::mutex mutex;
  std::condition_variable_any changed;
  bool ended = false;

 private:
  /// Of one person, what is not urgent.
  struct Waiting {
    std::vector<paging::PageEnvelope> waiting;
    std::vector<Done> done;
    bool busy = false;
  };

  void go_on(std::string const& contact) {
    auto const found = people_.find(contact);
    if (found == people_.end() || found->second.busy) return;
    auto& person = found->second;
    if (person.waiting.empty()) return static_cast<void>(people_.erase(found));
    person.busy = true;
    auto const take = [count = static_cast<std::ptrdiff_t>(fit_together(person.waiting))](auto& from) {
      std::decay_t<decltype(from)> taken(std::make_move_iterator(from.begin()),
                                         std::make_move_iterator(from.begin() + count));
      from.erase(from.begin(), from.begin() + count);
      return taken;
    };
    auto pages = take(person.waiting);
    auto done = take(person.done);
    say(std::move(pages), std::move(done), [self = shared_from_this(), contact] {
      if (auto const again = self->people_.find(contact); again != self->people_.end()) again->second.busy = false;
      self->go_on(contact);
    });
  }

  void say(std::vector<paging::PageEnvelope> pages, std::vector<Done> done, std::function<void()> after) {
    auto const contact = pages.front().contact;
    people->direct(contact, [self = shared_from_this(), pages = std::move(pages), done = std::move(done),
                             after = std::move(after)](std::string const& channel, ApiFailure const& failure) {
      auto const came = [done, after](DeliveryOutcome const& outcome) {
        for (auto const& each : done) each(outcome);
        after();
      };
      if (channel.empty()) return came(outcome_of(failure));
      auto const& first = pages.front();
      // Under a name of its own: that one of them needs no answer any more says nothing about the others.
      auto const key = (pages.size() > 1 ? "with:" : "") + saying_key(first.message_id);
      Saying saying{{channel, ""}, key, page_content(pages)};
      saying.urgency = first.urgent ? Urgency::urgent : Urgency::page;
      saying.may_repeat = first.may_repeat;
      saying.deadline = kCall;
      self->posting->say(std::move(saying), [came](Said const& said) { came(outcome_of(said)); });
    });
  }

  std::map<std::string, Waiting> people_;
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
  return shared_->wait_for([shared = shared_.get(),
                            page](std::function<void(DeliveryOutcome)> done) { shared->carry(page, std::move(done)); },
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
