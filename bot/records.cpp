#include "bot/records.hpp"

#include <sys/stat.h>

#include <fstream>

namespace tocsin {
namespace {
std::filesystem::path note_of(std::filesystem::path const& storage) { return storage.string() + ".last-backup"; }
}  // namespace

std::optional<Instant> written_at(std::filesystem::path const& file) {
  struct stat found {};
  if (::stat(file.c_str(), &found) != 0) return std::nullopt;
  return Instant{std::chrono::seconds{found.st_mtim.tv_sec}};
}

void note_backup(std::filesystem::path const& storage, std::filesystem::path const& copy) {
  std::ofstream(note_of(storage), std::ios::trunc) << std::filesystem::absolute(copy).string() << '\n';
}

std::optional<Instant> last_backup(std::filesystem::path const& storage) { return written_at(note_of(storage)); }

}  // namespace tocsin
