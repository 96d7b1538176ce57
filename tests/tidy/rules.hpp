// The rules of the house that a machine can hold. Each reads text and returns what breaks it; none knows the disk.
#pragma once

#include <string_view>
#include <vector>

#include "tests/tidy/source.hpp"

namespace tocsin::tidy {

/// layers.cpp: what a folder may include, of ours and of others.
[[nodiscard]] Findings layers(Source const& source);

/// calls.cpp: clock, chance, environment, shell, sleep, standard output and SQL outside their one home; an exception
/// swallowed whole.
[[nodiscard]] Findings banned_calls(Source const& source);

/// coroutines.cpp: what g++ 12 compiles wrongly, and parameters that die before the coroutine does.
[[nodiscard]] Findings coroutine_traps(Source const& source);

/// form.cpp: width, tabs, ends of lines, length, `#pragma once`, words of unfinished work, places that exist on one
/// machine only.
[[nodiscard]] Findings form(Source const& source);

/// From here on a file wants to be split, which is reported; `form` refuses kMostLines.
inline constexpr std::size_t kManyLines = 450;
inline constexpr std::size_t kMostLines = 600;
[[nodiscard]] bool is_long(Source const& source);

/// tree.cpp: files that include each other in a circle.
[[nodiscard]] Findings cycles(std::vector<Source> const& tree);
/// Includes in quotes that don't name a file from the root.
[[nodiscard]] Findings unresolved(std::vector<Source> const& tree);
/// Folders with C++ that don't say what they are for.
[[nodiscard]] Findings undescribed(std::vector<Source> const& tree);
/// Source files that no target builds. `root`: where the tree stands; `compile_commands`: CMake's list as text,
/// with the files that include others to compile them together.
[[nodiscard]] Findings unbuilt(std::vector<Source> const& tree, std::string_view root,
                               std::string_view compile_commands);

}  // namespace tocsin::tidy
