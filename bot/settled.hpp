// Pages that need no answer any more. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bot/platform.hpp"
#include "incidents/approval.hpp"
#include "incidents/store/pages.hpp"

namespace tocsin {

/// The name of one delivery of a page, the same at every try.
[[nodiscard]] std::string page_key(PageId page, std::size_t position);

/// Of the pages of an incident those that were delivered and are settled: somebody took the incident after they were
/// made, the person answered, or it is over. The newest, at most twenty.
[[nodiscard]] std::vector<SettledPage> settled_pages(Incident const& incident, std::vector<store::Page> const& pages);

/// Of the pages that asked for an approval those that were delivered, once it is decided or nobody did in time.
[[nodiscard]] std::vector<SettledPage> settled_requests(Approval const& approval, std::vector<store::Page> const& pages,
                                                        Instant now);

}  // namespace tocsin
