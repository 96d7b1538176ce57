#include "bot/settled.hpp"

#include <doctest/doctest.h>

using namespace tocsin;

namespace {

Instant at(int seconds) { return Instant{std::chrono::seconds{1'700'000'000 + seconds}}; }

Incident taken_at(std::optional<Instant> met) {
  Incident incident;
  incident.id = {7};
  incident.status = met ? Status::acknowledged : Status::open;
  if (met) incident.acknowledged_by = {"li"};
  incident.response.met_at = met;
  return incident;
}

store::Page page(std::int64_t id, Instant created, PageState state = PageState::accepted) {
  store::Page page;
  page.id = {id};
  page.person = {"wang"};
  page.text = Notice("page.manual");
  page.created = created;
  page.state = state;
  Delivery slack;
  slack.channel = "slack";
  slack.contact = "U1";
  slack.state = DeliveryState::accepted;
  Delivery mail;
  mail.channel = "email";
  mail.state = DeliveryState::skipped;
  page.deliveries = {mail, slack};
  return page;
}

std::vector<std::string> keys(std::vector<SettledPage> const& settled) {
  std::vector<std::string> keys;
  for (auto const& each : settled) keys.push_back(each.key);
  return keys;
}

using Keys = std::vector<std::string>;

}  // namespace

TEST_CASE("settled pages: as long as nobody has it every page wants its answer") {
  CHECK(settled_pages(taken_at({}), {page(1, at(0)), page(2, at(60))}).empty());
}

TEST_CASE("settled pages: taken settles what was sent before, not who was called for help later") {
  auto const settled = settled_pages(taken_at(at(60)), {page(1, at(0)), page(2, at(60)), page(3, at(61))});
  CHECK(keys(settled) == Keys{"page-2-1", "page-1-1"});
  REQUIRE(settled.size() == 2);
  CHECK(settled[0].channel == "slack");
  CHECK(settled[0].contact == "U1");
  CHECK(settled[0].person == PersonId{"wang"});
  // Who has it, then what it was about.
  auto const* first = std::get_if<Say>(&settled[0].message.blocks[0]);
  auto const* second = std::get_if<Say>(&settled[0].message.blocks[1]);
  REQUIRE(first != nullptr);
  REQUIRE(second != nullptr);
  CHECK(first->notice.key == "page.settled_taken");
  CHECK(second->notice.key == "page.manual");
}

TEST_CASE("settled pages: over settles all, an answer one's own, and the end of a page that page") {
  auto over = taken_at(at(60));
  over.status = Status::resolved;
  CHECK(settled_pages(over, {page(1, at(100))}).size() == 1);
  CHECK(settled_pages(taken_at({}), {page(1, at(0), PageState::acknowledged), page(2, at(0))}).size() == 1);
  CHECK(settled_pages(taken_at({}), {page(1, at(0), PageState::superseded)}).size() == 1);
}

TEST_CASE("settled pages: what was never delivered, and approvals, are left alone") {
  auto lost = page(1, at(0));
  lost.deliveries[1].state = DeliveryState::failed;
  auto approval = page(2, at(0));
  approval.step = kStepApproval;
  CHECK(settled_pages(taken_at(at(60)), {lost, approval}).empty());
}

TEST_CASE("settled pages: the newest twenty") {
  std::vector<store::Page> many;
  for (int i = 1; i <= 50; ++i) many.push_back(page(i, at(i)));
  auto const settled = settled_pages(taken_at(at(60)), many);
  REQUIRE(settled.size() == 20);
  CHECK(settled.front().key == "page-50-1");
}

TEST_CASE("settled requests: once decided nobody else is asked, and each is told how it ended") {
  auto asks = page(1, at(0));
  asks.step = kStepApproval;
  asks.text = Notice("page.approval").with("code", std::string("K7"));
  auto other = asks;
  other.id = {2};
  other.text = Notice("page.approval").with("code", std::string("K8"));
  Approval approval;
  approval.code = "K7";
  approval.expires_at = at(10);
  CHECK(settled_requests(approval, {asks, other}, at(9)).empty());
  auto const expired = settled_requests(approval, {asks, other}, at(10));
  REQUIRE(expired.size() == 1);
  CHECK(std::get<Say>(expired[0].message.blocks.front()).notice.key == "page.request_expired");
  approval.decided_by = {"li"};
  for (auto const& [state, key] : {std::pair{ApprovalState::approved, "page.request_approved"},
                                   {ApprovalState::used, "page.request_approved"},
                                   {ApprovalState::denied, "page.request_denied"},
                                   {ApprovalState::broken, "page.request_glass"}}) {
    approval.state = state;
    auto const settled = settled_requests(approval, {other, asks, page(3, at(0))}, at(20));
    REQUIRE(settled.size() == 1);
    CHECK(settled[0].key == "page-1-1");
    CHECK(std::get<Say>(settled[0].message.blocks.front()).notice.key == key);
  }
}
