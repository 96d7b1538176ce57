#include <doctest/doctest.h>

#include <string>

#include "integrations/paging/smtp_verdict.hpp"

namespace tocsin::paging {
namespace {

using Kind = DeliveryOutcome::Kind;

TEST_CASE("every end of a dialogue has its outcome") {
  struct Row {
    std::string name;
    SmtpDialogue dialogue;
    Kind kind;
  };
  for (Row const& row : {
           Row{"250 after the dot", {SmtpEnd::complete, 250, true, 250, ""}, Kind::accepted},
           Row{"250, then the goodbye breaks", {SmtpEnd::broken, 250, true, 250, ""}, Kind::accepted},
           Row{"250, then the goodbye takes too long", {SmtpEnd::timed_out, 250, true, 250, ""}, Kind::accepted},
           Row{"250, then we are told to stop", {SmtpEnd::stopped, 250, true, 250, ""}, Kind::accepted},
           Row{"451 after the dot", {SmtpEnd::broken, 451, true, 451, ""}, Kind::retry_later},
           Row{"421 after the dot", {SmtpEnd::broken, 421, true, 421, ""}, Kind::retry_later},
           Row{"554 after the dot", {SmtpEnd::broken, 554, true, 554, ""}, Kind::rejected},
           Row{"530 after the dot", {SmtpEnd::broken, 530, true, 530, ""}, Kind::misconfigured},
           Row{"the connection breaks after the dot", {SmtpEnd::broken, 354, true, 0, ""}, Kind::unknown},
           Row{"silence after the dot", {SmtpEnd::timed_out, 354, true, 0, ""}, Kind::unknown},
           Row{"stopped after the dot", {SmtpEnd::stopped, 354, true, 0, ""}, Kind::unknown},
           Row{"nonsense after the dot", {SmtpEnd::broken, 354, true, 399, ""}, Kind::unknown},
           Row{"the connection breaks before it", {SmtpEnd::broken, 354, false, 0, ""}, Kind::retry_later},
           Row{"silence before it", {SmtpEnd::timed_out, 250, false, 0, ""}, Kind::retry_later},
           Row{"silence long after a 5xx that was overcome",
               {SmtpEnd::timed_out, 502, false, 0, ""},
               Kind::retry_later},
           Row{"stopped before it", {SmtpEnd::stopped, 220, false, 0, ""}, Kind::retry_later},
           Row{"421 at the door", {SmtpEnd::broken, 421, false, 0, ""}, Kind::retry_later},
           Row{"554 at the door", {SmtpEnd::broken, 554, false, 0, ""}, Kind::rejected},
           Row{"450 for the recipient", {SmtpEnd::broken, 450, false, 0, ""}, Kind::retry_later},
           Row{"550 for the recipient", {SmtpEnd::broken, 550, false, 0, ""}, Kind::rejected},
           Row{"530 for the sender: login wanted", {SmtpEnd::broken, 530, false, 0, ""}, Kind::misconfigured},
           Row{"535", {SmtpEnd::login, 535, false, 0, ""}, Kind::misconfigured},
           Row{"454 at the login", {SmtpEnd::login, 454, false, 0, ""}, Kind::retry_later},
           Row{"a login without a reply code", {SmtpEnd::login, 250, false, 0, ""}, Kind::misconfigured},
           Row{"a bad certificate", {SmtpEnd::certificate, 220, false, 0, ""}, Kind::misconfigured},
           Row{"no STARTTLS", {SmtpEnd::no_tls, 250, false, 0, ""}, Kind::misconfigured},
           Row{"a failed handshake", {SmtpEnd::tls, 220, false, 0, ""}, Kind::retry_later},
           Row{"no such name", {SmtpEnd::unresolved, 0, false, 0, ""}, Kind::retry_later},
           Row{"nobody listens", {SmtpEnd::unreachable, 0, false, 0, ""}, Kind::retry_later},
           Row{"a probe that went well", {SmtpEnd::complete, 250, false, 0, ""}, Kind::accepted},
       }) {
    CAPTURE(row.name);
    auto const outcome = judge(row.dialogue);
    CHECK(outcome.kind == row.kind);
    CHECK_FALSE(outcome.detail.empty());
    CHECK_FALSE(outcome.retry_after);
  }
}

TEST_CASE("every reply code after the message has a verdict, and only 2xx is acceptance") {
  for (int code = 200; code < 600; ++code) {
    CAPTURE(code);
    auto const kind = judge({SmtpEnd::complete, code, true, code, ""}).kind;
    CHECK((kind == Kind::accepted) == (code < 300));
    if (code >= 400) CHECK((kind == Kind::retry_later) == (code < 500));
  }
}

TEST_CASE("the words of the server are passed on") {
  auto const accepted = judge({SmtpEnd::complete, 250, true, 250, "250 2.0.0 queued as 4F1"});
  CHECK(accepted.provider_reference == "250 2.0.0 queued as 4F1");
  CHECK(judge({SmtpEnd::broken, 550, false, 0, "550 5.1.1 no such user"}).detail == "refused: 550 5.1.1 no such user");
}

}  // namespace
}  // namespace tocsin::paging
