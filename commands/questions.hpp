// Questions with numbered answers.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "commands/binder.hpp"

namespace tocsin {

/// Asks which of several lines was meant, as `KEY {word, count, choices}`, each choice a `parse.choice {number, text}`.
/// Candidates of danger are put last and left unnumbered (`parse.item`): danger is never a digit away. In a group,
/// where digits mean nothing, no choice has a number and the key is `KEY_in_group`.
[[nodiscard]] Ambiguous ask_which(std::string key, std::string const& word, std::vector<Candidate> candidates,
                                  ParseContext const& context);

/// Digits that were taken for an optional value. When free text follows them, they may have been its beginning.
struct BareNumber {
  std::size_t at = 0;  ///< in the normalised text
  std::size_t end = 0;
  std::string marked{};  ///< a way to say the value that is no bare number: #42, 二级; empty when there is none
};

/// `note 42 restarted`: INC-42, or forty-two of something? The free text ends at `text_end`; flags may follow it.
[[nodiscard]] Ambiguous ask_number_or_text(BindRequest const& request, BareNumber const& number, std::size_t text_end);

/// 升级 P1, when all of the free text [at, end) is what another command takes (Command::confusions); else nothing.
[[nodiscard]] std::optional<Ambiguous> ask_if_confused(BindRequest const& request, std::size_t at, std::size_t end);

/// Columns that one of `count` things may take which are printed in one line.
[[nodiscard]] constexpr std::size_t share_of_line(std::size_t count) noexcept {
  return count <= 1 ? 60 : 66 / count - 5;
}

/// `text` so that it can only be free text: in quotes, or after `--` where it has quotes of its own.
[[nodiscard]] std::string as_free_text(std::string const& text);

}  // namespace tocsin
