// One bot per database.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <utility>

#include "incidents/store/sqlite.hpp"

namespace tocsin {

Result<StoreLock> StoreLock::take(std::filesystem::path const& file) {
  auto const name = file.string() + ".lock";
  int descriptor = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  // A disk that takes no new file must not keep the bot from starting: an old lock file will do, else the folder.
  if (descriptor < 0) descriptor = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) descriptor = ::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return Error{Errc::unavailable, "can't create " + name};
  StoreLock lock(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    char holder[24] = {};
    auto const length = ::read(descriptor, holder, sizeof holder - 1);
    return Error{Errc::refused, "another bot (process " +
                                    std::string(holder, length > 0 ? static_cast<std::size_t>(length) : 0) + ") uses " +
                                    file.string() + "; one database has one bot"};
  }
  auto const own = std::to_string(::getpid());
  if (::ftruncate(descriptor, 0) != 0 || ::pwrite(descriptor, own.data(), own.size(), 0) < 0) {
    // Only the message of a second start needs the number; the lock itself holds.
  }
  return lock;
}

StoreLock::StoreLock(StoreLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

StoreLock::~StoreLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace tocsin
