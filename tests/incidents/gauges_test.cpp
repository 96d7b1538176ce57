// The numbers behind /metrics: right, cheap however much was closed long ago, and there afloat, too.
#include "incidents/store/gauges.hpp"

#include "incidents/store/upkeep.hpp"
#include "tests/incidents/voyage.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

/// Keeps how the engine goes about each statement.
class Explaining final : public Database {
 public:
  explicit Explaining(Database& real) : real_(real) {}
  std::int64_t run(std::string_view sql, std::initializer_list<Value> parameters) override {
    return real_.run(sql, parameters);
  }
  void each(std::string_view sql, std::initializer_list<Value> parameters, OnRow const& on_row) override {
    ++statements;
    real_.each("EXPLAIN QUERY PLAN " + std::string(sql), parameters,
               [this](Row const& row) { plan.push_back(row.string(3)); });
    real_.each(sql, parameters, on_row);
  }
  void script(std::string_view sql) override { real_.script(sql); }
  bool in_transaction() const override { return real_.in_transaction(); }

  std::vector<std::string> plan;
  int statements = 0;

 private:
  Database& real_;
};

store::Gauges gauges_of(Store& store) {
  return store.in_unit([](Desk const& desk) { return store::gauges(desk.database, desk.now); });
}

}  // namespace

TEST_CASE("incidents are counted while they run, by severity and status; practice apart") {
  Store store;
  auto const first = store.open(Severity::p0);
  static_cast<void>(store.open(Severity::p0));
  static_cast<void>(store.open(Severity::p2));
  auto const practice = store.open(Severity::p1);
  auto const over = store.open(Severity::p3);
  store.unit([&](Desk const& desk) {
    desk.database.run("UPDATE incidents SET drill = 1 WHERE id = ?1", {practice.id.value});
    desk.database.run("UPDATE incidents SET status = 3 WHERE id = ?1", {over.id.value});
  });
  REQUIRE(store.acknowledge(first.id, kAlice).has_value());
  auto const counted = gauges_of(store);
  using Row = std::array<std::int64_t, store::kOpenStatuses>;
  CHECK(counted.incidents == std::array<Row, 4>{Row{1, 1, 0}, Row{0, 0, 0}, Row{1, 0, 0}, Row{0, 0, 0}});
  CHECK(counted.drills == 1);
}

TEST_CASE("what is due is overdue once its instant has passed, and the oldest is named") {
  Store store;
  CHECK(gauges_of(store).clocks.waiting == 0);
  static_cast<void>(store.open(Severity::p0));
  store.unit([](Desk const& desk) { static_cast<void>(take_pages(desk, 100)); });
  auto counted = gauges_of(store);
  CHECK(counted.in_flight > 0);
  CHECK(counted.clocks.waiting == 1);
  CHECK(counted.clocks.overdue == 0);
  CHECK_FALSE(counted.clocks.oldest);
  auto const due = store.in_unit([](Desk const& desk) { return earliest_due(desk.database); });
  REQUIRE(due);
  store.clock.set(*due + 7h);
  counted = gauges_of(store);
  CHECK(counted.clocks.overdue + counted.pages.overdue > 0);
  CHECK(earlier(counted.clocks.oldest, counted.pages.oldest) == due);
  CHECK(counted.outbox.waiting == store.count("outbox"));
  CHECK(counted.outbox.overdue == counted.outbox.waiting);
}

TEST_CASE("approvals and reviews are counted while somebody must do something about them") {
  Store store;
  auto const incident = store.open(Severity::p0);
  store.unit([&](Desk const& desk) {
    Approval approval;
    approval.incident = incident.id;
    approval.asked_at = desk.now;
    approval.expires_at = desk.now + 10min;
    store::insert_approval(desk.database, approval);
    approval.state = ApprovalState::denied;
    store::insert_approval(desk.database, approval);
    store::insert_review(desk.database, {0, incident.id, "K1", kAlice, desk.now, "why", {}, {}, {}});
    store::insert_review(desk.database, {0, incident.id, "K2", kAlice, desk.now, "why", {}, {}, {}});
    REQUIRE(store::finish_review(desk.database, "K2", kBob, "fine", desk.now));
    store::append_audit(desk.database, {0, desk.now, {}, "", "test", "done", "", Millis{0}, {}});
  });
  auto counted = gauges_of(store);
  CHECK(counted.approvals == 1);
  CHECK(counted.reviews == 1);
  CHECK(counted.audit_rows == store.count("audit"));
  store.clock.move(10min);
  CHECK(gauges_of(store).approvals == 0);
}

TEST_CASE("what was closed long ago costs nothing: every statement reads an index") {
  Store store;
  store.unit([](Desk const& desk) {
    Explaining explaining(desk.database);
    static_cast<void>(store::gauges(explaining, desk.now));
    CHECK(explaining.statements == 8);
    for (auto const& step : explaining.plan) {
      // Reviews are as many as glasses were broken.
      bool const whole_table = step.starts_with("SCAN") && step.find("INDEX") == std::string::npos &&
                               step != "SCAN reviews" && step != "SCAN CONSTANT ROW" &&
                               step.find("audit") == std::string::npos;
      CHECK_MESSAGE(!whole_table, step);
      CHECK_MESSAGE(step.find("TEMP B-TREE") == std::string::npos, step);
    }
  });
}

TEST_CASE("with the disk full the numbers come from memory") {
  Voyage voyage;
  REQUIRE(voyage.board() == "well");
  static_cast<void>(voyage.open(Severity::p0));
  voyage.disk.fill();
  static_cast<void>(voyage.open(Severity::p1));
  auto const counted = voyage.in_unit([](Desk const& desk) { return store::gauges(desk.database, desk.now); });
  CHECK(voyage.told().back().afloat);
  CHECK(counted.incidents[0][0] == 1);
  CHECK(counted.incidents[1][0] == 1);
  CHECK(counted.pages.waiting > 0);
  voyage.disk.mend();
  voyage.end();
}
