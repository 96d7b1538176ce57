#include "bot/recording.hpp"

#include <doctest/doctest.h>

using namespace tocsin;

namespace {

Inbound asked(bool post_answer) {
  Inbound inbound;
  inbound.post_answer = post_answer;
  return inbound;
}

Caller known() {
  Caller caller;
  caller.person = {"li"};
  return caller;
}

Message with_file() {
  Message message(Notice("postmortem.done"));
  message.blocks.emplace_back(File{});
  return message;
}

}  // namespace

TEST_CASE("recording: what outlives a crash, and for whom") {
  Message const answer(Notice("incident.card"));
  Message const refusal(Notice("refused.role"));
  CHECK(is_to_be_posted(asked(true), known(), answer, false));
  CHECK(is_to_be_posted(asked(true), known(), refusal, false));
  CHECK(is_to_be_posted(asked(true), known(), answer, true));
  CHECK_FALSE(is_to_be_posted(asked(false), known(), answer, false));
  CHECK_FALSE(is_to_be_posted(asked(true), known(), {}, false));
  // Its content is not stored: whoever holds it says it.
  CHECK_FALSE(is_to_be_posted(asked(true), known(), with_file(), false));
}

TEST_CASE("recording: what is for somebody alone is never stored for everybody") {
  // Nobody in the configuration has this account: "for this person alone" would mean for all.
  Caller const stranger;
  CHECK(is_to_be_posted(asked(true), stranger, Message(Notice("incident.card")), false));
  CHECK_FALSE(is_to_be_posted(asked(true), stranger, Message(Notice("refused.unknown_account")), false));
  CHECK_FALSE(is_to_be_posted(asked(true), stranger, Message(Notice("incident.card")), true));
}

TEST_CASE("recording: the outcome that the audit keeps is that of the first line") {
  using Pair = std::pair<std::string, std::string>;
  CHECK(outcome_of(Message(Notice("refused.role"))) == Pair{"refused", "role"});
  CHECK(outcome_of(Message(Notice("action.failed"))) == Pair{"failed", "action.failed"});
  CHECK(outcome_of(Message(Notice("ask.approval"))) == Pair{"asked", "approval"});
  CHECK(outcome_of(Message(Notice("incident.card"))) == Pair{"done", "incident.card"});
  CHECK(outcome_of({}) == Pair{"done", ""});
  CHECK(state_of(Message(Notice("ask.approval"))) == Reply::State::done);
  CHECK(state_of(Message(Notice("action.failed"))) == Reply::State::refused);
}
