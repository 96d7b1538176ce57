// A severity said in the middle of a title: 网站 P0 打不开. Used by the binder only.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "commands/text.hpp"
#include "incidents/severity.hpp"

namespace tocsin {

struct SeverityInText {
  Severity severity{};
  std::string rest;  ///< the text without it
  /// A second, different one, by its place in the normalised text: then nobody can tell which is meant.
  std::size_t other_at = 0;
  std::size_t other_end = 0;  ///< 0: there is none
};

/// The first severity that stands free in [from, to) of the line: not inside a word, a path or an address.
[[nodiscard]] std::optional<SeverityInText> severity_in(Normalised const& line, std::size_t from, std::size_t to,
                                                        bool from_speech);

/// P7, p10: not one of the four, and hardly the beginning of a title.
[[nodiscard]] bool looks_like_severity(std::string_view word) noexcept;

}  // namespace tocsin
