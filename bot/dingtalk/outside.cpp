#include "bot/dingtalk/outside.hpp"

#include <utility>

#include "bot/detail/json.hpp"

namespace tocsin::dingtalk {
namespace {

/// Without the slash at the end, which makes another path of it.
std::string base(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

Call empty(char const* method) {
  Call call{method, {}};
  call.urgency = Urgency::slow;
  call.body = "{}";
  call.once = true;
  return call;
}

}  // namespace

Hosts hosts_of(DingTalkOptions const& options) { return {base(options.api_url), base(options.old_api_url)}; }

Call token_call(std::string const& client_id, Secret const& secret, bool old) {
  Call call{old ? "gettoken" : "oauth2/accessToken", {}};
  call.urgency = Urgency::urgent;
  auto const revealed = std::string(secret.reveal());
  if (old) {
    call.arguments = {{"appkey", client_id}, {"appsecret", revealed}};
  } else {
    call.body = detail::written({{"appKey", client_id}, {"appSecret", revealed}});
  }
  return call;
}

std::vector<Call> questions_of_right(DingTalkOptions const& options) {
  std::vector<Call> calls{empty("robot/ding/send"), empty("robot/oToMessages/batchSend")};
  if (!options.card_template.empty()) calls.push_back(empty("card/instances/createAndDeliver"));
  if (!options.room_template.empty()) calls.push_back(empty("scenegroup/create"));
  if (options.agent_id != 0) calls.push_back(empty("corpconversation/asyncsend_v2"));
  return calls;
}

}  // namespace tocsin::dingtalk
