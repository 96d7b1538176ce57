// What the texts of a configuration may look like: one expression for each Form, for the loader and for the schema.
#pragma once

#include <cstddef>
#include <string_view>

#include "config/describe.hpp"

namespace tocsin {

inline constexpr std::size_t kLongestTextBytes = 1000;  ///< of any text; also keeps std::regex from deep recursion

/// An ECMAScript expression, anchored at both ends, that JSON Schema and std::regex read alike.
[[nodiscard]] std::string_view pattern_of(Form form) noexcept;
/// The catalogue's key for "this is not a …".
[[nodiscard]] std::string_view mistake_of(Form form) noexcept;
/// Does `text` (at most kLongestTextBytes) have the form? Zones are also looked up in the system's zone data.
[[nodiscard]] bool fits(Form form, std::string_view text);

}  // namespace tocsin
