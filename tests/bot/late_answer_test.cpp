// Answers that are said later, and what is too late to be done.
#include "bot/late_answer.hpp"

#include <doctest/doctest.h>

#include "incidents/store/inbox.hpp"
#include "tests/bot/stage.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

Message report() {
  Message message(Notice("ping.answer"));
  message.blocks.emplace_back(Code{"Ran: 3 of 3", "text", "out.log"});
  message.blocks.emplace_back(Table{{Notice("head.what")}, {{{std::string("a")}, Verdict::good}}});
  return message;
}

}  // namespace

TEST_CASE("a late answer is kept whole, with the name of what it answers, for one person or for the room") {
  Stage stage(shipped_config("demo.yaml"));
  stage.unit([](Database& database, Instant now) {
    put_late_answer(database, now, {"slack", "C1", "7.1"}, {{"bob"}, true}, report(), "message:C1:7.1");
    auto const rows = store::due_outbox(database, now, 10);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].room.conversation == "C1");
    CHECK(rows[0].room.thread == "7.1");
    CHECK(rows[0].person == PersonId{"bob"});
    // As it is posted: the same blocks, and the same name as what was said of it before.
    auto const again = decode_message(encode(rows[0].what));
    REQUIRE(again.has_value());
    REQUIRE(again->blocks.size() == 3);
    CHECK(std::get<Code>(again->blocks[1]).text == "Ran: 3 of 3");
    CHECK(std::get<Table>(again->blocks[2]).rows.size() == 1);
    CHECK(answer_key(rows[0].what) == answer_key(std::string("message:C1:7.1")));
  });
}

TEST_CASE("two questions have two names, and what was stored without one has none") {
  CHECK(answer_key(std::string("a")) != answer_key(std::string("b")));
  CHECK(answer_key(Notice("ping.answer")).empty());
  CHECK(answer_key(Notice("ping.answer").with("to", std::string())).empty());
  CHECK(answer_key(Notice("ping.answer").with("to", std::int64_t{7})).empty());
}

TEST_CASE("whatever names a private incident is confidential, wherever it does") {
  Stage stage(shipped_config("demo.yaml"));
  stage.say("alice", "/incident open P3 a slow page");
  stage.say("alice", "/incident open P3 passwords in the log --private");
  auto const confidential = [&stage](Message const& message) {
    bool found = false;
    stage.unit([&](Database& database, Instant) { found = is_confidential(database, message); });
    return found;
  };
  auto const about = [](std::int64_t id) { return Notice("ping.answer").with("incident", IncidentId{id}); };
  CHECK_FALSE(confidential(report()));
  CHECK_FALSE(confidential(Message(about(1))));
  CHECK_FALSE(confidential(Message(about(99))));
  CHECK(confidential(Message(about(2))));
  CHECK(confidential(Message(Notice("ping.answer").with("items", std::vector{about(1), about(2)}))));
  auto deep = Notice("ping.answer").with("items", std::vector{about(2)});
  for (int i = 0; i < 5; ++i) deep = Notice("ping.answer").with("items", std::vector{deep});
  CHECK(confidential(Message(deep)));
  auto message = report();
  message.blocks.emplace_back(Table{{Notice("head.what")}, {{{IncidentId{2}}, Verdict::none}}});
  CHECK(confidential(message));
  message.blocks.back() = Fields{{{Notice("head.what"), IncidentId{2}}}};
  CHECK(confidential(message));
}

TEST_CASE("what is too late is asked for again, word for word") {
  auto const sent = from_millis(1'795'403'400'000);
  auto const message = too_late("/fix restart postgres", sent, sent + std::chrono::minutes{35});
  auto const& said = std::get<Say>(message.blocks.front()).notice;
  CHECK(said.key == "refused.too_late");
  CHECK(std::get<Instant>(*said.find("at")) == sent);
  CHECK(std::get<Millis>(*said.find("ago")) == std::chrono::minutes{35});
  auto const& buttons = std::get<Buttons>(message.blocks.back()).buttons;
  REQUIRE(buttons.size() == 1);
  CHECK(buttons[0].command == "/fix restart postgres");
  CHECK(message.choices == std::vector<std::string>{"/fix restart postgres"});
}
