// Files that travel inside the binary (migrations, messages, page assets), so that one file is the whole bot.
#pragma once

#include <string_view>
#include <vector>

namespace tocsin::embedded {

struct File {
  std::string_view name;  ///< relative to its folder, e.g. "001_incidents.sql"
  std::string_view text;  ///< lives as long as the program
};

/// Each list is sorted by name.
std::vector<File> const& migrations();
std::vector<File> const& messages();
std::vector<File> const& shipped();
std::vector<File> const& assets();

}  // namespace tocsin::embedded
