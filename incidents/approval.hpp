// Consent to something that can do harm: confirmed by whoever asks, approved by a second person where data or service
// can be lost, or taken by breaking the glass. Pure rules; compared by person, never by account.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "incidents/base/ids.hpp"
#include "incidents/base/time.hpp"
#include "incidents/notice.hpp"
#include "incidents/severity.hpp"

namespace tocsin {

enum class ApprovalState : std::uint8_t {
  waiting,    ///< for a second person
  confirmed,  ///< nothing is missing but the word of whoever asked: "run K9"
  approved,   ///< a second person said yes; the word of whoever asked is still missing
  broken,     ///< the glass was broken instead of an approval; the word is still missing
  used,       ///< it ran, once
  denied,
  expired,
};

[[nodiscard]] std::string_view name_of(ApprovalState state) noexcept;
[[nodiscard]] std::optional<ApprovalState> approval_state_of(std::string_view name) noexcept;

struct Approval {
  std::string code;     ///< "K7": what people type
  std::string command;  ///< canonical text of what will run
  std::string digest;   ///< over action, parameters and target set
  Notice what;          ///< the request as people see it
  IncidentId incident;  ///< 0: none
  PersonId asked_by;
  Instant asked_at{};
  Instant expires_at{};
  bool needs_second = false;
  bool unsaved = false;  ///< no fresh verified backup of what it can lose: it takes the broken glass, whoever approves
  ApprovalState state = ApprovalState::waiting;
  PersonId decided_by;
  std::optional<Instant> decided_at;
  std::string reason;
  std::string place;  ///< where it was asked, opaque
  friend bool operator==(Approval const&, Approval const&) = default;
};

inline constexpr Millis kApprovalLife = std::chrono::minutes{10};
inline constexpr Millis kGlassAfter = std::chrono::minutes{3};

/// In the outbox: whoever was asked for the approval `code` need not answer any more.
inline constexpr char const* kSettleKey = "settle";

/// Somebody says yes. Refused: the requester themself (on whatever account), not waiting any more, too late.
[[nodiscard]] Decided<Approval> approve(Approval const& approval, PersonId const& by, Instant now);
/// Somebody says no; the requester may take the request back this way.
[[nodiscard]] Decided<Approval> deny(Approval const& approval, PersonId const& by, std::string const& reason,
                                     Instant now);

struct GlassRules {
  bool incident_is_urgent = false;  ///< P0 or P1, and live
  bool is_primary_duty = false;
  Millis after = kGlassAfter;
};
/// Runs without the second person, or without the backup, with a reason and a review to come. Where a second person
/// has approved what is not backed up there is nothing left to wait for.
[[nodiscard]] Decided<Approval> break_glass(Approval const& approval, PersonId const& by, std::string const& reason,
                                            GlassRules const& rules, Instant now);

/// The word of whoever asked. `digest_now` is over what would run at this moment: if it is no longer what was approved,
/// nothing runs. One use.
/// Refused while data are not saved and the glass is whole, whoever approved.
[[nodiscard]] Decided<Approval> use(Approval const& approval, PersonId const& by, std::string_view digest_now,
                                    Instant now);

/// Waiting, or waiting for its word, at `now`?
[[nodiscard]] bool is_open(Approval const& approval, Instant now) noexcept;

}  // namespace tocsin
