// Who must act now on what is said: whom a platform may mention. Pure.
#pragma once

#include <vector>

#include "commands/message.hpp"

namespace tocsin {

/// Each once, in the order in which they are named. Whom it only tells of is not among them.
[[nodiscard]] std::vector<PersonId> must_act(Message const& message);

}  // namespace tocsin
