// Small facts about files beside the database.
#pragma once

#include <filesystem>
#include <optional>

#include "incidents/base/time.hpp"

namespace tocsin {

/// When a file was last written.
[[nodiscard]] std::optional<Instant> written_at(std::filesystem::path const& file);

/// `tocsin db backup` leaves a note of its last copy beside the database, where a bot that can't write or doesn't run
/// is no hindrance. A note that can't be written costs nothing but itself.
void note_backup(std::filesystem::path const& storage, std::filesystem::path const& copy);
[[nodiscard]] std::optional<Instant> last_backup(std::filesystem::path const& storage);

}  // namespace tocsin
