// What a run that ended in the middle of something left behind, sorted out before anything new begins.
#pragma once

#include <cstddef>

#include "incidents/desk.hpp"

namespace tocsin {

/// In a unit of work, first of all: pages that were being sent are due again, marked; runs that were interrupted are
/// told to whoever started them and to their incident; one report says for how long what is overdue was not looked
/// after. Returns how many pages may be repeated.
std::size_t after_restart(Desk const& desk);

}  // namespace tocsin
