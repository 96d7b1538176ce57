// To whom a line is said: mentions, slashes and the other marks before (and after) a command.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "commands/parser.hpp"
#include "commands/text.hpp"

namespace tocsin {

struct Address {
  std::size_t from = 0;            ///< where the command begins in the normalised text
  std::size_t to = 0;              ///< one past its end: a mention of the bot may stand last
  bool spoken_to = false;          ///< a mention of the bot, a slash, a `!` or `/ops` stood there
  bool by_name = false;            ///< `/ops` or `/tocsin`: the bot's own command, under which all others stand
  std::vector<PersonId> people{};  ///< others who were mentioned before the command
};

/// Takes away, in any order and number: `/`, `!`, `/ops`, `@tocsin`, `@警钟`, `<@U0BOT>`, mentions of others,
/// backticks.
[[nodiscard]] Address read_address(std::string_view text, ParseContext const& context);

/// Does a line that is not even UTF-8, or too long, begin as one for the bot?
[[nodiscard]] bool looks_addressed(std::string_view raw) noexcept;

}  // namespace tocsin
