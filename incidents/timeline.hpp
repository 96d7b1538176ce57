// What happened, append-only. Corrections are entries of their own that point at what they correct.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "incidents/base/ids.hpp"
#include "incidents/base/time.hpp"
#include "incidents/notice.hpp"

namespace tocsin {

/// What sort of fact an entry is; the postmortem and the filters of `/timeline` go by it.
enum class EntryKind : std::uint8_t {
  opened,
  acknowledged,
  assigned,
  role,
  severity,
  note,
  link,
  update,
  paused,
  resumed,
  mitigated,
  regressed,
  resolved,
  reopened,
  closed,
  merged,
  undone,
  false_alarm,
  privacy,
  warning,
  lapse,
  page,
  delivery,
  command,
  output,
  approval,
  review,
  correction,
  todo,
  health,
};

[[nodiscard]] std::string_view name_of(EntryKind kind) noexcept;
[[nodiscard]] std::optional<EntryKind> entry_kind_of(std::string_view name) noexcept;

struct TimelineEntry {
  EntryKind kind = EntryKind::note;
  PersonId author;     ///< empty: the bot itself
  Instant happened{};  ///< what the author says; never after `recorded`
  Instant recorded{};  ///< when it was written down
  Notice what;
  std::int64_t corrects = 0;  ///< the sequence number of the entry this one corrects, or 0
  std::int64_t sequence = 0;  ///< within the incident, from 1, given by the store
  friend bool operator==(TimelineEntry const&, TimelineEntry const&) = default;
};

}  // namespace tocsin
