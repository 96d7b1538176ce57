#include "incidents/page.hpp"

#include <limits>

#include "tests/incidents/support.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

using Kind = Outcome::Kind;

Deliveries planned() { return plan_deliveries({{"phone", "+86"}, {"email", "a@b"}, {"inbox", "alice"}}, kStart); }

/// As the sender does when a delivery's turn has come.
void start(Deliveries& deliveries, std::size_t which) {
  deliveries[which].state = DeliveryState::sending;
  deliveries[which].next_due.reset();
  ++deliveries[which].tries;
}

/// "sending never, waiting 0:10, skipped never"
std::string told(Deliveries const& deliveries) {
  std::string text;
  for (auto const& each : deliveries) {
    if (!text.empty()) text += ", ";
    text += std::string(name_of(each.state)) + ' ' + stamp(each.next_due);
  }
  return text;
}

}  // namespace

TEST_CASE("the channels of a page take turns ten seconds apart, in the order of preference") {
  CHECK(told(planned()) == "waiting 0:00, waiting 0:10, waiting 0:20");
  CHECK(planned()[1].channel == "email");
  CHECK(planned()[1].contact == "a@b");
  CHECK(stamp(next_due(planned())) == "0:00");
  CHECK(plan_deliveries({}, kStart).empty());
}

TEST_CASE("what an outcome of the first channel changes, 3 s after the page was made") {
  struct Row {
    char const* name;
    Kind kind;
    std::optional<Millis> retry_after;
    std::int32_t tries;
    char const* expected;
    bool may_repeat;
    PageState state;
  };
  constexpr std::optional<Millis> kNone;
  for (Row const& row : {
           Row{"accepted", Kind::accepted, kNone, 1, "accepted never, skipped never, skipped never", false,
               PageState::accepted},
           Row{"later", Kind::retry_later, kNone, 1, "waiting 0:05, waiting 0:10, waiting 0:20", false,
               PageState::queued},
           Row{"later, at least 7 s", Kind::retry_later, 7s, 1, "waiting 0:10, waiting 0:10, waiting 0:20", false,
               PageState::queued},
           Row{"later, at least 1 s: the backoff is longer", Kind::retry_later, 1s, 1,
               "waiting 0:05, waiting 0:10, waiting 0:20", false, PageState::queued},
           Row{"later, a time in the past", Kind::retry_later, -1h, 1, "waiting 0:05, waiting 0:10, waiting 0:20",
               false, PageState::queued},
           Row{"unknown", Kind::unknown, kNone, 1, "waiting 0:05, waiting 0:10, waiting 0:20", true, PageState::queued},
           Row{"rejected: the next channel at once", Kind::rejected, kNone, 1,
               "failed never, waiting 0:03, waiting 0:20", false, PageState::queued},
           Row{"misconfigured: the next channel at once", Kind::misconfigured, kNone, 1,
               "failed never, waiting 0:03, waiting 0:20", false, PageState::queued},
           Row{"later, one try left", Kind::retry_later, kNone, kMaxTries - 1,
               "waiting 5:03, waiting 0:10, waiting 0:20", false, PageState::queued},
           Row{"later, the last try", Kind::retry_later, kNone, kMaxTries, "failed never, waiting 0:03, waiting 0:20",
               false, PageState::queued},
           Row{"unknown, the last try", Kind::unknown, kNone, kMaxTries, "failed never, waiting 0:03, waiting 0:20",
               true, PageState::queued},
       }) {
    CAPTURE(row.name);
    auto deliveries = planned();
    start(deliveries, 0);
    deliveries[0].tries = row.tries;
    apply_outcome(deliveries, 0, {row.kind, row.retry_after, "said"}, 0.0, kStart + 3s);
    CHECK(told(deliveries) == row.expected);
    CHECK(deliveries[0].may_repeat == row.may_repeat);
    CHECK(deliveries[0].detail == "said");
    CHECK(name_of(state_of(deliveries)) == name_of(row.state));
  }
}

TEST_CASE("a mark of a possible repeat stays until the end, whatever the later outcomes") {
  auto deliveries = planned();
  start(deliveries, 0);
  apply_outcome(deliveries, 0, {Kind::unknown, {}, ""}, 0.0, kStart);
  start(deliveries, 0);
  apply_outcome(deliveries, 0, {Kind::retry_later, {}, ""}, 0.0, kStart);
  CHECK(deliveries[0].may_repeat);
}

TEST_CASE("the wait doubles from two seconds to five minutes, plus at most a quarter") {
  Millis const expected[] = {2s, 4s, 8s, 16s, 32s, 64s, 128s, 256s, 300s, 300s, 300s};
  for (std::int32_t tries = 1; tries <= 11; ++tries) {
    for (auto const jitter : {0.0, 0.5, 0.999}) {
      CAPTURE(tries);
      auto deliveries = planned();
      start(deliveries, 0);
      deliveries[0].tries = tries;
      apply_outcome(deliveries, 0, {Kind::retry_later, {}, ""}, jitter, kStart);
      auto const wait = *deliveries[0].next_due - kStart;
      auto const base = expected[tries - 1];
      CHECK(wait >= base);
      CHECK(wait <= base + base / 4);
      if (jitter == 0.0) CHECK(wait == base);
    }
  }
}

TEST_CASE("a provider that names an absurd wait can neither silence a page for days nor overflow the clock") {
  for (auto const after : {Millis{24h}, Millis{24h * 365}, Millis::max()}) {
    auto deliveries = planned();
    start(deliveries, 0);
    apply_outcome(deliveries, 0, {Kind::retry_later, after, ""}, 0.0, kStart);
    REQUIRE(deliveries[0].next_due);
    CHECK(*deliveries[0].next_due > kStart);
    CHECK(*deliveries[0].next_due <= kStart + kLongestWait);
  }
  auto deliveries = planned();
  start(deliveries, 0);
  apply_outcome(deliveries, 0, {Kind::retry_later, kLongestWait - 1ms, ""}, 0.0, kStart);
  CHECK(*deliveries[0].next_due == kStart + kLongestWait - 1ms);
}

TEST_CASE("whatever fails last calls the next channel that has not begun, and nobody when there is none") {
  auto deliveries = planned();
  start(deliveries, 0);
  apply_outcome(deliveries, 0, {Kind::rejected, {}, ""}, 0.0, kStart + 1s);
  start(deliveries, 1);
  apply_outcome(deliveries, 1, {Kind::rejected, {}, ""}, 0.0, kStart + 2s);
  CHECK(told(deliveries) == "failed never, failed never, waiting 0:02");
  start(deliveries, 2);
  apply_outcome(deliveries, 2, {Kind::rejected, {}, ""}, 0.0, kStart + 3s);
  CHECK(told(deliveries) == "failed never, failed never, failed never");
  CHECK(state_of(deliveries) == PageState::failed);
  CHECK(given_up(deliveries, kStart, kStart + 3s));
  CHECK_FALSE(page_due(deliveries, kStart, true));
}

TEST_CASE("a channel whose turn has come already is not put off when another one fails") {
  auto deliveries = planned();
  start(deliveries, 0);
  apply_outcome(deliveries, 0, {Kind::rejected, {}, ""}, 0.0, kStart + 15s);
  CHECK(told(deliveries) == "failed never, waiting 0:10, waiting 0:20");
}

TEST_CASE("the inbox wakes nobody: it ends neither the other channels nor the call for the next person") {
  auto deliveries = plan_deliveries({{"email", "a@b"}, {"inbox", "alice"}}, kStart);
  start(deliveries, 0);
  apply_outcome(deliveries, 0, {Kind::retry_later, {}, "451"}, 0.0, kStart);
  start(deliveries, 1);
  apply_outcome(deliveries, 1, {Kind::accepted, {}, ""}, 0.0, kStart + 10s);
  CHECK(told(deliveries) == "waiting 0:02, accepted never");
  CHECK(state_of(deliveries) == PageState::queued);
  CHECK_FALSE(given_up(deliveries, kStart, kStart + 19s));
  CHECK(given_up(deliveries, kStart, kStart + 20s));
  CHECK(stamp(page_due(deliveries, kStart, false)) == "0:02");
  SUBCASE("the mail goes after all") {
    start(deliveries, 0);
    apply_outcome(deliveries, 0, {Kind::accepted, {}, ""}, 0.0, kStart + 15s);
    CHECK(state_of(deliveries) == PageState::accepted);
    CHECK_FALSE(given_up(deliveries, kStart, kStart + 1h));
  }
  SUBCASE("the mail never goes") {
    start(deliveries, 0);
    apply_outcome(deliveries, 0, {Kind::misconfigured, {}, "535"}, 0.0, kStart + 12s);
    CHECK(state_of(deliveries) == PageState::failed);
    CHECK(given_up(deliveries, kStart, kStart + 12s));
  }
  // Where it is all there is, it is enough: nothing better can come.
  auto alone = plan_deliveries({{"inbox", "alice"}}, kStart);
  start(alone, 0);
  apply_outcome(alone, 0, {Kind::accepted, {}, ""}, 0.0, kStart);
  CHECK(state_of(alone) == PageState::accepted);
  CHECK_FALSE(given_up(alone, kStart, kStart + 1h));
}

TEST_CASE("once one channel is accepted the others stop, also those whose news comes late") {
  for (auto const kind : {Kind::retry_later, Kind::unknown, Kind::rejected, Kind::accepted}) {
    auto deliveries = planned();
    start(deliveries, 0);
    start(deliveries, 1);
    apply_outcome(deliveries, 1, {Kind::accepted, {}, ""}, 0.0, kStart + 11s);
    CHECK(told(deliveries) == "sending never, accepted never, skipped never");
    CHECK_FALSE(given_up(deliveries, kStart, kStart + 1h));
    apply_outcome(deliveries, 0, {kind, {}, ""}, 0.0, kStart + 12s);
    CHECK_FALSE(next_due(deliveries));
    CHECK(state_of(deliveries) == PageState::accepted);
  }
}

TEST_CASE("the next person is called ten seconds after the last channel's turn, or at once when all have failed") {
  auto deliveries = planned();
  CHECK_FALSE(given_up(deliveries, std::nullopt, kStart + 99h));  // not even tried: the sender is what hangs
  start(deliveries, 0);
  CHECK_FALSE(given_up(deliveries, kStart, kStart + 30s - 1ms));
  CHECK(given_up(deliveries, kStart, kStart + 30s));
  CHECK(stamp(page_due(deliveries, kStart, false)) == "0:10");
  deliveries[1].next_due.reset();
  deliveries[2].next_due.reset();
  CHECK(stamp(page_due(deliveries, kStart, false)) == "0:30");
  CHECK(stamp(page_due(deliveries, kStart, true)) == "never");
  auto single = plan_deliveries({{"email", "a@b"}}, kStart);
  start(single, 0);
  CHECK(stamp(page_due(single, kStart, false)) == "0:10");
  CHECK(given_up(single, kStart, kStart + 10s));
}

TEST_CASE("an outcome lost in a crash is tried again at once and marked; any other state is left alone") {
  for (auto const state : {DeliveryState::waiting, DeliveryState::sending, DeliveryState::accepted,
                           DeliveryState::failed, DeliveryState::skipped}) {
    Delivery delivery{"email", "a@b", state, 1, std::nullopt, false, ""};
    auto const before = delivery;
    apply_lost_outcome(delivery, kStart + 9s);
    if (state == DeliveryState::sending) {
      CHECK(delivery.state == DeliveryState::waiting);
      CHECK(delivery.may_repeat);
      CHECK(stamp(delivery.next_due) == "0:09");
    } else {
      CHECK(delivery == before);
    }
  }
}

TEST_CASE("the state of a page follows from its deliveries") {
  struct Row {
    std::vector<DeliveryState> states;
    PageState expected;
  };
  using enum DeliveryState;
  for (Row const& row : {Row{{waiting, waiting}, PageState::queued}, Row{{sending, waiting}, PageState::sending},
                         Row{{waiting, sending}, PageState::sending}, Row{{failed, waiting}, PageState::queued},
                         Row{{failed, failed}, PageState::failed}, Row{{failed, skipped}, PageState::failed},
                         Row{{failed, accepted}, PageState::accepted}, Row{{sending, accepted}, PageState::accepted}}) {
    Deliveries deliveries;
    for (auto const state : row.states) deliveries.push_back({"email", "", state, 0, std::nullopt, false, ""});
    CHECK(name_of(state_of(deliveries)) == name_of(row.expected));
  }
}

TEST_CASE("names of the states of pages and deliveries go both ways") {
  for (std::uint8_t i = 0; i < 8; ++i) {
    auto const state = static_cast<PageState>(i);
    CHECK(page_state_of(name_of(state)) == state);
  }
  for (std::uint8_t i = 0; i < 5; ++i) {
    auto const state = static_cast<DeliveryState>(i);
    CHECK(delivery_state_of(name_of(state)) == state);
  }
  CHECK_FALSE(page_state_of("Queued"));
  CHECK_FALSE(delivery_state_of(""));
}

TEST_CASE("a position that does not exist is our own mistake, not a silent nothing") {
  auto deliveries = planned();
  CHECK_THROWS_AS(apply_outcome(deliveries, 3, {Kind::accepted, {}, ""}, 0.0, kStart), std::out_of_range);
}
