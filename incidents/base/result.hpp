// Two kinds of failure, two mechanisms: what depends on input or on the outside world comes back as a Result;
// a broken world (no memory, a bug, an unusable database) is an exception, caught once per unit of work.
#pragma once

#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace tocsin {

/// What kind of failure it was, so that callers decide without reading texts.
enum class Errc {
  invalid,      ///< the input is wrong; the detail says what was expected
  not_found,    ///< the thing named does not exist
  refused,      ///< somebody said no: rights, a guard, a server's permanent answer
  unavailable,  ///< not reachable or not able just now; trying again may help
  timed_out,    ///< no answer within the deadline; what it did is unknown
  too_large,    ///< over a named limit
  unsupported,  ///< this system can't do it
  unknown,      ///< it may or may not have happened
};

/// `detail` is safe to show in chat: no secrets, no raw input longer than a line.
struct Error {
  Errc code{};
  std::string detail;
  friend bool operator==(Error const&, Error const&) = default;
};

template <class T>
using Result = boost::system::result<T, Error>;

[[nodiscard]] constexpr std::string_view name_of(Errc code) noexcept {
  switch (code) {
    case Errc::invalid:
      return "invalid";
    case Errc::not_found:
      return "not_found";
    case Errc::refused:
      return "refused";
    case Errc::unavailable:
      return "unavailable";
    case Errc::timed_out:
      return "timed_out";
    case Errc::too_large:
      return "too_large";
    case Errc::unsupported:
      return "unsupported";
    case Errc::unknown:
      return "unknown";
  }
  return "unknown";
}

/// Found by argument-dependent look-up when somebody calls value() on a failure: a bug, hence an exception.
[[noreturn]] inline void throw_exception_from_error(Error const& error, boost::source_location const&) {
  throw std::logic_error("value of a failed result: " + error.detail);
}

}  // namespace tocsin
