#include "bot/backups.hpp"

#include <date/date.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <vector>

#include "bot/load.hpp"
#include "incidents/store/digest.hpp"
#include "integrations/process/runner.hpp"

namespace tocsin {
namespace {

constexpr Millis kBackupTimeout = std::chrono::minutes{30};
constexpr std::string_view kArchive = ".tar.gz";
constexpr std::string_view kChecksum = ".sha256";

std::string read_all(std::filesystem::path const& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

/// Free bytes that a backup may use: the rest is for whoever cures the full disk.
constexpr std::uintmax_t kSpareBytes = 16 * 1024 * 1024;

/// Why there is no room for a copy of `source` in `folder`, if so. A compressed copy is at most a little larger.
std::optional<Error> no_room(std::filesystem::path const& source, std::filesystem::path const& folder) {
  std::error_code error;
  auto const space = std::filesystem::space(folder, error);
  if (error) return Error{Errc::unavailable, "the space for backups is unknown: " + error.message()};
  std::uintmax_t wanted = 0;
  auto const options = std::filesystem::directory_options::skip_permission_denied;
  for (auto at = std::filesystem::recursive_directory_iterator(source, options, error);
       !error && at != std::filesystem::recursive_directory_iterator(); at.increment(error)) {
    std::error_code unreadable;
    if (at->is_regular_file(unreadable) && !at->is_symlink(unreadable)) wanted += at->file_size(unreadable);
  }
  constexpr std::uintmax_t kMebibyte = 1024 * 1024;
  if (space.available > wanted + kSpareBytes) return std::nullopt;
  return Error{Errc::unavailable, "the disk is full: " + std::to_string(space.available / kMebibyte) + " MiB free, " +
                                      std::to_string((wanted + kSpareBytes) / kMebibyte + 1) + " MiB needed"};
}

process::ProcessOutcome tar(std::vector<std::string> arguments, std::stop_token stop) {
  process::ProcessSpec spec;
  spec.argv = {"/usr/bin/tar"};
  spec.argv.insert(spec.argv.end(), arguments.begin(), arguments.end());
  // gzip is found through PATH by tar itself.
  spec.environment = {{"PATH", std::string(process::kProgramPath)}};
  spec.timeout = kBackupTimeout;
  return process::run(spec, std::move(stop));
}

/// The time in the name: "20261123T031000Z.tar.gz".
std::optional<Instant> time_of(std::string const& name) {
  std::istringstream in(name);
  std::chrono::sys_seconds at;
  in >> date::parse("%Y%m%dT%H%M%SZ", at);
  if (in.fail()) return std::nullopt;
  return at;
}

}  // namespace

std::optional<Freshness> FolderBackups::freshness(DataSet const& set, Instant now) {
  auto const folder = below(workdir_, set.backups);
  std::error_code error;
  std::vector<std::string> names;
  for (auto const& entry : std::filesystem::directory_iterator(folder, error)) {
    auto const name = entry.path().filename().string();
    if (name.ends_with(kArchive) && time_of(name)) names.push_back(name);
  }
  std::sort(names.rbegin(), names.rend());
  for (auto const& name : names) {
    if (*time_of(name) > now) continue;  // some clock was wrong: nobody knows how old it is
    auto const archive = folder / name;
    auto const expected = read_all(archive.string() + std::string(kChecksum));
    bool const verified = !expected.empty() && sha256_hex(read_all(archive)) == expected;
    if (verified) return Freshness{now - *time_of(name), true, name};
  }
  if (names.empty()) return std::nullopt;
  return Freshness{std::max(Millis{0}, std::chrono::duration_cast<Millis>(now - *time_of(names.front()))), false,
                   names.front()};
}

Result<std::string> FolderBackups::make(DataSet const& set, Instant now, std::stop_token stop) {
  auto const source = below(workdir_, set.path);
  auto const folder = below(workdir_, set.backups);
  std::error_code error;
  if (!std::filesystem::is_directory(source, error)) return Error{Errc::not_found, "there is no folder " + set.path};
  std::filesystem::create_directories(folder, error);
  if (error) return Error{Errc::unavailable, "can't create " + set.backups + ": " + error.message()};
  if (auto full = no_room(source, folder)) return *full;
  auto const name =
      date::format("%Y%m%dT%H%M%SZ", std::chrono::floor<std::chrono::seconds>(now)) + std::string(kArchive);
  auto const archive = folder / name;
  auto const unfinished = archive.string() + ".part";
  auto const made = tar({"--create", "--gzip", "--file", unfinished, "--directory", source.string(), "."}, stop);
  if (!made.succeeded()) {
    std::filesystem::remove(unfinished, error);
    return Error{Errc::unavailable, "tar: " + made.output.substr(0, made.output.find('\n'))};
  }
  // A backup that can't be read back is none.
  if (auto const listed = tar({"--list", "--gzip", "--file", unfinished}, stop); !listed.succeeded()) {
    std::filesystem::remove(unfinished, error);
    return Error{Errc::unavailable, "the archive can't be read back"};
  }
  std::filesystem::permissions(unfinished, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write,
                               error);
  std::ofstream(archive.string() + std::string(kChecksum), std::ios::binary) << sha256_hex(read_all(unfinished));
  std::filesystem::rename(unfinished, archive, error);
  if (error) return Error{Errc::unavailable, "can't finish " + name + ": " + error.message()};
  return name;
}

}  // namespace tocsin
