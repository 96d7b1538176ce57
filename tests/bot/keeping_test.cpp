// What is kept, what is forgotten, and the anchors of the audit, on a real store.
#include "bot/keeping.hpp"

#include <doctest/doctest.h>

#include <future>

#include "incidents/store/anchors.hpp"
#include "incidents/store/inbox.hpp"
#include "incidents/store/upkeep.hpp"
#include "tests/bot/stage.hpp"

using namespace tocsin;
using namespace tocsin::test;
using namespace std::chrono_literals;

namespace {

/// Answers as it is told and keeps what it was handed.
class ToldCarrier final : public paging::Carrier {
 public:
  paging::DeliveryOutcome send(paging::PageEnvelope const& page, std::stop_token) override {
    std::lock_guard const lock(mutex);
    sent.push_back(page);
    return {answer, {}, "as told", {}};
  }
  paging::DeliveryOutcome probe() override { return {}; }
  std::mutex mutex;
  std::vector<paging::PageEnvelope> sent;
  paging::DeliveryOutcome::Kind answer = paging::DeliveryOutcome::Kind::accepted;
};

struct Kept {
  explicit Kept(Config config = shipped_config("lawsker.yaml"))
      : stage(std::move(config)),
        keeping({*stage.writer, *stage.workers, stage.clock, [this] { return stage.setup; }, Secret("secret"),
                 stage.folder / "tocsin.db", [this] { return carrier; }, "example.org", [] {}}) {}

  std::optional<Millis> run(void (Keeping::*chore)(Keeping::Done) const) {
    std::promise<std::optional<Millis>> promise;
    auto future = promise.get_future();
    (keeping.*chore)([&promise](std::optional<Millis> again) { promise.set_value(again); });
    return future.get();
  }
  std::int64_t number(std::string const& sql) {
    std::int64_t found = -1;
    stage.unit([&](Database& database, Instant) { found = database.number(sql).value_or(-1); });
    return found;
  }
  std::vector<store::AuditHead> anchors() {
    return store::read_anchors(store::anchors_file(stage.folder / "tocsin.db"), Secret("secret")).heads;
  }

  Stage stage;
  std::shared_ptr<ToldCarrier> carrier = std::make_shared<ToldCarrier>();
  Keeping keeping;
};

constexpr char const* kSaid = "SELECT count(*) FROM outbox WHERE what LIKE '%audit.anchor%'";

}  // namespace

TEST_CASE("the head of the audit goes to the room, to the admins and into the file, when it went on") {
  Kept kept;
  CHECK_FALSE(kept.run(&Keeping::anchor).has_value());
  CHECK(kept.anchors().empty());  // nothing was recorded yet

  kept.stage.say("devops", "新建 P2 慢");
  CHECK_FALSE(kept.run(&Keeping::anchor).has_value());
  REQUIRE(kept.anchors().size() == 1);
  CHECK(kept.number(kSaid) == 1);
  std::size_t admins = 0;
  for (auto const& person : kept.stage.setup->config.people) {
    if (person.role == Role::admin && !person.identities.email.empty()) ++admins;
  }
  REQUIRE(admins > 0);
  REQUIRE(kept.carrier->sent.size() == admins);
  auto const& mail = kept.carrier->sent.front();
  auto const line = store::sign_anchor(kept.anchors().front(), Secret("secret"));
  CHECK(mail.body.find("\n" + line + "\n") != std::string::npos);
  CHECK(mail.subject.find(std::to_string(kept.anchors().front().sequence)) != std::string::npos);

  CHECK_FALSE(kept.run(&Keeping::anchor).has_value());
  CHECK(kept.carrier->sent.size() == admins);
  CHECK(kept.number(kSaid) == 1);
}

TEST_CASE("an anchor that no mail server took is mailed later, and said once") {
  Kept kept;
  kept.stage.say("devops", "新建 P2 慢");
  kept.carrier->answer = paging::DeliveryOutcome::Kind::retry_later;
  CHECK(kept.run(&Keeping::anchor).has_value());
  auto const first = kept.carrier->sent.size();
  CHECK(kept.run(&Keeping::anchor).has_value());
  CHECK(kept.carrier->sent.size() == 2 * first);
  CHECK(kept.carrier->sent.back().message_id == kept.carrier->sent.front().message_id);
  kept.carrier->answer = paging::DeliveryOutcome::Kind::accepted;
  CHECK_FALSE(kept.run(&Keeping::anchor).has_value());
  CHECK_FALSE(kept.run(&Keeping::anchor).has_value());
  CHECK(kept.carrier->sent.size() == 3 * first);
  CHECK(kept.number(kSaid) == 1);
  CHECK(kept.anchors().size() == 1);
}

TEST_CASE("while the mail is tried again no other anchor is made, however the audit grows") {
  Kept kept;
  kept.stage.say("devops", "新建 P2 慢");
  kept.carrier->answer = paging::DeliveryOutcome::Kind::retry_later;
  for (int i = 0; i < 5; ++i) {
    CHECK(kept.run(&Keeping::anchor).has_value());
    kept.stage.say("devops", "备注 又一条");
    kept.stage.clock.move(10min);
  }
  CHECK(kept.anchors().size() == 1);
  CHECK(kept.number(kSaid) == 1);
  kept.stage.clock.move(24h);
  CHECK(kept.run(&Keeping::anchor).has_value());
  CHECK(kept.anchors().size() == 2);
}

TEST_CASE("without mail the room and the file have it") {
  Kept kept;
  kept.carrier = nullptr;
  kept.stage.say("devops", "新建 P2 慢");
  CHECK_FALSE(kept.run(&Keeping::anchor).has_value());
  CHECK(kept.anchors().size() == 1);
  CHECK(kept.number(kSaid) == 1);
}

TEST_CASE("the chat verifies against the file of anchors") {
  Kept kept;
  kept.stage.tools.anchors = [&kept] {
    return store::read_anchors(store::anchors_file(kept.stage.folder / "tocsin.db"), Secret("secret"));
  };
  for (int i = 0; i < 3; ++i) kept.stage.say("devops", "新建 P3 第 " + std::to_string(i));
  kept.run(&Keeping::anchor);
  auto const whole = kept.stage.say("lead", "审计校验");
  CHECK(Stage::key(whole) == "audit.whole");
  CHECK(kept.stage.worded(whole).find("1 个锚") != std::string::npos);
  kept.stage.unit([](Database& database, Instant) { database.run("DELETE FROM audit WHERE sequence > 1", {}); });
  CHECK(Stage::key(kept.stage.say("lead", "审计校验")) == "audit.cut_off");
  std::filesystem::resize_file(store::anchors_file(kept.stage.folder / "tocsin.db"), 0);
  REQUIRE(store::append_anchor(store::anchors_file(kept.stage.folder / "tocsin.db"), "1 x y").has_value());
  CHECK(Stage::key(kept.stage.say("lead", "审计校验")) == "audit.anchor_foreign");
}

TEST_CASE("done envelopes go after a week, outputs after ninety days, in small commits; what is not done stays") {
  Kept kept;
  kept.stage.unit([](Database& database, Instant now) {
    for (int i = 0; i < 700; ++i) {
      store::Envelope envelope{"web", "e" + std::to_string(i), {"devops"}, now, "x", "", {}, {}};
      REQUIRE(store::keep_envelope(database, envelope));
      if (i > 0) store::finish_envelope(database, "web", envelope.id, store::EnvelopeState::done, "x");
    }
    store::Run run;
    run.action = "x";
    run.effect = "read";
    run.started_at = now;
    run.ended_at = now;
    run.output = "long";
    run.digest = "d";
    run.id = store::insert_run(database, run);
    store::finish_run(database, run);
  });
  kept.stage.clock.move(7 * 24h - 1min);
  CHECK_FALSE(kept.run(&Keeping::forget).has_value());
  CHECK(kept.number("SELECT count(*) FROM inbox") == 700);
  kept.stage.clock.move(2min);
  CHECK(kept.run(&Keeping::forget).has_value());
  CHECK(kept.number("SELECT count(*) FROM inbox") == 200);
  CHECK_FALSE(kept.run(&Keeping::forget).has_value());
  CHECK(kept.number("SELECT count(*) FROM inbox") == 1);
  CHECK(kept.number("SELECT count(*) FROM runs WHERE output = 'long'") == 1);
  kept.stage.clock.move(83 * 24h);
  kept.run(&Keeping::forget);
  CHECK(kept.number("SELECT count(*) FROM runs WHERE output = '' AND digest = 'd'") == 1);
}

TEST_CASE("the audit is sealed when it is old enough") {
  Kept kept;
  kept.stage.unit([](Database& database, Instant now) {
    for (int i = 0; i < 10'050; ++i) {
      store::AuditRow row;
      row.at = now;
      row.what = "x";
      store::append_audit(database, row);
    }
  });
  CHECK_FALSE(kept.run(&Keeping::seal).has_value());
  CHECK(kept.number("SELECT count(*) FROM audit") == 10'050);
  kept.stage.clock.move(401 * 24h);
  CHECK(kept.run(&Keeping::seal).has_value());
  CHECK(kept.number("SELECT count(*) FROM audit") == 50);
  CHECK_FALSE(kept.run(&Keeping::seal).has_value());
  kept.stage.unit([&](Database& database, Instant) {
    CHECK_FALSE(store::verify_audit(database, {}, kept.stage.folder / "tocsin.db.audit").has_value());
  });
}
