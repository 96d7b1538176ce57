// Playing somebody else at the demo's prompt: `as bob`, or one line only: `as bob 批准 K1`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/people.hpp"
#include "incidents/notice.hpp"

namespace tocsin {

struct PersonaWish {
  std::string name;  ///< empty when none was given
  std::string rest;  ///< a command for this person alone; empty: from now on
};

/// `as NAME [REST]`, `扮演 NAME [REST]`, with or without a slash.
[[nodiscard]] std::optional<PersonaWish> read_persona(std::string_view line);

/// What `as NAME` is answered when there is no such person.
[[nodiscard]] Notice unknown_persona(std::string const& name, std::vector<PersonId> const& people);

/// Whole lines, as `complete` gives them.
[[nodiscard]] std::vector<std::string> persona_completions(std::string_view typed, std::vector<Person> const& people);

}  // namespace tocsin
