#include "integrations/host/files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "integrations/process/descriptor.hpp"

namespace tocsin::host {
namespace {

constexpr std::size_t kBlockBytes = 16 * 1024;

Error error_of(int number, std::filesystem::path const& file) {
  auto detail = file.native() + ": " + std::generic_category().message(number);
  switch (number) {
    case ENOENT:
    case ENOTDIR:
    case ESRCH:
      return {Errc::not_found, std::move(detail)};  // ESRCH: the process ended while it was read
    case EACCES:
    case EPERM:
      return {Errc::refused, std::move(detail)};
    case EOPNOTSUPP:
      return {Errc::unsupported, std::move(detail)};
    default:
      return {Errc::unavailable, std::move(detail)};
  }
}

}  // namespace

Result<FileText> read_beginning(std::filesystem::path const& file, std::size_t limit_bytes) {
  // O_NONBLOCK: a FIFO in the place of a file must not hold the thread.
  process::Descriptor const opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!opened) return error_of(errno, file);
  FileText result;
  std::array<char, kBlockBytes> block;
  for (;;) {
    auto const got = ::read(opened.fd(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return error_of(errno, file);
    if (got == 0) return result;
    auto const taken = std::min(static_cast<std::size_t>(got), limit_bytes - result.text.size());
    result.text.append(block.data(), taken);
    if (taken < static_cast<std::size_t>(got)) {
      result.cut = true;
      return result;
    }
  }
}

Result<std::string> read_whole(std::filesystem::path const& file, std::size_t limit_bytes) {
  auto result = read_beginning(file, limit_bytes);
  if (!result) return result.error();
  if (result->cut) return Error{Errc::too_large, file.native() + ": over " + std::to_string(limit_bytes) + " B"};
  return std::move(result->text);
}

}  // namespace tocsin::host
