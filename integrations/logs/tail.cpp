#include "integrations/logs/tail.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "integrations/process/descriptor.hpp"
#include "integrations/process/output.hpp"

namespace tocsin::logs {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t kFirstWindowBytes = 64 * 1024;
/// Few steps: each looks at everything again, so that entries across the old border are whole.
constexpr std::size_t kWindowGrowth = 16;
/// The end of the year 9999: a file can claim any time.
constexpr std::int64_t kMaxSeconds = 253'402'300'799;
constexpr std::string_view kFrontMark = "[…] ";

struct OpenLog {
  process::Descriptor file;
  std::uint64_t size = 0;
  Instant written_at{};
  dev_t device = 0;
  ino_t inode = 0;
};

Error error_of(int number, std::filesystem::path const& file) {
  auto detail = file.native() + ": " + std::generic_category().message(number);
  if (number == ENOENT || number == ENOTDIR) return {Errc::not_found, std::move(detail)};
  if (number == ELOOP) return {Errc::refused, file.native() + ": a symbolic link"};
  if (number == EACCES || number == EPERM) return {Errc::refused, std::move(detail)};
  return {Errc::unavailable, std::move(detail)};
}

Result<OpenLog> open_log(std::filesystem::path const& file, TailRequest::Links links) {
  bool const follow = links == TailRequest::Links::follow;
  auto const not_regular = [&] { return Error{Errc::refused, file.native() + ": not a regular file"}; };
  struct stat info {};
  // Looked at before it is opened: to open a device can be an act in itself.
  if (::fstatat(AT_FDCWD, file.c_str(), &info, follow ? 0 : AT_SYMLINK_NOFOLLOW) != 0) return error_of(errno, file);
  if (S_ISLNK(info.st_mode)) return error_of(ELOOP, file);
  if (!S_ISREG(info.st_mode)) return not_regular();
  OpenLog log;
  log.file = process::Descriptor(
      ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (follow ? 0 : O_NOFOLLOW)));
  if (!log.file || ::fstat(log.file.fd(), &info) != 0) return error_of(errno, file);
  if (!S_ISREG(info.st_mode)) return not_regular();  // exchanged since
  log.device = info.st_dev;
  log.inode = info.st_ino;
  log.size = static_cast<std::uint64_t>(std::max<off_t>(info.st_size, 0));
  log.written_at = Instant{std::chrono::seconds(std::clamp<std::int64_t>(info.st_mtim.tv_sec, 0, kMaxSeconds))} +
                   Millis{info.st_mtim.tv_nsec / 1'000'000};
  return log;
}

/// Reads [from, from + bytes) of the log into `place`; how many came: fewer where it was truncated meanwhile.
Result<std::size_t> read_at(OpenLog const& log, std::uint64_t from, char* place, std::size_t bytes) {
  std::size_t filled = 0;
  while (filled < bytes) {
    auto const got = ::pread(log.file.fd(), place + filled, bytes - filled, static_cast<off_t>(from + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error{Errc::unavailable, "reading fails: " + std::generic_category().message(errno)};
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  return filled;
}

/// The end of the live file, grown towards its beginning and on into the rotated file.
class Window {
 public:
  Window(TailRequest const& request, OpenLog live)
      : request_(request), live_(std::move(live)), live_begin_(live_.size) {}

  /// Makes the window `bytes` long, or reaches back to the beginning of the live file; called again there, it goes on
  /// in the rotated file.
  std::optional<Error> grow_to(std::size_t bytes) {
    if (live_begin_ > 0) return extend(live_, live_begin_, bytes);
    open_rotated();
    if (!rotated_) return std::nullopt;
    auto const before = size();
    auto error = extend(*rotated_, rotated_begin_, bytes);
    reached_rotated_ = reached_rotated_ || size() > before;
    return error;
  }

  /// Nothing older is left to read.
  [[nodiscard]] bool at_beginning() const {
    return live_begin_ == 0 && (!request_.rotated || (rotated_sought_ && rotated_begin_ == 0));
  }

  /// What was read, from the first whole line on. Of a single line longer than the window its end, marked.
  [[nodiscard]] std::string_view whole_lines() {
    std::string_view const text(buffer_.get() + begin_, size());
    if (unread() == 0) return text;
    auto const end = text.find('\n');
    // The line end at the very end does not begin another line.
    if (end != std::string_view::npos && end + 1 < text.size()) return text.substr(end + 1);
    giant_ = kFrontMark;
    giant_ += process::utf8_suffix(text, kMaxLineBytes - kFrontMark.size());
    return giant_;
  }

  [[nodiscard]] std::size_t size() const { return kBufferBytes - begin_; }
  [[nodiscard]] std::uint64_t unread() const { return live_begin_ + rotated_begin_; }
  [[nodiscard]] bool reached_rotated() const { return reached_rotated_; }
  [[nodiscard]] Instant written_at() const { return live_.written_at; }

 private:
  /// One byte more than is read, for the line end between the two files.
  static constexpr std::size_t kBufferBytes = kMaxScanBytes + 1;

  std::optional<Error> extend(OpenLog const& log, std::uint64_t& begin, std::size_t bytes) {
    if (size() >= bytes) return std::nullopt;
    auto const missing = static_cast<std::size_t>(std::min<std::uint64_t>(begin, bytes - size()));
    auto* const place = buffer_.get() + begin_ - missing;
    auto const got = read_at(log, begin - missing, place, missing);
    if (!got) return got.error();
    // Truncated meanwhile: what came moves up to what is there.
    std::memmove(place + (missing - *got), place, *got);
    begin -= missing;
    begin_ -= *got;
    return std::nullopt;
  }

  void open_rotated() {
    if (rotated_sought_ || !request_.rotated) return;
    rotated_sought_ = true;
    auto file = request_.file;
    file += ".1";
    auto opened = open_log(file, request_.links);
    if (!opened) return;  // most logs have none
    // Rotated between the two openings: then it is the file that is open already.
    if (opened->device == live_.device && opened->inode == live_.inode) return;
    if (request_.wanted.since && opened->written_at < *request_.wanted.since) return;
    rotated_begin_ = opened->size;
    rotated_ = std::move(*opened);
    // Its last line may have been cut off in the middle of being written.
    char last = '\n';
    if (rotated_begin_ > 0) (void)read_at(*rotated_, rotated_begin_ - 1, &last, 1);
    if (last != '\n') buffer_[--begin_] = '\n';
  }

  TailRequest const& request_;
  OpenLog live_;
  std::uint64_t live_begin_;
  std::optional<OpenLog> rotated_;
  std::uint64_t rotated_begin_ = 0;
  bool rotated_sought_ = false;
  bool reached_rotated_ = false;
  /// What was read stands at its end. Left uninitialised: of memory that is not touched nothing is used.
  std::unique_ptr<char[]> buffer_ = std::make_unique_for_overwrite<char[]>(kBufferBytes);
  std::size_t begin_ = kBufferBytes;
  std::string giant_;
};

std::optional<Error> mistake_of(TailRequest const& request) {
  auto const invalid = [](std::string detail) { return Error{Errc::invalid, std::move(detail)}; };
  auto const& wanted = request.wanted;
  if (!request.file.is_absolute() || request.file.native().find('\0') != std::string::npos) {
    return invalid("the file is not an absolute path");
  }
  if (wanted.lines == 0 || wanted.lines > kMaxLines) return invalid("the number of lines is not within 1 and 5000");
  if (wanted.bytes == 0 || wanted.bytes > kMaxTextBytes) return invalid("the size is not within 1 B and 1 MiB");
  auto const* const sought = std::get_if<Containing>(&wanted.filter);
  if (sought != nullptr && (sought->text.empty() || sought->text.size() > kMaxNeedleBytes)) {
    return invalid("the text sought is not within 1 and 256 bytes");
  }
  return std::nullopt;
}

/// Nothing can have been written later than the file was; a day for clocks and zones that differ.
StampRules completed(StampRules rules, Instant written_at) {
  auto const latest = written_at + std::chrono::days(1);
  if (!rules.latest) rules.latest = latest;
  if (!rules.year) {
    rules.year = static_cast<int>(std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(latest)).year());
  }
  return rules;
}

}  // namespace

Result<Tail> tail(TailRequest const& request, std::stop_token stop, Steady::time_point deadline) {
  if (auto mistake = mistake_of(request)) return *mistake;
  if (Steady::now() >= deadline) return Error{Errc::timed_out, "no time left to read " + request.file.native()};
  auto live = open_log(request.file, request.links);
  if (!live) return live.error();
  Window window(request, std::move(*live));
  auto const rules = completed(request.stamps, window.written_at());

  Selection selection;
  bool complete = false;
  for (auto bytes = kFirstWindowBytes;;) {
    if (stop.stop_requested()) return Error{Errc::unavailable, "stopped"};
    if (auto error = window.grow_to(bytes)) return *error;
    selection = select(window.whole_lines(), request.wanted, rules);
    complete = selection.full || window.at_beginning();
    if (complete || window.size() >= kMaxScanBytes || Steady::now() >= deadline) break;
    if (window.size() >= bytes) bytes = std::min(bytes * kWindowGrowth, kMaxScanBytes);
  }
  return Tail{std::move(selection.lines),        selection.left_out, window.unread(),         window.written_at(),
              !complete || selection.over_limit, selection.dated,    window.reached_rotated()};
}

}  // namespace tocsin::logs
