#include "bot/terminal/socket_path.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "incidents/store/digest.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kNameDigits = 16;  // a socket's path has room for 107 bytes
/// RuntimeDirectory of the unit; with PrivateTmp nobody else sees the bot's /tmp.
constexpr char const* kRuntimeFolder = "/run/tocsin";

}  // namespace

std::filesystem::path socket_path(std::filesystem::path const& storage) { return storage.string() + ".sock"; }

std::filesystem::path spare_socket_path(std::filesystem::path const& storage) {
  std::error_code error;
  std::filesystem::path const folder = std::filesystem::is_directory(kRuntimeFolder, error) ? kRuntimeFolder : "/tmp";
  return folder / ("tocsin-" + sha256_hex(storage.string()).substr(0, kNameDigits) + ".sock");
}

std::filesystem::path socket_of(std::filesystem::path const& storage) {
  auto const spare = spare_socket_path(storage);
  struct stat there {};
  if (::lstat(spare.c_str(), &there) != 0 || !S_ISSOCK(there.st_mode)) return socket_path(storage);
  struct stat database {};
  bool const same_owner = ::stat(storage.c_str(), &database) == 0 && database.st_uid == there.st_uid;
  bool const trusted = there.st_uid == 0 || there.st_uid == ::geteuid() || same_owner;
  return trusted ? spare : socket_path(storage);
}

}  // namespace tocsin
