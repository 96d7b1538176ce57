#pragma once

#include "incidents/base/time.hpp"

namespace tocsin::chat {

/// Of a clock that never goes back, from any beginning.
using Moment = Millis;

}  // namespace tocsin::chat
