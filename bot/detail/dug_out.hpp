// An identifier in a text that is no JSON as a whole, so that what can't be read can still be answered.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace tocsin::detail {

/// What stands behind `name` (with its quotes) in objects of that level, where it belongs to the frame and not to what
/// the frame carries; in a text that is broken before it, the first. Empty: none that `is_id`.
[[nodiscard]] std::string dug_out(std::string_view text, std::string_view name, int level,
                                  std::function<bool(std::string_view)> const& is_id);

}  // namespace tocsin::detail
