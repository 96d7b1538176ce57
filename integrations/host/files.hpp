// Reading the small files of /proc whole, without ever waiting.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "incidents/base/result.hpp"

namespace tocsin::host {

struct FileText {
  std::string text;
  bool cut = false;  ///< the file went on beyond the limit
};

/// The beginning of a file, at most `limit_bytes`. Errors: Errc::not_found; refused (rights); unsupported (the kernel
/// has it switched off); unavailable.
[[nodiscard]] Result<FileText> read_beginning(std::filesystem::path const& file, std::size_t limit_bytes);

/// The whole file. Errors: as above, and Errc::too_large.
[[nodiscard]] Result<std::string> read_whole(std::filesystem::path const& file, std::size_t limit_bytes);

}  // namespace tocsin::host
