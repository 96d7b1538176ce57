// One value at the beginning of a text, by the type of a parameter. Used by the binder only.
#pragma once

#include <optional>
#include <string_view>

#include "commands/arguments.hpp"
#include "commands/parser.hpp"

namespace tocsin {

/// A word is never longer; what is longer is text.
inline constexpr std::size_t kMaxWordBytes = 256;

/// `distinctive`: nobody writes that and means something else, so it is taken wherever it stands (P0, #42, 2小时, a
/// known service). What is not (a number, a bare word) only fits in its own place.
struct Reading {
  ArgValue value;
  std::size_t used = 0;
  bool distinctive = false;
};

struct ReadRequest {
  Parameter const& parameter;
  Lexicon const& choices;  ///< of the parameter
  ParseContext const& context;
  bool text_follows = false;  ///< the command still waits for free text, so a name glued to Han may be part of it
};

/// Nothing when the text does not begin with a value of that type. Ranges are not checked. Not for text and flag.
[[nodiscard]] std::optional<Reading> read_value(ReadRequest const& request, std::string_view text);

/// The bounds of a parameter's values: its range, or that of every duration; nothing when anything goes.
[[nodiscard]] std::optional<Range> bounds_of(Parameter const& parameter);

/// Is a number or a duration within the bounds? Other values always are.
[[nodiscard]] bool in_bounds(Parameter const& parameter, ArgValue const& value);

/// `P0`, `p0级`, `P零`; in speech `P 0`, too.
[[nodiscard]] std::optional<Read<Severity>> read_severity(std::string_view text, bool from_speech);

/// `INC-42`, `inc42`, `#42`, `42号`, `第42号`, `四十二号`; not the bare number.
[[nodiscard]] std::optional<Read<IncidentId>> read_reference(std::string_view text);

/// One past the word that starts at `at`: it ends at a space or a comma.
[[nodiscard]] std::size_t word_end(std::string_view text, std::size_t at) noexcept;

}  // namespace tocsin
