#include "bot/dingtalk/stream.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "bot/detail/json.hpp"
#include "bot/dingtalk/api.hpp"
#include "bot/dingtalk/gesture.hpp"
#include "integrations/net/http.hpp"

namespace tocsin::dingtalk {
namespace {

using detail::Json;
using detail::parsed;
using detail::text_at;
using detail::written;

constexpr Millis kAskFor{12'000};

}  // namespace

chat::Meaning meaning_of(std::string_view text, Deliver const& deliver) {
  auto frame = parse_frame(text);
  // Before any other work, and it is no sign that messages come.
  if (auto const* ping = std::get_if<Ping>(&frame)) return chat::Reply{pong(*ping), false};
  if (auto* bye = std::get_if<Disconnect>(&frame))
    return chat::Farewell{chat::Farewell::Why::recycled, std::move(bye->reason)};
  if (auto const* unreadable = std::get_if<Unreadable>(&frame))
    return chat::Reply{reply(unreadable->message, Receipt::broken), true};
  if (auto* push = std::get_if<Push>(&frame))
    return chat::Item{[deliver, push = std::move(*push)](ConnectionId id) { deliver(id, push); }};
  return chat::Noise{};
}

SocketLimits stream_limits() {
  SocketLimits limits;
  limits.greeted = false;   // CONNECTED and REGISTERED do not always come
  limits.anywhere = false;  // a reply counts on the connection that brought the push
  limits.suspicious = Millis{30'000};
  limits.silent = Millis{45'000};
  // DingTalk pings regularly by text: what brings none for so long answers pings of the protocol, but is forgotten.
  limits.wordless = std::chrono::minutes{3};
  // Before its twenty hours are over.
  limits.life = std::chrono::hours{5};
  // It goes quiet at once and closes ten seconds later: replies that are owed may go out until then.
  limits.drain = Millis{1'000};
  limits.owing = Millis{8'000};
  limits.proven = Millis{60'000};
  return limits;
}

net::ClientRequest open_request(std::string const& api_url, std::string const& client_id, Secret const& client_secret) {
  net::ClientRequest request;
  request.method = "POST";
  request.url = api_url + "/v1.0/gateway/connections/open";
  // Without Accept the answer may be XML.
  request.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
  Json subscriptions = Json::array({{{"type", "EVENT"}, {"topic", "*"}},
                                    {{"type", "CALLBACK"}, {"topic", kBotTopic}},
                                    {{"type", "CALLBACK"}, {"topic", kCardTopic}}});
  request.body = written({{"clientId", client_id},
                          {"clientSecret", std::string(client_secret.reveal())},
                          {"subscriptions", std::move(subscriptions)}});
  request.deadline = kAskFor;
  return request;
}

chat::Address address_of(net::FetchResult const& got) {
  Call const call{"gateway/connections/open", {}};
  auto const answer = verdict(call, got);
  if (!answer) return refusal_of(answer.error());
  auto const endpoint = chat::text_in(*answer, "/endpoint");
  auto const ticket = chat::text_in(*answer, "/ticket");
  if (endpoint.empty() || ticket.empty()) return Refusal{{}, "no address in the answer", {}};
  // A ticket holds characters that mean something else in an address.
  return endpoint + (endpoint.find('?') == std::string::npos ? "?ticket=" : "&ticket=") + net::percent_encode(ticket);
}

}  // namespace tocsin::dingtalk
