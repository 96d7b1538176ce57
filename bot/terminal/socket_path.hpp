// Where the bot's socket is: beside the database, or where a disk that takes no new file leaves room for one.
#pragma once

#include <filesystem>

namespace tocsin {

[[nodiscard]] std::filesystem::path socket_path(std::filesystem::path const& storage);
/// In /run/tocsin, which the unit makes, else in /tmp; named after the database.
[[nodiscard]] std::filesystem::path spare_socket_path(std::filesystem::path const& storage);
/// For whoever wants to talk to the bot of this database: the spare one if there is one and it belongs to root, to the
/// owner of the database or to whoever asks, for everybody may put something into that folder; else the usual one.
[[nodiscard]] std::filesystem::path socket_of(std::filesystem::path const& storage);

}  // namespace tocsin
