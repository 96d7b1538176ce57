#include "bot/slack/socket_mode.hpp"

#include <utility>

namespace tocsin::slack {
namespace {

constexpr Millis kAskFor{12'000};

/// "too_many_websockets" and its like as a refusal of the address never came up; they come as a reason to leave.
bool is_lasting(Trouble trouble) { return trouble == Trouble::credential || trouble == Trouble::scope; }

chat::Farewell::Why why_of(Farewell why) {
  switch (why) {
    case Farewell::recycled:
      return chat::Farewell::Why::recycled;
    case Farewell::disabled:
      return chat::Farewell::Why::disabled;
    case Farewell::crowded:
      return chat::Farewell::Why::crowded;
  }
  return chat::Farewell::Why::recycled;
}

}  // namespace

chat::Meaning meaning_of(std::string_view text, Deliver const& deliver) {
  auto frame = parse_frame(text);
  if (auto* hello = std::get_if<Hello>(&frame))
    return chat::Greeting{std::move(hello->host), hello->sockets, hello->life};
  if (auto* bye = std::get_if<Disconnect>(&frame)) return chat::Farewell{why_of(bye->why), std::move(bye->reason)};
  if (auto const* unreadable = std::get_if<Unreadable>(&frame))
    return chat::Reply{acknowledgement(unreadable->id, {}).text, true};
  if (auto* envelope = std::get_if<Envelope>(&frame)) {
    return chat::Item{[deliver, envelope = std::move(*envelope)](ConnectionId id) { deliver(id, envelope); }};
  }
  return chat::Noise{};
}

void ask_for_address(WebApi& api, std::function<void(chat::Address)> done) {
  Call call{"apps.connections.open", {}};
  call.with_app_token = true;
  call.urgency = Urgency::urgent;
  call.deadline = kAskFor;
  call.once = true;
  api.call(std::move(call), [done = std::move(done)](ApiResult const& got) {
    if (!got) return done(refusal_of(got.error()));
    auto url = text_in(*got, "/url");
    if (url.empty()) return done(Refusal{{}, "no address in the answer", {}});
    done(std::move(url));
  });
}

Refusal refusal_of(ApiFailure const& failure) {
  Refusal refusal;
  refusal.error = failure.needed.empty() ? failure.error : failure.error + " (" + failure.needed + ")";
  refusal.retry_after = failure.retry_after;
  if (failure.trouble == Trouble::too_often) refusal.kind = Refusal::Kind::too_often;
  if (is_lasting(failure.trouble)) refusal.kind = Refusal::Kind::lasting;
  return refusal;
}

}  // namespace tocsin::slack
