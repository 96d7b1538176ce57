#include "bot/dingtalk/api.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "bot/detail/json.hpp"
#include "bot/dingtalk/files.hpp"
#include "integrations/net/http.hpp"

namespace tocsin::dingtalk {
namespace {

using detail::at;
using detail::Json;
using detail::list_at;
using detail::parsed;
using detail::text_at;

constexpr std::size_t kErrorLength = 160;
constexpr Millis kThrottled{1'500};
constexpr Millis kBlocked = std::chrono::minutes{5};
/// "Per-app QPS 20" of the standard edition; a little is left for whoever else uses the app.
constexpr double kAppPerSecond = 18;
constexpr double kAppBurst = 18;
/// Posts of one conversation. Of robots twenty a minute are known to pass; what has more to say is merged before.
constexpr double kConversationBurst = 8;
constexpr double kConversationPerSecond = 1;

/// Codes of the older API, and what they mean ("Errors, limits, scopes").
struct Class {
  std::int64_t code;
  Trouble trouble;
};
constexpr std::array kClasses{
    Class{-1, Trouble::passing},       Class{15, Trouble::unknown},       Class{40001, Trouble::credential},
    Class{40014, Trouble::credential}, Class{42001, Trouble::credential}, Class{40089, Trouble::credential},
    Class{60011, Trouble::scope},      Class{60020, Trouble::scope},      Class{90002, Trouble::too_often},
    Class{90018, Trouble::too_often},  Class{90019, Trouble::too_often},  Class{130101, Trouble::too_often},
    Class{302033, Trouble::too_often}, Class{410100, Trouble::too_often}, Class{60121, Trouble::gone},
    Class{300001, Trouble::gone},      Class{300005, Trouble::gone},      Class{400013, Trouble::gone},
    Class{400101, Trouble::gone},      Class{400102, Trouble::gone},      Class{33012, Trouble::gone},
};

Trouble trouble_of(std::int64_t code) {
  auto const found =
      std::find_if(kClasses.begin(), kClasses.end(), [code](Class const& each) { return each.code == code; });
  return found == kClasses.end() ? Trouble::refused : found->trouble;
}

std::int64_t number_at(Json const& object, char const* name) {
  auto const& value = at(object, name);
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (!value.is_string()) return 0;
  auto const text = value.get<std::string>();
  return std::strtoll(text.c_str(), nullptr, 10);
}

/// Keys vary in case from answer to answer.
std::string request_id(Json const& body) {
  for (auto const* key : {"requestid", "requestId", "request_id", "RequestId"}) {
    if (auto id = text_at(body, key); !id.empty()) return id;
  }
  return {};
}

std::string told(std::string error, Json const& body) {
  error = error.substr(0, kErrorLength);
  if (auto const id = request_id(body); !id.empty()) error += " (request " + id.substr(0, kErrorLength) + ")";
  return error;
}

std::string needed_of(Json const& body) {
  std::string needed;
  for (auto const* key : {"accessdenieddetail", "accessDeniedDetail"}) {
    for (auto const& scope : list_at(at(body, key), "requiredScopes"))
      if (scope.is_string()) needed += (needed.empty() ? "" : " ") + scope.get<std::string>().substr(0, kErrorLength);
  }
  return needed;
}

bool holds(std::string const& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// `errcode` 88 hides another code.
ApiFailure old_failure(Json const& body) {
  auto code = number_at(body, "errcode");
  auto const hidden = number_at(body, "sub_code");
  if (code == 88 && hidden == 0) return {Trouble::unknown, told("errcode 88", body)};
  if (code == 88) code = hidden;
  auto words = "errcode " + std::to_string(code);
  if (auto const message = text_at(body, code == hidden ? "sub_msg" : "errmsg"); !message.empty())
    words += " " + message;
  ApiFailure failure{trouble_of(code), told(std::move(words), body)};
  if (failure.trouble == Trouble::too_often) failure.retry_after = kThrottled;
  if (failure.trouble == Trouble::scope) failure.needed = text_at(body, "sub_msg").substr(0, kErrorLength);
  return failure;
}

/// An address from which too much came: whatever it says, five minutes nothing is answered.
bool is_blocked(Json const& body) { return number_at(body, "status") == 1111 || text_at(body, "punish") == "deny"; }

ApiFailure new_failure(net::ClientAnswer const& answer, Json const& body) {
  auto const status = answer.status;
  auto code = text_at(body, "code");
  auto words = code.empty() ? "status " + std::to_string(status) : code;
  // A code alone does not say what of the request was wrong.
  if (auto const message = text_at(body, "message"); !message.empty() && status < 500) words += ": " + message;
  ApiFailure failure{Trouble::refused, told(std::move(words), body), needed_of(body)};
  // The rate limit comes as a missing right, and only its code tells.
  if (status == 429 || holds(code, "QpsLimit") || holds(code, "FlowControl") || holds(code, "flowControl")) {
    failure.trouble = Trouble::too_often;
    failure.retry_after = chat::retry_after(answer).value_or(kThrottled);
  } else if (status == 401) {
    failure.trouble = Trouble::credential;
  } else if (status == 403) {
    failure.trouble = Trouble::scope;
  } else if (status == 503 || status == 502) {
    failure.trouble = Trouble::passing;
  } else if (status >= 500) {
    failure.trouble = Trouble::unknown;
  } else if (holds(code, "openConversationId.invalid") || holds(code, "userIds.invalid") ||
             holds(code, "userIdNotExist") || status == 404) {
    failure.trouble = Trouble::gone;
  }
  return failure;
}

}  // namespace

std::vector<Method> const& methods() {
  constexpr auto kPost = "POST";
  static std::vector<Method> const kMethods{
      {"gateway/connections/open", kPost, "/v1.0/gateway/connections/open", false, true},
      {"oauth2/accessToken", kPost, "/v1.0/oauth2/accessToken", false, true, 2},
      {"gettoken", "GET", "/gettoken", true, true, 2},
      {"robot/oToMessages/batchSend", kPost, "/v1.0/robot/oToMessages/batchSend"},
      {"robot/groupMessages/send", kPost, "/v1.0/robot/groupMessages/send"},
      {"robot/otoMessages/batchRecall", kPost, "/v1.0/robot/otoMessages/batchRecall", false, true},
      {"robot/groupMessages/recall", kPost, "/v1.0/robot/groupMessages/recall", false, true},
      {"robot/messageFiles/download", kPost, "/v1.0/robot/messageFiles/download", false, true},
      {"robot/ding/send", kPost, "/v1.0/robot/ding/send", false, false, 5},
      {"robot/ding/recall", kPost, "/v1.0/robot/ding/recall", false, true, 5},
      {"robot/ding/readStatuses/query", kPost, "/v1.0/robot/ding/readStatuses/query", false, true, 5},
      // The same outTrackId is the same card.
      {"card/instances/createAndDeliver", kPost, "/v1.0/card/instances/createAndDeliver", false, true},
      {"card/instances/create", kPost, "/v1.0/card/instances", false, true},
      {"card/instances", "PUT", "/v1.0/card/instances", false, true},
      {"scenegroup/create", kPost, "/topapi/im/chat/scenegroup/create", true, true, 2},
      {"scenegroup/member/add", kPost, "/topapi/im/chat/scenegroup/member/add", true, true, 2},
      {"user/getbymobile", kPost, "/topapi/v2/user/getbymobile", true, true, 5},
      {"user/get", kPost, "/topapi/v2/user/get", true, true, 5},
      {"user/getbyunionid", kPost, "/topapi/user/getbyunionid", true, true, 5},
      {"user/listid", kPost, "/topapi/user/listid", true, true, 5},
      {"corpconversation/asyncsend_v2", kPost, "/topapi/message/corpconversation/asyncsend_v2", true, false, 5},
      {"corpconversation/getsendresult", kPost, "/topapi/message/corpconversation/getsendresult", true, true, 5},
      {"corpconversation/recall", kPost, "/topapi/message/corpconversation/recall", true, true, 5},
      {"groups/baseInfos/query", kPost, "/v1.0/im/groups/baseInfos/query", false, true, 5},
      {"media/upload", kPost, "/media/upload", true, true, 5},
  };
  return kMethods;
}

Method const& method_of(std::string_view name) {
  auto const& all = methods();
  auto const found = std::find_if(all.begin(), all.end(), [name](Method const& each) { return each.name == name; });
  if (found == all.end()) throw std::logic_error("no such method of DingTalk: " + std::string(name));
  return *found;
}

net::ClientRequest request_of(Call const& call, Hosts const& hosts, Secret const& token) {
  auto const& method = method_of(call.method);
  net::ClientRequest request;
  request.method = std::string(method.verb);
  request.url = (method.old ? hosts.old : hosts.api) + std::string(method.path);
  auto query = call.arguments;
  if (method.old && !token.empty()) query.push_back({"access_token", std::string(token.reveal())});
  if (!query.empty()) request.url += "?" + net::encode_form(query);
  bool const form = call.method == "media/upload";
  request.headers = {{"Content-Type", form ? form_type(call.body) : "application/json"},
                     {"Accept", "application/json"}};
  if (!method.old && !token.empty())
    request.headers.push_back({"x-acs-dingtalk-access-token", std::string(token.reveal())});
  request.body = call.body;
  return request;
}

ApiResult verdict(Call const& call, net::FetchResult const& fetched) {
  if (!fetched) return chat::failure_of(fetched.error());
  auto const& answer = *fetched;
  auto const body = answer.truncated ? Json() : parsed(answer.body);
  if (is_blocked(body)) return ApiFailure{Trouble::too_often, "this address is blocked", {}, kBlocked};
  bool const success = answer.status / 100 == 2;
  if (!body.is_object()) {
    // Of something in between, as a rule.
    bool const turned_away = answer.status == 502 || answer.status == 503;
    return ApiFailure{turned_away ? Trouble::passing : Trouble::unknown,
                      "no readable answer (status " + std::to_string(answer.status) + ")"};
  }
  if (!success) return new_failure(answer, body);
  if (method_of(call.method).old && number_at(body, "errcode") != 0) return old_failure(body);
  return answer.body;
}

ApiResult hook_verdict(net::FetchResult const& fetched) {
  if (!fetched) return chat::failure_of(fetched.error());
  auto const& answer = *fetched;
  auto const body = answer.truncated ? Json() : parsed(answer.body);
  if (is_blocked(body)) return ApiFailure{Trouble::too_often, "this address is blocked", {}, kBlocked};
  if (answer.status / 100 != 2) {
    if (body.is_object()) return new_failure(answer, body);
    return ApiFailure{answer.status == 502 || answer.status == 503 ? Trouble::passing : Trouble::unknown,
                      "status " + std::to_string(answer.status)};
  }
  if (!body.is_object() || !body.contains("errcode"))
    return ApiFailure{Trouble::unknown, "no readable answer (status " + std::to_string(answer.status) + ")"};
  if (number_at(body, "errcode") != 0) return old_failure(body);
  return answer.body;
}

chat::Budgets budgets_of(Call const& call) {
  auto const& method = method_of(call.method);
  chat::Budgets budgets{{"app", kAppBurst, kAppPerSecond}, {call.method, method.per_second, method.per_second}};
  if (!call.channel.empty()) budgets.push_back({"in " + call.channel, kConversationBurst, kConversationPerSecond});
  return budgets;
}

chat::Refusal refusal_of(ApiFailure const& failure) {
  using Kind = chat::Refusal::Kind;
  chat::Refusal refusal;
  refusal.error = failure.needed.empty() ? failure.error : failure.error + " (" + failure.needed + ")";
  refusal.retry_after = failure.retry_after;
  switch (failure.trouble) {
    case Trouble::too_often:
      refusal.kind = Kind::too_often;
      break;
    // A malformed request, an app that is not published, a robot that is off, a mode that is not Stream, a list of
    // addresses: all of it waits for an operator.
    case Trouble::credential:
    case Trouble::scope:
    case Trouble::refused:
    case Trouble::gone:
      refusal.kind = Kind::lasting;
      break;
    case Trouble::passing:
    case Trouble::unknown:
      break;
  }
  return refusal;
}

}  // namespace tocsin::dingtalk
