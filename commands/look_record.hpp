// A built-in look (diagnosis, logs) on the record of the incident it was taken for: timeline and postmortem show it
// with what it found, like an action of the configuration.
#pragma once

#include "commands/call.hpp"

namespace tocsin {

/// In a unit of work of its own; nothing where the conversation has no incident. `begun` is when the look was asked
/// for. Returns `found`.
[[nodiscard]] Message on_record(Call& call, Message found);

}  // namespace tocsin
