#include "bot/dingtalk/cards.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <optional>
#include <utility>

#include "bot/detail/json.hpp"
#include "bot/dingtalk/platform.hpp"
#include "bot/log.hpp"
#include "incidents/store/posted.hpp"

namespace tocsin::dingtalk {
namespace {

using detail::at;
using detail::Json;
using detail::list_at;
using detail::parsed;
using detail::text_at;
using detail::written;

/// Where the other rows of `posted` have a conversation: from a card's name to its place.
constexpr char const* kPlaces = "card places";
constexpr char const* kStands = "stands";
constexpr char const* kBegun = "begun";

std::string hex(std::uint64_t bits) {
  constexpr auto kDigits = "0123456789abcdef";
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += kDigits[(bits >> static_cast<unsigned>(shift)) & 15U];
  return text;
}

Json space_of(std::string const& title) {
  return {{"supportForward", true},
          {"lastMessageI18n", {{"ZH_CN", title}}},
          {"notification", {{"alertContent", title}, {"notificationOff", false}}}};
}

std::string creation(Saying const& saying, std::string const& card, std::string const& robot, Setup const& setup) {
  auto const& options = *setup.config.chat.dingtalk;
  auto const staff = std::string(staff_of(saying.conversation));
  auto const& title = saying.content.title;
  Json body{{"cardTemplateId", options.card_template},
            {"outTrackId", card},
            {"callbackType", "STREAM"},
            {"userIdType", 1},
            {"cardData", {{"cardParamMap", card_params(saying.content, setup)}}}};
  if (staff.empty()) {
    Json calls = Json::object();
    for (auto const& each : saying.content.calls) calls[each] = each;
    body["openSpaceId"] = "dtv1.card//IM_GROUP." + saying.conversation;
    body["imGroupOpenSpaceModel"] = space_of(title);
    body["imGroupOpenDeliverModel"] = {{"robotCode", robot}};
    if (!calls.empty()) body["imGroupOpenDeliverModel"]["atUserIds"] = std::move(calls);
  } else {
    body["openSpaceId"] = "dtv1.card//IM_ROBOT." + staff;
    body["imRobotOpenSpaceModel"] = space_of(title);
    body["imRobotOpenDeliverModel"] = {{"spaceType", "IM_ROBOT"}, {"robotCode", robot}};
  }
  return written(body);
}

std::string update(Saying const& saying, std::string const& card, Setup const& setup) {
  return written({{"outTrackId", card},
                  {"cardData", {{"cardParamMap", card_params(saying.content, setup)}}},
                  {"cardUpdateOptions", {{"updateCardDataByKey", true}}}});
}

/// A 200 may be a failure for the place.
Said delivered(std::string const& answer) {
  auto const body = parsed(answer);
  if (auto const& success = at(body, "success"); success.is_boolean() && !success.get<bool>())
    return {Said::Kind::refused, {}, "success: false"};
  for (auto const& each : list_at(at(body, "result"), "deliverResults")) {
    auto const& success = at(each, "success");
    if (success.is_boolean() && !success.get<bool>())
      return {Said::Kind::refused, {}, "not delivered: " + text_at(each, "errorMsg").substr(0, 160)};
  }
  return {};
}

}  // namespace

class Cards::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(Parts parts) : parts_(std::move(parts)) {}

  void stop() { stopped_ = true; }

  void show(Saying saying, Done done) {
    auto const known = std::make_shared<std::optional<store::Posted>>();
    auto const showing = std::make_shared<Saying>(std::move(saying));
    parts_.lane.submit(
        [known, showing](Database& database, Instant) {
          *known = store::posted(database, kPlatform, showing->conversation, showing->key);
        },
        [self = shared_from_this(), known, showing, done = std::move(done)](std::exception_ptr failed) {
          boost::asio::post(self->parts_.io, [self, known, showing, done, failed] {
            if (self->stopped_) return;
            if (failed) return done({Said::Kind::later, {}, "the store does not answer"});
            if (!*known) return showing->only_change ? done({}) : self->begin(showing, done);
            auto const& row = **known;
            if (row.thread != kStands) return self->create(showing, row.message, done);
            if (row.digest == showing->content.digest) return done({});
            self->change(showing, row.message, done);
          });
        });
  }

  void place_of(std::string card, std::function<void(std::string)> found) {
    auto const place = std::make_shared<std::string>();
    parts_.lane.submit(
        [place, card = std::move(card)](Database& database, Instant) {
          if (auto const row = store::posted(database, kPlatform, kPlaces, card)) *place = row->message;
        },
        [self = shared_from_this(), place, found = std::move(found)](std::exception_ptr) {
          boost::asio::post(self->parts_.io, [self, place, found] {
            if (!self->stopped_) found(*place);
          });
        });
  }

 private:
  using Showing = std::shared_ptr<Saying>;

  /// The name is kept before anything is created by it: whoever tries again uses the same.
  void begin(Showing const& showing, Done const& done) {
    auto const card = "tocsin-" + hex(parts_.chance()) + hex(parts_.chance());
    store_it(showing, card, kBegun, [self = shared_from_this(), showing, card, done](bool kept) {
      if (!kept) return done({Said::Kind::later, {}, "the store does not answer"});
      self->create(showing, card, done);
    });
  }

  void create(Showing const& showing, std::string const& card, Done const& done) {
    Call call{"card/instances/createAndDeliver", {}};
    call.channel = showing->conversation;
    call.urgency = showing->urgency;
    call.body = creation(*showing, card, parts_.robot(showing->conversation), *parts_.setup());
    parts_.api.call(std::move(call), [self = shared_from_this(), showing, card, done](ApiResult const& got) {
      if (self->stopped_) return;
      auto const said = got ? delivered(*got) : said_of(got.error());
      if (said.kind == Said::Kind::said) {
        return self->store_it(showing, card, kStands, [done](bool) { done({}); });
      }
      log_warn("DingTalk: a card could not be delivered: {}", said.error);
      done(said);
    });
  }

  void change(Showing const& showing, std::string const& card, Done const& done) {
    Call call{"card/instances", {}};
    call.channel = "card " + card;
    call.urgency = showing->urgency;
    call.body = update(*showing, card, *parts_.setup());
    parts_.api.call(std::move(call), [self = shared_from_this(), showing, card, done](ApiResult const& got) {
      if (self->stopped_) return;
      auto const said = got ? delivered(*got) : said_of(got.error());
      if (said.kind == Said::Kind::said) {
        return self->store_it(showing, card, kStands, [done](bool) { done({}); });
      }
      log_warn("DingTalk: a card could not be changed: {}", said.error);
      // It is gone: another takes its place.
      if (said.kind == Said::Kind::nowhere && !showing->only_change) return self->begin(showing, done);
      done(said);
    });
  }

  void store_it(Showing const& showing, std::string const& card, char const* how, std::function<void(bool)> then) {
    parts_.lane.submit(
        [showing, card, how = std::string(how)](Database& database, Instant now) {
          store::put_posted(database,
                            {kPlatform, showing->conversation, showing->key, card, how, showing->content.digest}, now);
          store::put_posted(database, {kPlatform, kPlaces, card, showing->conversation, "", ""}, now);
        },
        [self = shared_from_this(), then = std::move(then)](std::exception_ptr failed) {
          boost::asio::post(self->parts_.io, [self, then, failed] {
            if (!self->stopped_) then(!failed);
          });
        });
  }

  Parts parts_;
  bool stopped_ = false;
};

Cards::Cards(Parts parts) : state_(std::make_shared<State>(std::move(parts))) {}
Cards::~Cards() { state_->stop(); }
void Cards::show(Saying saying, Done done) { state_->show(std::move(saying), std::move(done)); }
void Cards::place_of(std::string card, std::function<void(std::string)> found) {
  state_->place_of(std::move(card), std::move(found));
}

}  // namespace tocsin::dingtalk
