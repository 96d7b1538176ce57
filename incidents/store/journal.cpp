#include "incidents/store/journal.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "incidents/store/digest.hpp"

namespace tocsin::store {
namespace {

constexpr std::uint32_t kMagic = 0x314A4354;  // "TCJ1"
constexpr std::size_t kDigestBytes = 64;      // SHA-256 in hexadecimal

/// As it lies in the file. The file never leaves its machine, so the order of bytes is the machine's.
struct Header {
  std::uint32_t magic = kMagic;
  std::uint32_t kind = 0;
  std::int64_t episode = 0;
  std::uint64_t number = 0;
  std::uint64_t length = 0;
  std::array<char, kDigestBytes> digest{};
};
static_assert(sizeof(Header) == 32 + kDigestBytes);

std::string digest_of(Header header, std::string_view bytes) {
  header.digest.fill(0);
  std::string text(reinterpret_cast<char const*>(&header), sizeof header);
  text += bytes;
  return sha256_hex(text);
}

std::string words_of(int error) { return std::system_category().message(error); }

/// False: errno says why.
bool write_at(int descriptor, std::string_view bytes, std::size_t offset) {
  while (!bytes.empty()) {
    auto const written = ::pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
    offset += static_cast<std::size_t>(written);
  }
  return true;
}

bool read_at(int descriptor, char* into, std::size_t count, std::size_t offset) {
  while (count > 0) {
    auto const got = ::pread(descriptor, into, count, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    into += got;
    count -= static_cast<std::size_t>(got);
    offset += static_cast<std::size_t>(got);
  }
  return true;
}

}  // namespace

EmergencyJournal::EmergencyJournal(std::filesystem::path file, std::size_t bytes) : file_(std::move(file)) {
  descriptor_ = ::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor_ < 0) {
    trouble_ = words_of(errno);
    // What an earlier run wrote can still be read.
    descriptor_ = ::open(file_.c_str(), O_RDONLY | O_CLOEXEC);
  }
  struct stat status {};
  if (descriptor_ >= 0 && ::fstat(descriptor_, &status) == 0) capacity_ = static_cast<std::size_t>(status.st_size);
  if (trouble_.empty() && capacity_ < bytes) reserve(bytes);
}

EmergencyJournal::~EmergencyJournal() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

/// Zeros and not posix_fallocate: on some file systems the first write into blocks that are only promised needs room
/// of its own.
void EmergencyJournal::reserve(std::size_t bytes) {
  std::string const zeros(64 * 1024, '\0');
  while (capacity_ < bytes) {
    auto const part = std::string_view(zeros).substr(0, std::min(zeros.size(), bytes - capacity_));
    if (!write_at(descriptor_, part, capacity_)) {
      trouble_ = words_of(errno);
      break;
    }
    capacity_ += part.size();
  }
  if (::fdatasync(descriptor_) != 0 && trouble_.empty()) trouble_ = words_of(errno);
  // Less than asked for is better than nothing; whether it is enough shows when it is used.
  if (capacity_ >= sizeof(Header)) trouble_.clear();
}

EmergencyJournal::Episode EmergencyJournal::read() {
  Episode episode;
  end_ = 0;
  next_ = 0;
  while (descriptor_ >= 0) {
    Header header;
    if (end_ + sizeof header > capacity_) break;
    if (!read_at(descriptor_, reinterpret_cast<char*>(&header), sizeof header, end_)) break;
    bool const follows = header.magic == kMagic && header.number == next_ && header.episode > 0 &&
                         (next_ == 0 || header.episode == episode.number);
    if (!follows || header.length > capacity_ - end_ - sizeof header) break;
    std::string bytes(header.length, '\0');
    if (!read_at(descriptor_, bytes.data(), bytes.size(), end_ + sizeof header)) break;
    if (digest_of(header, bytes) != std::string_view(header.digest.data(), header.digest.size())) break;
    episode.number = header.episode;
    episode.frames.push_back({static_cast<JournalFrame::Kind>(header.kind), std::move(bytes)});
    end_ += sizeof header + header.length;
    ++next_;
  }
  episode_ = episode.number;
  return episode;
}

void EmergencyJournal::begin(std::int64_t number) {
  episode_ = number;
  end_ = 0;
  next_ = 0;
}

Result<void> EmergencyJournal::append(JournalFrame::Kind kind, std::string_view bytes) {
  if (!trouble_.empty()) return Error{Errc::unavailable, trouble_};
  if (bytes.size() + sizeof(Header) > capacity_ - end_) {
    return Error{Errc::too_large, "the journal of " + std::to_string(capacity_ / 1024) + " KiB is full"};
  }
  Header header;
  header.kind = static_cast<std::uint32_t>(kind);
  header.episode = episode_;
  header.number = next_;
  header.length = bytes.size();
  auto const digest = digest_of(header, bytes);
  std::copy(digest.begin(), digest.end(), header.digest.begin());
  std::string frame(reinterpret_cast<char const*>(&header), sizeof header);
  frame += bytes;
  if (!write_at(descriptor_, frame, end_) || ::fdatasync(descriptor_) != 0) {
    return Error{Errc::unavailable, words_of(errno)};
  }
  end_ += frame.size();
  ++next_;
  return {};
}

Result<void> EmergencyJournal::clear() {
  end_ = 0;
  next_ = 0;
  if (capacity_ < sizeof(Header)) return {};
  if (!write_at(descriptor_, std::string(sizeof(Header), '\0'), 0) || ::fdatasync(descriptor_) != 0) {
    return Error{Errc::unavailable, words_of(errno)};
  }
  return {};
}

}  // namespace tocsin::store
