// What the app's home tells a person.
#pragma once

#include <vector>

#include "commands/call.hpp"
#include "commands/message.hpp"
#include "incidents/desk.hpp"

namespace tocsin::slack {

/// The cards of what is open and they may see, the most severe first; then the requests that wait for their word.
[[nodiscard]] std::vector<Message> home_of(Desk const& desk, Caller const& caller);

}  // namespace tocsin::slack
