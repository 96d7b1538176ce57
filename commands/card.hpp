// The one card of an incident: what it is, what must be done by when, who was paged and what came of it, what can be
// sent now. Made from the stored state each time it is shown; edited in place on every platform.
#pragma once

#include <string>
#include <vector>

#include "commands/message.hpp"
#include "incidents/incident.hpp"
#include "incidents/store/pages.hpp"

namespace tocsin {

/// What is most likely done next with it; none when it is closed.
[[nodiscard]] Buttons incident_buttons(Incident const& incident);

/// `pages` in the order of their numbers; `coming` the steps still to come if nobody does anything.
[[nodiscard]] Message incident_card(Incident const& incident, std::vector<store::Page> const& pages,
                                    Roster const& roster, Instant now);

/// "card:INC-42": what a platform knows the card by.
[[nodiscard]] std::string card_key(IncidentId id);
/// A new card is the news of an opening: where there are cards, this need not be said.
[[nodiscard]] bool says_what_the_card_says(Message const& message);

/// A clock in words for lists: "met 2:10", "running, by 03:40", "paused", "lapsed".
[[nodiscard]] Notice clock_words(TargetClock const& clock, Pauses pauses, Instant now);

}  // namespace tocsin
