// Putting a damaged database out of the way, for a human who typed it.
#pragma once

#include <filesystem>

#include "incidents/base/result.hpp"
#include "incidents/base/time.hpp"

namespace tocsin::store {

/// Renames the database and what SQLite keeps beside it to `FILE.damaged-SECONDS`; nothing is deleted. The bot, running
/// or started later, then makes a new one, or takes the backup that is put there, and stores what it kept.
/// Returns the new name. Errors: refused (the database is sound), not_found, unavailable.
[[nodiscard]] Result<std::filesystem::path> set_aside(std::filesystem::path const& file, Instant now);

}  // namespace tocsin::store
