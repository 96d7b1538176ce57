#include "incidents/escalation.hpp"

#include "tests/incidents/support.hpp"

using namespace tocsin;
using namespace tocsin::test;

TEST_CASE("a policy comes back as it was frozen") {
  EscalationPolicy full;
  full.steps = {{Target::response, 0, {role("duty")}, Millis{5min}, Until::acknowledged},
                {Target::response,
                 kMaxStepPercent,
                 {role("tech-lead"), {Recipient::Kind::person, "li.lei"}},
                 {},
                 Until::mitigated},
                {Target::recovery, 80, {}, Millis{1}, Until::mitigated},
                {Target::recovery, 100, {role("值班-2")}, {}, Until::acknowledged}};
  EscalationPolicy most;
  for (std::size_t i = 0; i < kMaxSteps; ++i) most.steps.push_back(full.steps[i % 4]);
  auto idle = full;
  idle.idle_page = 10min;
  EscalationPolicy only_idle;
  only_idle.idle_page = Millis{1};
  auto promises = manual_promises();
  for (auto const& policy :
       {EscalationPolicy{}, full, idle, only_idle, most, promises.policies[0], promises.policies[3]}) {
    auto const text = encode(policy);
    CAPTURE(text);
    auto const back = decode_policy(text);
    REQUIRE(back.has_value());
    CHECK(*back == policy);
    CHECK(text.find('\n') == std::string::npos);
  }
}

TEST_CASE("the frozen form is the documented line") {
  EscalationPolicy policy;
  policy.steps = {{Target::response, 0, {role("duty")}, Millis{5min}, Until::acknowledged}};
  policy.idle_page = 10min;
  CHECK(encode(policy) == "response 0% role:duty every 300000 until acknowledged;idle 600000;");
}

TEST_CASE("a damaged policy is refused as invalid, on each side of every limit") {
  std::string const good = "response 0% role:duty every 300000 until acknowledged;";
  std::string many;
  for (std::size_t i = 0; i <= kMaxSteps; ++i) many += good;
  for (std::string const& text : {
           std::string("x"),
           std::string("response"),
           std::string("response 0%"),
           std::string("response 0% role:duty"),
           std::string("response 0% role:duty until"),
           std::string("response 0% role:duty until acknowledged"),
           std::string("response 0% role:duty until never;"),
           std::string("response 0% team:duty until acknowledged;"),
           std::string("response % role:duty until acknowledged;"),
           std::string("response -1% role:duty until acknowledged;"),
           std::string("response 1001% role:duty until acknowledged;"),
           std::string("response 99999999999999999999% role:duty until acknowledged;"),
           std::string("recover 0% role:duty until acknowledged;"),
           std::string("response 0% every 0 until acknowledged;"),
           std::string("response 0% every -5 until acknowledged;"),
           std::string("response 0% every x until acknowledged;"),
           std::string("idle 0;"),
           std::string("idle -1;"),
           std::string("idle 5"),
           std::string("idle 5;idle 5;"),
           "idle 5;" + good,
           good + " ",
           good + "idle",
           many,
       }) {
    CAPTURE(text);
    auto const policy = decode_policy(text);
    REQUIRE(policy.has_error());
    CHECK(policy.error().code == Errc::invalid);
  }
  CHECK(decode_policy(many.substr(good.size())).has_value());
}

TEST_CASE("every prefix of a policy is refused or is a shorter policy; none crashes") {
  auto const text = encode(manual_promises().policies[0]);
  for (std::size_t length = 0; length < text.size(); ++length) {
    auto const policy = decode_policy(std::string_view(text).substr(0, length));
    CAPTURE(length);
    if (policy.has_value()) CHECK(encode(*policy) == text.substr(0, length));
  }
}
