#include "bot/must_act.hpp"

#include <doctest/doctest.h>

using namespace tocsin;

namespace {

using People = std::vector<PersonId>;

std::vector<Notice> names(std::vector<char const*> const& people) {
  std::vector<Notice> names;
  for (auto const* each : people) names.push_back(Notice("person").with("who", PersonId{each}));
  return names;
}

}  // namespace

TEST_CASE("must act: whose turn it is, each once") {
  CHECK(must_act(Message(Notice("lapse.response").with("next", names({"li", "wang", "li"})))) ==
        People{{"li"}, {"wang"}});
  CHECK(must_act(Message(Notice("incident.escalated").with("who", PersonId{"li"}).with("people", names({"cto"})))) ==
        People{{"cto"}});
  CHECK(must_act(Message(Notice("page.unreachable").with("who", PersonId{"li"}).with("next", PersonId{"wang"}))) ==
        People{{"wang"}});
}

TEST_CASE("must act: an incident is given to somebody, unless they took it themselves") {
  auto const assigned = [](char const* who, char const* by) {
    return must_act(Message(Notice("incident.assigned").with("who", PersonId{who}).with("by", PersonId{by})));
  };
  CHECK(assigned("wang", "li") == People{{"wang"}});
  CHECK(assigned("li", "li").empty());
}

TEST_CASE("must act: nobody on what only tells") {
  CHECK(must_act({}).empty());
  CHECK(must_act(Message(Notice("incident.resolved").with("who", PersonId{"li"}))).empty());
  CHECK(must_act(Message(Notice("lapse.response"))).empty());
  // A person's words are no person, and a code block names nobody.
  CHECK(must_act(Message(Notice("incident.assigned").with("who", std::string("wang")))).empty());
}
