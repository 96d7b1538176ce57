#include "bot/dingtalk/directory.hpp"

#include <doctest/doctest.h>

#include <string>

#include "bot/acquaintances.hpp"
#include "bot/setup.hpp"
#include "tests/bot/stage.hpp"

using namespace tocsin;
using namespace tocsin::dingtalk;

namespace {

std::vector<Department> const kDepartments{{"20", Role::responder}, {"21", Role::viewer}, {"30", Role::admin}};

Config with_dingtalk() {
  auto config = test::shipped_config("demo.yaml");
  config.chat.dingtalk = DingTalkOptions{};
  config.chat.dingtalk->departments = kDepartments;
  return config;
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

TEST_CASE("a department gives its members a role, of several the one that may most, but never one that approves") {
  Guest guest{"李雷", {"21"}};
  auto person = person_of("li0421", guest, kDepartments);
  REQUIRE(person.has_value());
  CHECK(person->role == Role::viewer);
  CHECK(person->identities.dingtalk == "li0421");
  CHECK(person->name.in(Locale::zh_cn) == "李雷");
  CHECK(person->guest);
  guest.departments = {"21", "20"};
  person = person_of("li0421", guest, kDepartments);
  REQUIRE(person.has_value());
  CHECK(person->role == Role::responder);
  guest.departments = {"21", "30", "20"};
  person = person_of("li0421", guest, kDepartments);
  REQUIRE(person.has_value());
  CHECK(person->role == Role::responder);
  guest.departments = {"2", "200", ""};
  CHECK_FALSE(person_of("li0421", guest, kDepartments).has_value());
  guest.departments = {"20"};
  CHECK_FALSE(person_of("li0421", guest, {}).has_value());
}

TEST_CASE("what the configuration says of people stands, whatever a platform found out") {
  auto config = with_dingtalk();
  REQUIRE(config.people.size() >= 2);
  auto const first = config.people[0].id;
  auto const second = config.people[1].id;
  config.people[0].identities.dingtalk = "written";
  config.people[0].identities.phone = config.people[1].identities.phone = "+8613800000001";
  config.people[1].identities.dingtalk.clear();
  Acquaintances known;
  known.staff[first] = {"other", "+8613800000001"};
  known.staff[second] = {"found", "+8613800000001"};
  known.staff[PersonId{"nobody"}] = {"lost", "+8613800000001"};
  auto const all = introduced(config, known);
  CHECK(all.person(first)->identities.dingtalk == "written");
  CHECK(all.person(second)->identities.dingtalk == "found");
  CHECK(all.people.size() == config.people.size());
  // One account is one person's.
  known.staff[second].account = "written";
  CHECK(introduced(config, known).person(second)->identities.dingtalk.empty());
  // With another number it is worth nothing, and without DingTalk nothing is.
  known.staff[second] = {"found", "+8613800000002"};
  CHECK(introduced(config, known).person(second)->identities.dingtalk.empty());
  known.staff[second].phone = "+8613800000001";
  config.chat.dingtalk.reset();
  CHECK(introduced(config, known).person(second)->identities.dingtalk.empty());
}

TEST_CASE("a guest is a person, but nobody who is named already, and only while a department has a role") {
  auto config = with_dingtalk();
  config.people[0].identities.dingtalk = "li0421";
  Acquaintances known;
  known.guests = {{"zhao0999", {"赵", {"20"}}}, {"li0421", {"李雷", {"30"}}}, {"qian", {"钱", {"99"}}}};
  auto const words = std::make_shared<Catalogue const>(Catalogue::shipped());
  Setup const setup(introduced(config, known), words);
  CHECK(setup.config.people.size() == config.people.size() + 1);
  CHECK(setup.caller_of("dingtalk", "zhao0999").role == Role::responder);
  CHECK_FALSE(setup.caller_of("dingtalk", "zhao0999").person.empty());
  CHECK(setup.caller_of("dingtalk", "li0421").person == config.people[0].id);
  CHECK(setup.caller_of("dingtalk", "li0421").role == config.people[0].role);
  CHECK(setup.caller_of("dingtalk", "qian").person.empty());
  CHECK(setup.caller_of("dingtalk", "somebody").person.empty());
  config.chat.dingtalk->departments.clear();
  CHECK(introduced(config, known).people.size() == config.people.size());
}

TEST_CASE("what is known outlives the process, and what is no longer so does not") {
  Acquaintances known;
  known.staff[PersonId{"li"}] = {"li0421", "+8613800000001"};
  known.guests["zhao 0999"] = {"赵 六", {"20", "21"}};
  known.guests["nobody"] = {"", {"20"}};
  std::vector<Fact> facts{{"other", "x"},
                          {std::string(kStaffFact) + "gone", ""},
                          {std::string(kGuestFact) + "bad", "20"},
                          {std::string(kStaffFact) + "bad", "three words here"}};
  facts.push_back(fact_of(PersonId{"li"}, known.staff[PersonId{"li"}]));
  for (auto const& [staff, guest] : known.guests) facts.push_back(fact_of(staff, guest));
  CHECK(acquaintances_in(facts) == known);
}
