#include "incidents/approval.hpp"

#include <algorithm>
#include <array>

#include "incidents/base/secret.hpp"

namespace tocsin {
namespace {

constexpr std::array<std::string_view, 7> kNames{"waiting", "confirmed", "approved", "broken",
                                                 "used",    "denied",    "expired"};
constexpr std::size_t kMinReasonBytes = 4;

Notice cannot_decide(std::string key, Approval const& approval) {
  return Notice("refused." + std::move(key)).with("code", approval.code);
}

/// Why nothing more can be decided about it, if so.
std::optional<Notice> no_longer_open(Approval const& approval, Instant now) {
  if (now >= approval.expires_at) return cannot_decide("approval_expired", approval).with("at", approval.expires_at);
  if (approval.state == ApprovalState::used) return cannot_decide("approval_used", approval);
  if (approval.state == ApprovalState::denied || approval.state == ApprovalState::expired)
    return cannot_decide("approval_over", approval).with("who", approval.decided_by);
  return std::nullopt;
}

Approval decided(Approval approval, ApprovalState state, PersonId const& by, std::string reason, Instant now) {
  approval.state = state;
  approval.decided_by = by;
  approval.decided_at = now;
  approval.reason = std::move(reason);
  return approval;
}

}  // namespace

std::string_view name_of(ApprovalState state) noexcept { return kNames[static_cast<std::size_t>(state)]; }

std::optional<ApprovalState> approval_state_of(std::string_view name) noexcept {
  auto const found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<ApprovalState>(found - kNames.begin());
}

Decided<Approval> approve(Approval const& approval, PersonId const& by, Instant now) {
  if (auto over = no_longer_open(approval, now)) return std::move(*over);
  if (approval.state != ApprovalState::waiting)
    return cannot_decide("approval_decided", approval).with("who", approval.decided_by);
  if (by.empty() || by == approval.asked_by) return cannot_decide("approval_own", approval);
  return decided(approval, ApprovalState::approved, by, {}, now);
}

Decided<Approval> deny(Approval const& approval, PersonId const& by, std::string const& reason, Instant now) {
  if (auto over = no_longer_open(approval, now)) return std::move(*over);
  return decided(approval, ApprovalState::denied, by, reason, now);
}

Decided<Approval> break_glass(Approval const& approval, PersonId const& by, std::string const& reason,
                              GlassRules const& rules, Instant now) {
  if (auto over = no_longer_open(approval, now)) return std::move(*over);
  bool const agreed = approval.unsaved && approval.state == ApprovalState::approved;
  if (approval.state != ApprovalState::waiting && !agreed)
    return cannot_decide("approval_decided", approval).with("who", approval.decided_by);
  if (!rules.incident_is_urgent) return cannot_decide("glass_not_urgent", approval);
  if (!rules.is_primary_duty) return cannot_decide("glass_not_duty", approval);
  if (!agreed && now < approval.asked_at + rules.after)
    return cannot_decide("glass_early", approval).with("from", approval.asked_at + rules.after);
  if (reason.size() < kMinReasonBytes) return cannot_decide("glass_reason", approval);
  return decided(approval, ApprovalState::broken, by, reason, now);
}

Decided<Approval> use(Approval const& approval, PersonId const& by, std::string_view digest_now, Instant now) {
  if (auto over = no_longer_open(approval, now)) return std::move(*over);
  if (approval.state == ApprovalState::waiting) return cannot_decide("approval_missing", approval);
  if (approval.unsaved && approval.state != ApprovalState::broken) return cannot_decide("approval_unsaved", approval);
  bool const broke_it = approval.state == ApprovalState::broken && by == approval.decided_by;
  if (by != approval.asked_by && !broke_it)
    return cannot_decide("not_your_code", approval).with("who", approval.asked_by);
  if (!equal_in_constant_time(approval.digest, digest_now)) return cannot_decide("approval_changed", approval);
  auto used = approval;
  used.state = ApprovalState::used;
  return used;
}

bool is_open(Approval const& approval, Instant now) noexcept {
  return now < approval.expires_at &&
         (approval.state == ApprovalState::waiting || approval.state == ApprovalState::confirmed ||
          approval.state == ApprovalState::approved || approval.state == ApprovalState::broken);
}

}  // namespace tocsin
