// An owned file descriptor, and one that wakes a poll() when a stop is asked for.
#pragma once

#include <functional>
#include <stop_token>
#include <utility>

namespace tocsin::process {

inline constexpr int kFirstAboveStandard = 3;

/// What the system just refused, as std::system_error.
[[noreturn]] void throw_errno(char const* what);

/// Closes its descriptor when it dies. Not copied; -1 is "none".
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) noexcept : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~Descriptor() { reset(); }

  [[nodiscard]] int fd() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }
  void reset() noexcept;

 private:
  int fd_ = -1;
};

/// The two ends of a pipe, both close-on-exec and never 0, 1 or 2, so that a child can put them there in any order.
struct Pipe {
  Descriptor read;
  Descriptor write;
};

/// Throws std::system_error when the process is out of descriptors.
[[nodiscard]] Pipe make_pipe();

/// The same descriptor on a number above 2; close-on-exec. Throws std::system_error.
[[nodiscard]] Descriptor above_standard(Descriptor descriptor);

/// Makes reads and writes return EAGAIN instead of waiting. Throws std::system_error.
void set_nonblocking(Descriptor const& descriptor);

/// For poll(): `fd()` becomes readable, and stays so, once the token is asked to stop. Belongs to one thread; the
/// stop may be asked for from any.
class StopEvent {
 public:
  /// Throws std::system_error when the process is out of descriptors.
  explicit StopEvent(std::stop_token token);
  StopEvent(StopEvent const&) = delete;
  StopEvent& operator=(StopEvent const&) = delete;

  [[nodiscard]] int fd() const noexcept { return event_.fd(); }

 private:
  Descriptor event_;
  std::stop_callback<std::function<void()>> callback_;  // after event_: it may write to it at once
};

}  // namespace tocsin::process
