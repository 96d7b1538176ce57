// What the app's home tells a person.
#pragma once

#include <vector>

#include "commands/call.hpp"
#include "commands/message.hpp"
#include "incidents/desk.hpp"

namespace tocsin::slack {

/// What waits for their word; the cards of what is open and they may see, the most severe first; their own duty.
[[nodiscard]] std::vector<Message> home_of(Desk const& desk, Caller const& caller);

}  // namespace tocsin::slack
