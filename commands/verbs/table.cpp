#include "commands/verbs/table.hpp"

#include <iterator>

#include "commands/verbs/families.hpp"

namespace tocsin::verbs {

std::vector<Command> all_commands(Config const& config) {
  std::vector<Command> rows;
  auto const add = [&rows](std::vector<Command> family) {
    rows.insert(rows.end(), std::make_move_iterator(family.begin()), std::make_move_iterator(family.end()));
  };
  add(lifecycle_commands());
  add(people_commands());
  add(record_commands());
  add(lookup_commands());
  add(duty_commands());
  add(consent_commands());
  add(drill_commands());
  add(bot_commands());
  add(diagnosis_commands(config));
  add(action_commands(config));
  return rows;
}

}  // namespace tocsin::verbs
