// Reading the configuration from where it is.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "config/config.hpp"
#include "config/loader.hpp"

namespace tocsin {

/// `unread`: for what needs none of them, perhaps before they are there; each is a placeholder then.
enum class Secrets : std::uint8_t { read, unread };

/// A configuration file, or (without one) the demo inside the binary.
[[nodiscard]] Loaded load_from(std::optional<std::filesystem::path> const& file, Secrets secrets = Secrets::read);

/// Each mistake on a line: `FILE:LINE: KEY: what was wrong`, in the locale of the terminal.
[[nodiscard]] std::string worded(std::vector<Mistake> const& mistakes, class Catalogue const& catalogue, Locale locale);

/// Where a path of the configuration stands: relative ones below the workdir.
[[nodiscard]] std::filesystem::path below(std::filesystem::path const& workdir, std::string const& path);

}  // namespace tocsin
