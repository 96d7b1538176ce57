#include "bot/slack/catch_up.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <charconv>
#include <iterator>
#include <utility>

#include "bot/detail/json.hpp"
#include "bot/log.hpp"
#include "bot/slack/platform.hpp"
#include "bot/slack/stamp.hpp"
#include "incidents/store/inbox.hpp"
#include "incidents/store/posted.hpp"

namespace tocsin::slack {
namespace {

using detail::Json;
using detail::list_at;
using detail::parsed;
using detail::text_at;
using detail::written;

constexpr char const* kWellFact = "slack well";
/// Whoever waited for longer has given up.
constexpr Millis kFarthest = std::chrono::hours{24};
constexpr std::size_t kIncidents = 50;
constexpr std::size_t kPeople = 50;
constexpr int kPagesOfHistory = 5;
constexpr std::size_t kMostMissed = 2'000;

/// A place where somebody may have said something.
struct Spot {
  std::string channel;
  std::string thread;  ///< empty: the channel itself
  bool direct = false;
  friend bool operator==(Spot const&, Spot const&) = default;
};

/// Where open incidents live: the thread of its card, or its channel and the card's thread in it.
std::vector<Spot> places_of_open(Database& database) {
  std::vector<Spot> places;
  for (auto const& home : store::homes_of_open(database, kPlatform, kIncidents)) {
    places.push_back({home.conversation, home.thread, false});
    if (!home.thread.empty()) continue;
    auto const card =
        store::posted(database, kPlatform, home.conversation, "card:INC-" + std::to_string(home.incident.value));
    if (card) places.push_back({home.conversation, card->message, false});
  }
  return places;
}

bool is_bare_key(std::string_view text) {
  auto const first = text.find_first_not_of(' ');
  auto const last = text.find_last_not_of(' ');
  return first != std::string_view::npos && first == last && text[first] >= '0' && text[first] <= '9';
}

std::string instant_text(Instant at) { return std::to_string(at.time_since_epoch().count()); }

bool later(Missed const& a, Missed const& b) { return a.stamp > b.stamp; }

std::optional<Instant> read_instant(std::string const& text) {
  std::int64_t count = 0;
  auto const [end, failed] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return Instant{Millis{count}};
}

}  // namespace

std::vector<Missed> missed_in(std::string_view body, std::string const& channel, bool direct, Instant since,
                              Self const& self) {
  std::vector<Missed> missed;
  auto const answer = parsed(body);
  for (auto const& message : list_at(answer, "messages")) {
    auto stamp = text_at(message, "ts");
    bool const own =
        text_at(message, "user") == self.user || (!self.bot.empty() && text_at(message, "bot_id") == self.bot);
    if (stamp.empty() || own || instant_of(stamp) < since || is_bare_key(text_at(message, "text"))) continue;
    // Without the looks of it, which weigh most and command nothing.
    Json event{{"type", "message"}, {"channel", channel}, {"channel_type", direct ? "im" : "channel"}};
    for (auto const* each : {"ts", "user", "bot_id", "subtype", "text", "thread_ts"}) {
      if (auto const found = message.find(each); found != message.end()) event[each] = *found;
    }
    missed.push_back({std::move(stamp), written(event)});
  }
  return missed;
}

class CatchUp::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(Parts parts) : parts_(std::move(parts)) {}
  void stop() { stopped_ = true; }

  void well() {
    // What is still being read is not known yet.
    if (reading_ > 0) return;
    parts_.lane.submit(
        [](Database& database, Instant at) { store::put_fact(database, kWellFact, instant_text(at), at); },
        [](std::exception_ptr) {});
  }

  bool is_reading() const { return reading_ > 0; }

  void read_since_last_run() {
    auto const before = std::make_shared<std::optional<Instant>>();
    parts_.lane.submit(
        [before](Database& database, Instant) {
          if (auto const text = store::fact(database, kWellFact)) *before = read_instant(*text);
        },
        [self = shared_from_this(), before](std::exception_ptr) {
          boost::asio::post(self->parts_.io, [self, before] {
            if (*before && !self->stopped_) self->read(**before);
          });
        });
  }

  void read(Instant since) {
    ++reading_;
    since = std::max(since, parts_.clock.now() - kFarthest);
    auto const reading = std::make_shared<Reading>();
    reading->since = since;
    auto const places = std::make_shared<std::vector<Spot>>();
    parts_.lane.submit([places](Database& database, Instant) { *places = places_of_open(database); },
                       [self = shared_from_this(), reading, places](std::exception_ptr) {
                         boost::asio::post(self->parts_.io, [self, reading, places] {
                           if (!self->stopped_) self->visit(reading, std::move(*places));
                         });
                       });
  }

 private:
  /// One reading of everything. What was found is given on once all is read: in the order in which it was said.
  struct Reading {
    Instant since{};
    std::size_t left = 1;
    std::vector<Missed> found;
  };
  using ReadingPtr = std::shared_ptr<Reading>;

  void visit(ReadingPtr const& reading, std::vector<Spot> places) {
    auto const setup = parts_.setup();
    Spot const own{setup->config.chat.slack->channel, "", false};
    if (!own.channel.empty() && std::find(places.begin(), places.end(), own) == places.end()) places.push_back(own);
    for (auto const& place : places) look(reading, place);
    std::size_t people = 0;
    for (auto const& person : setup->config.people) {
      if (person.identities.slack.empty() || ++people > kPeople) continue;
      ++reading->left;
      parts_.people.direct(person.identities.slack,
                           [self = shared_from_this(), reading](std::string const& channel, ApiFailure const&) {
                             if (self->stopped_) return;
                             if (!channel.empty()) self->look(reading, {channel, "", true});
                             self->one_less(reading);
                           });
    }
    one_less(reading);
  }

  void look(ReadingPtr const& reading, Spot const& place, std::string const& cursor = {}, int page = 1) {
    ++reading->left;
    Call call{place.thread.empty() ? "conversations.history" : "conversations.replies",
              {{"channel", place.channel}, {"oldest", stamp_of(reading->since)}, {"limit", "200"}}};
    if (!place.thread.empty()) call.arguments.emplace_back("ts", place.thread);
    if (!cursor.empty()) call.arguments.emplace_back("cursor", cursor);
    call.urgency = Urgency::slow;
    parts_.api.call(std::move(call), [self = shared_from_this(), reading, place, page](ApiResult const& got) {
      if (self->stopped_) return;
      if (got) {
        auto missed = missed_in(*got, place.channel, place.direct, reading->since, self->parts_.self());
        std::move(missed.begin(), missed.end(), std::back_inserter(reading->found));
        forget_oldest(reading->found);
        auto const next = text_in(*got, "/response_metadata/next_cursor");
        if (!next.empty() && page < kPagesOfHistory) self->look(reading, place, next, page + 1);
      } else if (got.error().error == "not_in_channel") {
        self->parts_.lost(place.channel);
      } else if (got.error().trouble != Trouble::gone) {
        log_warn("what was said in {} meanwhile can't be read: {}", place.channel, got.error().error);
      }
      self->one_less(reading);
    });
  }

  static void forget_oldest(std::vector<Missed>& found) {
    if (found.size() <= 2 * kMostMissed) return;
    auto const keep = found.begin() + kMostMissed;
    std::nth_element(found.begin(), keep, found.end(), later);
    found.erase(keep, found.end());
    log_warn("more was said meanwhile than is read: the oldest of it is left out");
  }

  void one_less(ReadingPtr const& reading) {
    if (--reading->left > 0) return;
    auto& found = reading->found;
    std::stable_sort(found.rbegin(), found.rend(), later);
    if (!found.empty()) log_info("Slack: {} messages since the gap were read", found.size());
    for (auto const& each : found) parts_.missed(each.event);
    --reading_;
    well();
  }

  Parts parts_;
  int reading_ = 0;
  bool stopped_ = false;
};

CatchUp::CatchUp(Parts parts) : state_(std::make_shared<State>(std::move(parts))) {}
CatchUp::~CatchUp() { state_->stop(); }
void CatchUp::well() { state_->well(); }
bool CatchUp::is_reading() const { return state_->is_reading(); }
void CatchUp::read(Instant since) { state_->read(since); }
void CatchUp::read_since_last_run() { state_->read_since_last_run(); }

}  // namespace tocsin::slack
