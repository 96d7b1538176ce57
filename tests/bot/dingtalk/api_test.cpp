// What DingTalk's answers mean: by code, never by message or status alone.
#include "bot/dingtalk/api.hpp"

#include <doctest/doctest.h>

#include <random>

#include "bot/dingtalk/files.hpp"
#include "bot/dingtalk/stream.hpp"

using namespace tocsin;
using namespace tocsin::dingtalk;

namespace {

net::FetchResult answer(int status, std::string body) {
  net::ClientAnswer made;
  made.status = status;
  made.body = std::move(body);
  return made;
}

ApiFailure failure(char const* method, int status, std::string body) {
  auto const got = verdict({method, {}}, answer(status, std::move(body)));
  REQUIRE(!got);
  return got.error();
}

constexpr auto kNew = "robot/groupMessages/send";
constexpr auto kOld = "user/get";

}  // namespace

TEST_CASE("dingtalk: a limit that comes as a missing right is a limit, and the right is named") {
  auto const limited =
      failure(kNew, 403, R"({"code":"Forbidden.AccessDenied.QpsLimitForAppkeyAndApi","requestid":"R1"})");
  CHECK(limited.trouble == Trouble::too_often);
  CHECK(limited.retry_after == Millis{1'500});
  CHECK(limited.error.find("R1") != std::string::npos);
  for (auto const* key : {"accessdenieddetail", "accessDeniedDetail"}) {
    auto const missing = failure(kNew, 403,
                                 R"({"code":"Forbidden.AccessDenied.AccessTokenPermissionDenied",")" +
                                     std::string(key) + R"(":{"requiredScopes":["qyapi_robot_sendmsg"]}})");
    CHECK(missing.trouble == Trouble::scope);
    CHECK(missing.needed == "qyapi_robot_sendmsg");
  }
}

TEST_CASE("dingtalk: each status of the new API") {
  CHECK(failure(kNew, 401, R"({"code":"InvalidAuthentication"})").trouble == Trouble::credential);
  CHECK(failure(kNew, 400, R"({"code":"invalidParameter.msgKey.invalid"})").trouble == Trouble::refused);
  CHECK(failure(kNew, 400, R"({"code":"invalidParameter.openConversationId.invalid"})").trouble == Trouble::gone);
  CHECK(failure(kNew, 429, "{}").trouble == Trouble::too_often);
  CHECK(failure(kNew, 503, "{}").trouble == Trouble::passing);
  CHECK(failure(kNew, 504, "{}").trouble == Trouble::unknown);
  CHECK(failure(kNew, 200, "<html>").trouble == Trouble::unknown);
  CHECK(failure(kNew, 200, R"({"status":1111,"wait":5,"source":"x5","punish":"deny"})").trouble == Trouble::too_often);
  CHECK(verdict({kNew, {}}, answer(200, R"({"processQueryKey":"k"})")).has_value());
}

TEST_CASE("dingtalk: the older API fails in a 200, and 88 hides what it was") {
  CHECK(verdict({kOld, {}}, answer(200, R"({"errcode":0,"errmsg":"ok"})")).has_value());
  CHECK(failure(kOld, 200, R"({"errcode":40014})").trouble == Trouble::credential);
  CHECK(failure(kOld, 200, R"({"errcode":42001})").trouble == Trouble::credential);
  CHECK(failure(kOld, 200, R"({"errcode":88,"sub_code":"40014"})").trouble == Trouble::credential);
  CHECK(failure(kOld, 200, R"({"errcode":88,"sub_code":"60011","sub_msg":"[qyapi_base]"})").trouble == Trouble::scope);
  CHECK(failure(kOld, 200, R"({"errcode":88})").trouble == Trouble::unknown);
  CHECK(failure(kOld, 200, R"({"errcode":90018})").trouble == Trouble::too_often);
  CHECK(failure(kOld, 200, R"({"errcode":-1})").trouble == Trouble::passing);
  CHECK(failure(kOld, 200, R"({"errcode":60121})").trouble == Trouble::gone);
}

TEST_CASE("dingtalk: a webhook's 200 is read, and a session that is over is gone") {
  CHECK(hook_verdict(answer(200, R"({"errcode":0,"errmsg":"ok"})")).has_value());
  for (auto const& [body, trouble] :
       std::vector<std::pair<char const*, Trouble>>{{R"({"errcode":300001})", Trouble::gone},
                                                    {R"({"errcode":130101})", Trouble::too_often},
                                                    {R"({"errcode":460101})", Trouble::refused},
                                                    {"{}", Trouble::unknown},
                                                    {"", Trouble::unknown}}) {
    auto const got = hook_verdict(answer(200, body));
    REQUIRE(!got);
    CHECK(got.error().trouble == trouble);
  }
}

TEST_CASE("dingtalk: an address has its ticket encoded and keeps host, port and path") {
  auto const got = address_of(answer(200, R"({"endpoint":"wss://h.test:8443/a/b","ticket":"x+y/z=&1"})"));
  REQUIRE(got.has_value());
  CHECK(*got == "wss://h.test:8443/a/b?ticket=x%2By%2Fz%3D%261");
  auto const kind = [](int status, char const* body) {
    auto const refused = address_of(answer(status, body));
    REQUIRE(!refused);
    return refused.error().kind;
  };
  using Kind = chat::Refusal::Kind;
  CHECK(kind(401, R"({"code":"authFailed","message":"鉴权失败"})") == Kind::lasting);
  CHECK(kind(400, R"({"code":"invalidParameter","message":"应用版本未发布"})") == Kind::lasting);
  CHECK(kind(403, R"({"code":"Forbidden.AccessDenied.IpNotInWhiteList"})") == Kind::lasting);
  CHECK(kind(403, R"({"code":"Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"})") == Kind::too_often);
  CHECK(kind(503, "{}") == Kind::passing);
  CHECK(kind(200, "<xml/>") == Kind::passing);
  CHECK(kind(200, "{}") == Kind::passing);
}

TEST_CASE("dingtalk: tokens go where each API wants them, and nothing else names them") {
  Secret const token(std::string("t0k&en"));
  Hosts const hosts{"https://api.test", "https://old.test"};
  chat::Call send{kNew, {}};
  send.body = "{}";
  auto const fresh = request_of(send, hosts, token);
  CHECK(fresh.url == "https://api.test/v1.0/robot/groupMessages/send");
  CHECK(net::field(fresh.headers, "x-acs-dingtalk-access-token") == "t0k&en");
  auto const older = request_of({kOld, {}}, hosts, token);
  CHECK(older.url == "https://old.test/topapi/v2/user/get?access_token=t0k%26en");
  CHECK(net::field(older.headers, "x-acs-dingtalk-access-token").empty());
}

TEST_CASE("dingtalk: a file's form ends where it should, whatever the file holds") {
  Upload const upload{"a\"b\r\n.md", "--tocsin-\r\n\r\nx"};
  auto const call = upload_call(upload);
  auto const type = form_type(call.body);
  auto const boundary = type.substr(type.find('=') + 1);
  CHECK(upload.bytes.find(boundary) == std::string::npos);
  CHECK(call.body.find("filename=\"ab.md\"") != std::string::npos);
  CHECK(call.body.ends_with("--" + boundary + "--\r\n"));
}

TEST_CASE("dingtalk: whatever comes, a verdict is one") {
  std::mt19937 random(20261128);
  std::string const pieces[] = {"{", "}", "\"errcode\":", "1", "\"", "null", "[", "]", ",", "\"code\":", "\xff", "88"};
  for (int i = 0; i < 5'000; ++i) {
    std::string body;
    for (auto n = random() % 12; n > 0; --n) body += pieces[random() % std::size(pieces)];
    auto const status = static_cast<int>(100 + random() % 500);
    static_cast<void>(verdict({i % 2 == 0 ? kNew : kOld, {}}, answer(status, body)));
    static_cast<void>(hook_verdict(answer(status, body)));
    static_cast<void>(address_of(answer(status, body)));
  }
}
