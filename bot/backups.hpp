// Backups of folders, behind the guard's port: an archive with its checksum beside it, read back before it counts.
#pragma once

#include <filesystem>

#include "commands/tools.hpp"

namespace tocsin {

/// Any thread.
class FolderBackups final : public BackupPort {
 public:
  explicit FolderBackups(std::filesystem::path workdir) : workdir_(std::move(workdir)) {}
  std::optional<Freshness> freshness(DataSet const& set, Instant now) override;
  Result<std::string> make(DataSet const& set, Instant now, std::stop_token stop) override;

 private:
  std::filesystem::path workdir_;
};

}  // namespace tocsin
