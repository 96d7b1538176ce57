#include "bot/dingtalk/directory.hpp"

#include <doctest/doctest.h>

#include <string>

#include "bot/acquaintances.hpp"
#include "bot/setup.hpp"
#include "tests/bot/stage.hpp"

using namespace tocsin;
using namespace tocsin::dingtalk;

namespace {

DingTalkOptions with_departments() {
  DingTalkOptions options;
  options.departments = {{"20", Role::responder}, {"21", Role::viewer}, {"30", Role::admin}};
  return options;
}

}  // namespace

TEST_CASE("a member is read as DingTalk writes them") {
  auto const member = member_of(
      R"({"errcode":0,"result":{"userid":"li0421","name":"李雷","mobile":"13800000001","dept_id_list":[20,"21"]}})");
  REQUIRE(member.has_value());
  CHECK(member->staff == "li0421");
  CHECK(member->name == "李雷");
  CHECK(member->mobile == "13800000001");
  CHECK(member->departments == std::vector<std::string>{"20", "21"});
}

TEST_CASE("what is no member is nobody") {
  for (auto const* body : {"", "[]", "{}", R"({"result":{}})", R"({"result":{"userid":7}})", R"({"result":[]})",
                           R"({"result":{"userid":""}})"}) {
    CAPTURE(body);
    CHECK_FALSE(member_of(body).has_value());
  }
  auto const odd = member_of(R"({"result":{"userid":"a","dept_id_list":{"20":true},"mobile":13800000001}})");
  REQUIRE(odd.has_value());
  CHECK(odd->departments.empty());
  CHECK(odd->mobile.empty());
}

TEST_CASE("a number of China is looked for without its country") {
  CHECK(mobile_of("+8613800000001") == "13800000001");
  CHECK(mobile_of("+85212345678") == "+85212345678");
  CHECK(mobile_of("") == "");
}

TEST_CASE("a department gives its members a role; of several the one that may most") {
  auto const options = with_departments();
  Member member{"li0421", "李雷", "", {"21"}};
  auto guest = guest_of(member, options);
  REQUIRE(guest.has_value());
  CHECK(guest->role == Role::viewer);
  CHECK(guest->identities.dingtalk == "li0421");
  CHECK(guest->name.in(Locale::zh_cn) == "李雷");
  member.departments = {"21", "30", "20"};
  guest = guest_of(member, options);
  REQUIRE(guest.has_value());
  CHECK(guest->role == Role::admin);
  member.departments = {"2", "200", ""};
  CHECK_FALSE(guest_of(member, options).has_value());
  member.departments = {"20"};
  CHECK_FALSE(guest_of(member, DingTalkOptions{}).has_value());
}

TEST_CASE("what the configuration says of people stands, whatever a platform found out") {
  auto config = test::shipped_config("demo.yaml");
  REQUIRE(config.people.size() >= 2);
  auto const first = config.people[0].id;
  auto const second = config.people[1].id;
  config.people[0].identities.dingtalk = "written";
  config.people[1].identities.dingtalk.clear();
  Acquaintances known;
  known.staff[first] = "other";
  known.staff[second] = "found";
  known.staff[PersonId{"nobody"}] = "lost";
  auto const all = introduced(config, known);
  CHECK(all.person(first)->identities.dingtalk == "written");
  CHECK(all.person(second)->identities.dingtalk == "found");
  CHECK(all.people.size() == config.people.size());
  // One account is one person's.
  known.staff[second] = "written";
  CHECK(introduced(config, known).person(second)->identities.dingtalk.empty());
}

TEST_CASE("a guest is a person, but nobody who is named already") {
  auto config = test::shipped_config("demo.yaml");
  config.people[0].identities.dingtalk = "li0421";
  auto const guest = guest_of({"zhao0999", "赵", "", {"20"}}, with_departments());
  auto const twin = guest_of({"li0421", "李雷", "", {"30"}}, with_departments());
  REQUIRE(guest.has_value());
  REQUIRE(twin.has_value());
  Acquaintances known;
  known.guests = {{"zhao0999", *guest}, {"li0421", *twin}};
  Setup const setup(introduced(config, known), std::make_shared<Catalogue const>(Catalogue::shipped()));
  CHECK(setup.config.people.size() == config.people.size() + 1);
  CHECK(setup.caller_of("dingtalk", "zhao0999").role == Role::responder);
  CHECK_FALSE(setup.caller_of("dingtalk", "zhao0999").person.empty());
  CHECK(setup.caller_of("dingtalk", "li0421").person == config.people[0].id);
  CHECK(setup.caller_of("dingtalk", "li0421").role == config.people[0].role);
  CHECK(setup.caller_of("dingtalk", "somebody").person.empty());
}
