#include "incidents/page.hpp"

#include <algorithm>
#include <array>

namespace tocsin {
namespace {

constexpr std::array<std::string_view, 8> kPageNames{"queued", "sending",      "accepted", "delivered",
                                                     "seen",   "acknowledged", "failed",   "superseded"};
constexpr std::array<std::string_view, 5> kDeliveryNames{"waiting", "sending", "accepted", "failed", "skipped"};

template <class Enum, std::size_t n>
std::optional<Enum> find_name(std::array<std::string_view, n> const& names, std::string_view name) {
  auto const found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

/// The inbox is the bot's own and takes everything, and nobody wakes up by it: it settles a page only where it is the
/// one way there is.
bool settles(Delivery const& delivery, Deliveries const& all) { return delivery.channel != "inbox" || all.size() == 1; }

bool has_accepted(Deliveries const& deliveries) {
  return std::any_of(deliveries.begin(), deliveries.end(), [&](auto const& each) {
    return each.state == DeliveryState::accepted && settles(each, deliveries);
  });
}

/// No channel is left that may still take it.
bool hopeless(Deliveries const& deliveries) {
  return std::none_of(deliveries.begin(), deliveries.end(), [&](auto const& each) {
    bool const open = each.state == DeliveryState::waiting || each.state == DeliveryState::sending;
    return open || (each.state == DeliveryState::accepted && settles(each, deliveries));
  });
}

/// Doubles from kFirstRetry to kLastRetry, plus up to a quarter.
Millis backoff(std::int32_t tries, double jitter) {
  auto wait = kFirstRetry;
  for (std::int32_t i = 1; i < tries && wait < kLastRetry; ++i) wait *= 2;
  wait = std::min(wait, kLastRetry);
  return wait + Millis{static_cast<std::int64_t>(static_cast<double>(wait.count()) * 0.25 * jitter)};
}

/// The next channel's turn comes now: this one has spoken.
void call_next(Deliveries& deliveries, std::size_t after, Instant now) {
  for (std::size_t i = after + 1; i < deliveries.size(); ++i) {
    auto& next = deliveries[i];
    if (next.state != DeliveryState::waiting) continue;
    if (next.tries == 0 && next.next_due && *next.next_due > now) next.next_due = now;
    return;
  }
}

}  // namespace

std::string_view name_of(PageState state) noexcept { return kPageNames[static_cast<std::size_t>(state)]; }
std::string_view name_of(DeliveryState state) noexcept { return kDeliveryNames[static_cast<std::size_t>(state)]; }
std::optional<PageState> page_state_of(std::string_view name) noexcept {
  return find_name<PageState>(kPageNames, name);
}
std::optional<DeliveryState> delivery_state_of(std::string_view name) noexcept {
  return find_name<DeliveryState>(kDeliveryNames, name);
}

Deliveries plan_deliveries(std::vector<std::pair<std::string, std::string>> const& channels, Instant now) {
  Deliveries deliveries;
  Instant turn = now;
  for (auto const& [channel, contact] : channels) {
    deliveries.push_back({channel, contact, DeliveryState::waiting, 0, turn, false, {}});
    turn += kHandOver;
  }
  return deliveries;
}

void apply_outcome(Deliveries& deliveries, std::size_t which, Outcome const& outcome, double jitter, Instant now) {
  auto& delivery = deliveries.at(which);
  delivery.detail = outcome.detail;
  switch (outcome.kind) {
    case Outcome::Kind::accepted:
      delivery.state = DeliveryState::accepted;
      delivery.next_due.reset();
      if (!settles(delivery, deliveries)) return;
      for (auto& other : deliveries) {
        if (other.state != DeliveryState::waiting) continue;
        other.state = DeliveryState::skipped;
        other.next_due.reset();
      }
      return;
    case Outcome::Kind::unknown:
      delivery.may_repeat = true;
      [[fallthrough]];
    case Outcome::Kind::retry_later:
      if (has_accepted(deliveries)) {
        delivery.state = DeliveryState::skipped;
        delivery.next_due.reset();
      } else if (delivery.tries >= kMaxTries) {
        delivery.state = DeliveryState::failed;
        delivery.next_due.reset();
        call_next(deliveries, which, now);
      } else {
        delivery.state = DeliveryState::waiting;
        delivery.next_due = now + std::max(std::min(outcome.retry_after.value_or(Millis{0}), kLongestWait),
                                           backoff(delivery.tries, jitter));
      }
      return;
    case Outcome::Kind::rejected:
    case Outcome::Kind::misconfigured:
      delivery.state = DeliveryState::failed;
      delivery.next_due.reset();
      call_next(deliveries, which, now);
      return;
  }
}

void apply_lost_outcome(Delivery& delivery, Instant now) {
  if (delivery.state != DeliveryState::sending) return;
  delivery.state = DeliveryState::waiting;
  delivery.may_repeat = true;
  delivery.next_due = now;
}

bool given_up(Deliveries const& deliveries, std::optional<Instant> first_tried, Instant now) {
  if (has_accepted(deliveries)) return false;
  if (hopeless(deliveries)) return true;
  return first_tried && now >= *first_tried + kHandOver * static_cast<std::int64_t>(deliveries.size());
}

std::optional<Instant> next_due(Deliveries const& deliveries) {
  std::optional<Instant> next;
  for (auto const& each : deliveries) next = earlier(next, each.next_due);
  return next;
}

std::optional<Instant> page_due(Deliveries const& deliveries, std::optional<Instant> first_tried, bool handed_over) {
  auto const next = next_due(deliveries);
  if (handed_over || !first_tried || has_accepted(deliveries)) return next;
  return earlier(next, *first_tried + kHandOver * static_cast<std::int64_t>(deliveries.size()));
}

PageState state_of(Deliveries const& deliveries) {
  if (has_accepted(deliveries)) return PageState::accepted;
  bool const sending = std::any_of(deliveries.begin(), deliveries.end(),
                                   [](auto const& each) { return each.state == DeliveryState::sending; });
  if (sending) return PageState::sending;
  return hopeless(deliveries) ? PageState::failed : PageState::queued;
}

}  // namespace tocsin
