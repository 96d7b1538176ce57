// Which room an incident gets in Slack, and what it is called. Pure.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "incidents/incident.hpp"
#include "incidents/store/posted.hpp"

namespace tocsin::slack {

/// By configuration, by its severity, and always for a private one, which nobody else may read about. Drills stay in a
/// thread.
[[nodiscard]] bool wants_own_channel(Incident const& incident, SlackOptions const& options);

/// "inc-42-website-down": lower-case ASCII letters, digits and hyphens, at most 80 characters, what else the title
/// holds is left out. `attempt` from 1: a name may be taken, by an archived channel, too.
[[nodiscard]] std::string channel_name(std::string const& prefix, IncidentId id, std::string_view title, int attempt);

/// The address of the call, or empty.
[[nodiscard]] std::string meeting_of(SlackOptions const& options, IncidentId id);

/// What was seen to in an incident's own channel; the store keeps it as text.
struct Furniture {
  std::string topic;
  std::string pinned;  ///< the card
  bool bookmarks = false;
  bool archived = false;
  std::set<std::string> invited;    ///< user ids
  std::set<std::string> could_not;  ///< of them: who can't be invited, and was told of
  std::string refused;              ///< why there is no channel although there should be one
  friend bool operator==(Furniture const&, Furniture const&) = default;
};
[[nodiscard]] std::string encode(Furniture const& furniture);
/// What can't be read is as if nothing had been seen to.
[[nodiscard]] Furniture decode_furniture(std::string_view text);

}  // namespace tocsin::slack
