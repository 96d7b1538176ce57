// What the announcement of a lapse says beside the lapse itself. It is put together when it is said, not when it is
// decided: it is about people who are being called meanwhile, and a storm of lapses must not wait for words.
#pragma once

#include <vector>

#include "incidents/desk.hpp"
#include "incidents/store/pages.hpp"

namespace tocsin {

[[nodiscard]] bool announces_lapse(Notice const& announcement);

/// Adds what came of the pages before the lapse (facts of delivery, no blame), who is being called for it, and who is
/// next. `pages`: all of the incident; `lapsed`: when the announcement was ordered.
void tell_circumstances(Notice& announcement, Desk const& desk, Incident const& incident,
                        std::vector<store::Page> const& pages, Instant lapsed);

}  // namespace tocsin
