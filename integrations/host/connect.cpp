#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>
#include <utility>

#include "integrations/host/shared_calls.hpp"
#include "integrations/host/sockets.hpp"
#include "integrations/process/descriptor.hpp"

namespace tocsin::host {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t kMaxHostBytes = 253;  // RFC 1035, 2.3.4, without the last dot

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

struct Resolution {
  int status = EAI_FAIL;  ///< of getaddrinfo
  std::vector<Address> addresses;
};

Resolution resolve(std::string const& host, std::string const& port, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | flags;
  addrinfo* found = nullptr;
  Resolution result;
  result.status = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
  std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> const owned(found, &::freeaddrinfo);
  if (result.status != 0) return result;
  for (auto const* each = found; each != nullptr && result.addresses.size() < kMaxAddresses; each = each->ai_next) {
    Address address;
    if (each->ai_addrlen > sizeof address.storage) continue;
    std::memcpy(&address.storage, each->ai_addr, each->ai_addrlen);
    address.size = each->ai_addrlen;
    result.addresses.push_back(address);
  }
  return result;
}

/// getaddrinfo knows no deadline, and a dead name service makes it wait for half a minute.
SharedCalls<Resolution>& look_ups() {
  static SharedCalls<Resolution> under_way;
  return under_way;
}

std::string printed(Address const& address) {
  std::array<char, NI_MAXHOST> text{};
  if (::getnameinfo(reinterpret_cast<sockaddr const*>(&address.storage), address.size, text.data(), text.size(),
                    nullptr, 0, NI_NUMERICHOST) != 0) {
    return "?";
  }
  return text.data();
}

Reach reach_of(int error) {
  switch (error) {
    case 0:
      return Reach::connected;
    case ECONNREFUSED:
      return Reach::refused;
    case ETIMEDOUT:
      return Reach::timed_out;
    default:
      return Reach::unreachable;
  }
}

std::chrono::microseconds since(Steady::time_point begin) {
  return std::chrono::duration_cast<std::chrono::microseconds>(Steady::now() - begin);
}

/// Waits until the socket is connected or has failed. The result is an errno value: 0, ETIMEDOUT, ECANCELED (stop).
int wait_for_connection(int socket, process::StopEvent const& stopped, Steady::time_point deadline) {
  for (;;) {
    auto const left = std::chrono::ceil<Millis>(deadline - Steady::now());
    if (left <= Millis::zero()) return ETIMEDOUT;
    std::array<pollfd, 2> polled{pollfd{socket, POLLOUT, 0}, pollfd{stopped.fd(), POLLIN, 0}};
    int const ready = ::poll(polled.data(), polled.size(), static_cast<int>(left.count()));
    if (ready < 0 && errno != EINTR) return errno;
    if (polled[1].revents != 0 && ready > 0) return ECANCELED;
    if (ready <= 0 || polled[0].revents == 0) continue;
    int error = 0;
    socklen_t size = sizeof error;
    return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
  }
}

/// A connection to a free port of our own range may be given that same port as its source, and then meets itself.
bool met_itself(int socket) {
  sockaddr_storage here{};
  sockaddr_storage there{};
  socklen_t here_size = sizeof here;
  socklen_t there_size = sizeof there;
  return ::getsockname(socket, reinterpret_cast<sockaddr*>(&here), &here_size) == 0 &&
         ::getpeername(socket, reinterpret_cast<sockaddr*>(&there), &there_size) == 0 && here_size == there_size &&
         std::memcmp(&here, &there, here_size) == 0;
}

ConnectOutcome try_address(Address const& address, process::StopEvent const& stopped, Steady::time_point deadline) {
  ConnectOutcome outcome;
  outcome.address = printed(address);
  process::Descriptor const socket(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  auto const begin = Steady::now();
  int error = socket ? 0 : errno;
  if (socket && ::connect(socket.fd(), reinterpret_cast<sockaddr const*>(&address.storage), address.size) != 0) {
    error = errno == EINPROGRESS ? wait_for_connection(socket.fd(), stopped, deadline) : errno;
  }
  outcome.connect_time = since(begin);
  if (error == 0 && met_itself(socket.fd())) error = ECONNREFUSED;
  outcome.reach = error == ECANCELED ? Reach::stopped : reach_of(error);
  if (error != 0) outcome.detail = outcome.address + ": " + std::generic_category().message(error);
  return outcome;
}

/// Smaller tells more about the host.
int rank_of(Reach reach) {
  switch (reach) {
    case Reach::connected:
      return 0;
    case Reach::stopped:
      return 1;
    case Reach::refused:
      return 2;
    case Reach::timed_out:
      return 3;
    default:
      return 4;
  }
}

ConnectOutcome unresolved(std::string detail) {
  ConnectOutcome outcome;
  outcome.detail = std::move(detail);
  return outcome;
}

/// Errors: Errc::not_found, timed_out, unavailable.
Result<std::vector<Address>> look_up(std::string const& host, std::string const& port, Steady::time_point deadline,
                                     std::stop_token const& stop) {
  auto numeric = resolve(host, port, AI_NUMERICHOST);
  if (numeric.status == 0) return std::move(numeric.addresses);
  auto const call = look_ups().begin(host + ":" + port, [host, port] { return resolve(host, port, 0); });
  if (!call) return Error{Errc::unavailable, "too many look-ups hang already"};
  auto answer = call->wait(deadline, stop);
  if (!answer && stop.stop_requested()) return Error{Errc::unavailable, "stopped"};
  if (!answer) return Error{Errc::timed_out, "the name service did not answer in time"};
  if (answer->status != 0) return Error{Errc::not_found, host + ": " + ::gai_strerror(answer->status)};
  return std::move(answer->addresses);
}

ConnectOutcome try_all(std::vector<Address> const& addresses, std::stop_token stop, Steady::time_point deadline) {
  process::StopEvent const stopped(stop);
  std::optional<ConnectOutcome> best;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    auto const now = Steady::now();
    auto const share = (deadline - now) / static_cast<int>(addresses.size() - i);
    auto outcome = try_address(addresses[i], stopped, now + std::max(share, Steady::duration::zero()));
    if (!best || rank_of(outcome.reach) < rank_of(best->reach)) best = std::move(outcome);
    if (best->reach == Reach::connected || best->reach == Reach::stopped) break;
  }
  return best ? std::move(*best) : unresolved("the name has no address");
}

}  // namespace

ConnectOutcome connect_latency(std::string const& host, std::uint16_t port, Millis timeout, std::stop_token stop) {
  if (host.empty() || host.size() > kMaxHostBytes || host.find('\0') != std::string::npos) {
    return unresolved("not the name of a host");
  }
  auto const begin = Steady::now();
  auto const deadline = begin + std::clamp(timeout, Millis{1}, kMaxConnectTimeout);
  auto const resolution = look_up(host, std::to_string(port), deadline, stop);
  auto const resolve_time = since(begin);
  ConnectOutcome outcome;
  if (!resolution) {
    outcome.detail = resolution.error().detail;
    if (stop.stop_requested()) outcome.reach = Reach::stopped;
  } else {
    try {
      outcome = try_all(*resolution, std::move(stop), deadline);
    } catch (std::system_error const& error) {
      outcome.reach = Reach::unreachable;
      outcome.detail = error.code().message();
    }
  }
  outcome.resolve_time = resolve_time;
  return outcome;
}

}  // namespace tocsin::host
