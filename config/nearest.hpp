// "Did you mean": the known word closest to what was typed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// The word of `known` with the fewest single-byte changes (swapped neighbours count once) from `word`; empty when
/// none is near enough to be a slip of the fingers: more than a third of its length, and more than one.
[[nodiscard]] std::string nearest_key(std::string_view word, std::vector<std::string_view> const& known);

}  // namespace tocsin
