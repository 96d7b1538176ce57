#include "integrations/host/clock_sync.hpp"

#include <sys/timex.h>

#include <cerrno>
#include <system_error>

namespace tocsin::host {

Result<ClockSync> clock_sync() {
  timex state{};  // modes = 0: reads only
  int const status = ::adjtimex(&state);
  if (status < 0) return Error{Errc::unsupported, "adjtimex: " + std::generic_category().message(errno)};
  ClockSync sync;
  sync.synchronised = status != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
  sync.estimated_error = std::chrono::microseconds{state.esterror};
  sync.maximum_error = std::chrono::microseconds{state.maxerror};
  return sync;
}

}  // namespace tocsin::host
