#include "bot/must_act.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace tocsin {
namespace {

struct Rule {
  std::string_view key;
  std::string_view arg;
};
constexpr std::array kRules{
    Rule{"lapse.response", "next"},    Rule{"lapse.recovery", "next"}, Rule{"incident.escalated", "people"},
    Rule{"incident.assigned", "who"},  Rule{"incident.role", "who"},   Rule{"page.unreachable", "next"},
    Rule{"incident.responder", "who"},
};

void collect(Arg const& value, std::vector<PersonId>& people) {
  if (auto const* person = std::get_if<PersonId>(&value)) {
    if (!person->empty() && std::find(people.begin(), people.end(), *person) == people.end()) people.push_back(*person);
  } else if (auto const* list = std::get_if<std::vector<Notice>>(&value)) {
    for (auto const& each : *list) {
      for (auto const& [name, inner] : each.args) collect(inner, people);
    }
  }
}

}  // namespace

std::vector<PersonId> must_act(Message const& message) {
  std::vector<PersonId> people;
  for (auto const& block : message.blocks) {
    auto const* said = std::get_if<Say>(&block);
    if (said == nullptr) continue;
    for (auto const& rule : kRules) {
      if (said->notice.key != rule.key) continue;
      auto const* value = said->notice.find(rule.arg);
      auto const* by = said->notice.find("by");
      // Who gives it to themselves knows.
      if (value != nullptr && (by == nullptr || *by != *value)) collect(*value, people);
    }
  }
  return people;
}

}  // namespace tocsin
