#include "integrations/process/descriptor.hpp"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace tocsin::process {

void throw_errno(char const* what) { throw std::system_error(errno, std::generic_category(), what); }

void Descriptor::reset() noexcept {
  // EINTR is not retried: on Linux the number is free again in any case, and may already be somebody else's.
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Descriptor above_standard(Descriptor descriptor) {
  if (descriptor.fd() >= kFirstAboveStandard) return descriptor;
  Descriptor moved(::fcntl(descriptor.fd(), F_DUPFD_CLOEXEC, kFirstAboveStandard));
  if (!moved) throw_errno("fcntl");
  return moved;
}

Pipe make_pipe() {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) throw_errno("pipe2");
  Descriptor read(ends[0]);
  Descriptor write(ends[1]);
  return {above_standard(std::move(read)), above_standard(std::move(write))};
}

void set_nonblocking(Descriptor const& descriptor) {
  int const flags = ::fcntl(descriptor.fd(), F_GETFL);
  if (flags < 0 || ::fcntl(descriptor.fd(), F_SETFL, flags | O_NONBLOCK) != 0) throw_errno("fcntl");
}

StopEvent::StopEvent(std::stop_token token)
    : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), callback_(std::move(token), [fd = event_.fd()] {
        std::uint64_t const one = 1;
        // It can only fail when the counter is full, and then the event is readable already.
        [[maybe_unused]] auto const written = ::write(fd, &one, sizeof one);
      }) {
  if (!event_) throw_errno("eventfd");
}

}  // namespace tocsin::process
