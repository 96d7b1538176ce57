#include "incidents/incident.hpp"

#include <algorithm>
#include <array>

namespace tocsin {
namespace {
constexpr std::array<std::string_view, 5> kStatusNames{"open", "acknowledged", "mitigated", "resolved", "closed"};
}

std::string_view name_of(Status status) noexcept { return kStatusNames[static_cast<std::size_t>(status)]; }

std::optional<Status> status_of(std::string_view name) noexcept {
  auto const found = std::find(kStatusNames.begin(), kStatusNames.end(), name);
  if (found == kStatusNames.end()) return std::nullopt;
  return static_cast<Status>(found - kStatusNames.begin());
}

bool is_live(Incident const& incident) noexcept { return incident.status < Status::resolved; }

Pauses pauses_of(Incident const& incident) noexcept { return {incident.pauses}; }

bool may_see(Incident const& incident, PersonId const& person) noexcept {
  return !incident.hidden ||
         std::find(incident.members.begin(), incident.members.end(), person) != incident.members.end();
}

}  // namespace tocsin
