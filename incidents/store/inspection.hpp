// Looking at the database as a whole: is it sound, how large is it. Read-only connections suffice.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "incidents/store/database.hpp"

namespace tocsin::store {

/// The first thing wrong with the file, in the engine's words; nothing: it is sound. Reads the whole file.
[[nodiscard]] std::optional<std::string> first_damage(Database& database);

/// 0: not one of ours yet.
[[nodiscard]] std::int64_t schema_version(Database& database);

struct Size {
  std::int64_t bytes = 0;
  std::int64_t free_bytes = 0;  ///< of those: given back by deletions, used again before the file grows
};
[[nodiscard]] Size size_of(Database& database);

}  // namespace tocsin::store
