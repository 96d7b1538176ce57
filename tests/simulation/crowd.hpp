// What people do next, and when: they answer, forget, answer late, change their minds, and do what is not allowed.
#pragma once

#include <string>

#include "tests/simulation/dice.hpp"
#include "tests/simulation/model.hpp"

namespace tocsin::simulation {

/// What somebody does about an incident as the model sees it.
[[nodiscard]] Act next_act(ModelIncident const& it, Model const& model, Dice& dice);
/// Somebody sees to it that it ends.
[[nodiscard]] Act ending_act(ModelIncident const& it, Dice& dice);
[[nodiscard]] Act opening_act(Dice& dice);
[[nodiscard]] Act standing_in_act(Dice& dice);

/// How long until the next person does something about an incident.
[[nodiscard]] Time next_delay(Dice& dice);

/// The line as it is typed, in either language.
[[nodiscard]] std::string typed(Act const& act, Dice& dice);

}  // namespace tocsin::simulation
