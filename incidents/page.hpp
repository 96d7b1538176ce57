// The life of a page: which channel is tried when, what an outcome means, when it is given up for the next person.
// Pure: the store keeps the rows, the sender performs, this decides.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "incidents/base/ids.hpp"
#include "incidents/base/time.hpp"

namespace tocsin {

enum class PageState : std::uint8_t { queued, sending, accepted, delivered, seen, acknowledged, failed, superseded };

[[nodiscard]] std::string_view name_of(PageState state) noexcept;
[[nodiscard]] std::optional<PageState> page_state_of(std::string_view name) noexcept;

/// One channel's part in one page.
enum class DeliveryState : std::uint8_t {
  waiting,   ///< its turn is at next_due, unless an earlier channel was accepted by then
  sending,   ///< handed to the carrier; after a crash its outcome is unknown
  accepted,  ///< the provider took it; the inbox's word counts only where it is alone, for it wakes nobody
  failed,    ///< it will never go this way
  skipped,   ///< another channel was accepted, or the page was no longer wanted
};

[[nodiscard]] std::string_view name_of(DeliveryState state) noexcept;
[[nodiscard]] std::optional<DeliveryState> delivery_state_of(std::string_view name) noexcept;

struct Delivery {
  std::string channel;  ///< "email", "inbox", …
  std::string contact;  ///< address or number, frozen when the page was made
  DeliveryState state = DeliveryState::waiting;
  std::int32_t tries = 0;
  std::optional<Instant> next_due;
  bool may_repeat = false;  ///< an earlier try may have arrived: the next one says so
  std::string detail;       ///< of the last outcome; safe to show
  friend bool operator==(Delivery const&, Delivery const&) = default;
};

/// In the order of the person's preference. Exists from the creation of the page to its end.
using Deliveries = std::vector<Delivery>;

inline constexpr Millis kHandOver = std::chrono::seconds{10};  ///< to the next channel, and to the next person
inline constexpr Millis kFirstRetry = std::chrono::seconds{2};
inline constexpr Millis kLastRetry = std::chrono::minutes{5};
inline constexpr Millis kLongestWait = std::chrono::hours{1};  ///< whatever wait a provider asks for
inline constexpr std::int32_t kMaxTries = 40;                  ///< of one channel for one page

/// The rows of a new page: the nth channel's turn comes n * kHandOver after the first, if nothing was accepted by then.
[[nodiscard]] Deliveries plan_deliveries(std::vector<std::pair<std::string, std::string>> const& channels, Instant now);

struct Outcome {
  enum class Kind : std::uint8_t {
    accepted,       ///< the provider said yes
    retry_later,    ///< no, but perhaps later
    rejected,       ///< never for this contact
    misconfigured,  ///< never, until somebody changes the configuration
    unknown,        ///< it may have arrived
  } kind = Kind::unknown;
  std::optional<Millis> retry_after;
  std::string detail;
};

/// What an outcome changes. `jitter` in [0, 1) spreads the retries.
void apply_outcome(Deliveries& deliveries, std::size_t which, Outcome const& outcome, double jitter, Instant now);

/// A crash or a restart lost the outcome: it is tried again at once, and says that it may be a repeat.
void apply_lost_outcome(Delivery& delivery, Instant now);

/// No channel has taken it and none will, or none has within the hand-over time of them all, counted from the first
/// try: somebody else must know.
[[nodiscard]] bool given_up(Deliveries const& deliveries, std::optional<Instant> first_tried, Instant now);

/// When the sender has something to do for this page next.
[[nodiscard]] std::optional<Instant> next_due(Deliveries const& deliveries);

/// The same, and the instant at which the next person is called if nothing was accepted by then.
[[nodiscard]] std::optional<Instant> page_due(Deliveries const& deliveries, std::optional<Instant> first_tried,
                                              bool handed_over);

[[nodiscard]] PageState state_of(Deliveries const& deliveries);

}  // namespace tocsin
