#include "bot/dingtalk/work.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

using namespace tocsin;
using namespace tocsin::dingtalk;
using Json = nlohmann::json;
using Outcome = paging::DeliveryOutcome::Kind;

namespace {

paging::PageEnvelope a_page(std::string id) {
  paging::PageEnvelope page;
  page.message_id = std::move(id);
  page.contact = "li0421";
  page.subject = "🔴 P0 INC-1 网站无法访问";
  page.body = "🔴 P0 INC-1 网站无法访问\n回 4 认领\n";
  return page;
}

std::string text_of(std::string const& body) {
  return Json::parse(body).at("msg").at("markdown").at("text").get<std::string>();
}

}  // namespace

TEST_CASE("a work notification is for one person, and no two say the same") {
  auto const body = Json::parse(work_body(a_page("page-17.3@tocsin"), 4'500'001, 7));
  CHECK(body.at("agent_id") == 4'500'001);
  CHECK(body.at("userid_list") == "li0421");
  CHECK(body.at("msg").at("msgtype") == "markdown");
  CHECK(text_of(body.dump()).find("网站无法访问") != std::string::npos);
  CHECK(text_of(work_body(a_page("page-17.3@tocsin"), 1, 1)) != text_of(work_body(a_page("page-18.3@tocsin"), 1, 1)));
  CHECK(text_of(work_body(a_page("page-17.3@tocsin"), 1, 1)) != text_of(work_body(a_page("page-17.3@tocsin"), 1, 2)));
  auto again = a_page("page-17.3@tocsin");
  again.may_repeat = true;
  CHECK(text_of(work_body(a_page("page-17.3@tocsin"), 1, 1)) != text_of(work_body(again, 1, 1)));
}

TEST_CASE("only the result says whether a work notification arrived") {
  auto const outcome = [](char const* list) {
    return work_result(Json{{"send_result", {{list, {"li0421"}}}}}.dump(), "li0421", "10001");
  };
  for (auto const* list : {"read_user_id_list", "unread_user_id_list"}) {
    REQUIRE(outcome(list).has_value());
    CHECK(outcome(list)->kind == Outcome::accepted);
    CHECK(outcome(list)->provider_reference == "10001");
  }
  for (auto const* list : {"invalid_user_id_list", "forbidden_user_id_list", "failed_user_id_list"}) {
    REQUIRE(outcome(list).has_value());
    CHECK(outcome(list)->kind == Outcome::rejected);
  }
  CHECK_FALSE(work_result(R"({"send_result":{"unread_user_id_list":["other"]}})", "li0421", "1").has_value());
  for (auto const* body :
       {"", "[]", "{}", R"({"send_result":[]})", R"({"send_result":{"read_user_id_list":"li0421"}})"})
    CHECK_FALSE(work_result(body, "li0421", "1").has_value());
}
