#include "bot/settled.hpp"

#include <algorithm>

namespace tocsin {
namespace {

constexpr std::size_t kMost = 20;

bool is_over(Incident const& incident) {
  return incident.status == Status::resolved || incident.status == Status::closed;
}

bool is_settled(Incident const& incident, store::Page const& page) {
  if (page.step >= kStepApproval) return false;  // an approval is decided elsewhere
  if (page.state == PageState::acknowledged || page.state == PageState::superseded) return true;
  auto const taken = incident.response.met_at;
  return is_over(incident) || (taken && *taken >= page.created);
}

Message told(Incident const& incident, store::Page const& page) {
  // What is on the locked screen is how it stands now; below it, what it was about.
  bool const taken = !is_over(incident) && !incident.acknowledged_by.empty() && incident.response.met_at;
  Notice now(taken ? "page.settled_taken" : "page.settled");
  now.with("incident", incident.id);
  if (taken) now.with("who", incident.acknowledged_by).with("at", *incident.response.met_at);
  Message message(std::move(now));
  message.say(page.text);
  Buttons buttons;
  buttons.buttons.push_back(
      {Button::Style::plain, Notice("button.status"), "/incident show INC-" + std::to_string(incident.id.value)});
  message.blocks.emplace_back(std::move(buttons));
  return message;
}

bool is_undecided(Approval const& approval) {
  return approval.state == ApprovalState::waiting || approval.state == ApprovalState::expired;
}

Message told(Approval const& approval, store::Page const& page) {
  auto const* key = is_undecided(approval)                    ? "page.request_expired"
                    : approval.state == ApprovalState::denied ? "page.request_denied"
                    : approval.state == ApprovalState::broken ? "page.request_glass"
                                                              : "page.request_approved";
  Message message(
      Notice(key).with("who", approval.decided_by).with("code", approval.code).with("at", approval.expires_at));
  message.say(page.text);
  return message;
}

bool asks_for(store::Page const& page, Approval const& approval) {
  auto const* code = page.text.text("code");
  return page.step == kStepApproval && code != nullptr && *code == approval.code;
}

/// Each delivery that arrived.
void add(std::vector<SettledPage>& settled, store::Page const& page, Message const& message) {
  for (std::size_t position = 0; position < page.deliveries.size() && settled.size() < kMost; ++position) {
    auto const& delivery = page.deliveries[position];
    if (delivery.state != DeliveryState::accepted) continue;
    settled.push_back({page.person, delivery.channel, delivery.contact, page_key(page.id, position), message});
  }
}

}  // namespace

std::string page_key(PageId page, std::size_t position) {
  return "page-" + std::to_string(page.value) + "-" + std::to_string(position);
}

std::vector<SettledPage> settled_pages(Incident const& incident, std::vector<store::Page> const& pages) {
  std::vector<SettledPage> settled;
  std::vector<store::Page const*> newest_first;
  for (auto const& page : pages) newest_first.push_back(&page);
  std::sort(newest_first.begin(), newest_first.end(),
            [](auto const* a, auto const* b) { return a->id.value > b->id.value; });
  for (auto const* page : newest_first) {
    if (is_settled(incident, *page)) add(settled, *page, told(incident, *page));
  }
  return settled;
}

std::vector<SettledPage> settled_requests(Approval const& approval, std::vector<store::Page> const& pages,
                                          Instant now) {
  std::vector<SettledPage> settled;
  if (is_undecided(approval) && now < approval.expires_at) return settled;
  for (auto const& page : pages) {
    if (asks_for(page, approval)) add(settled, page, told(approval, page));
  }
  return settled;
}

}  // namespace tocsin
