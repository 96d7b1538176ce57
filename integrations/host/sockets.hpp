// Who listens on this host, and how long a connection to another one takes.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "incidents/base/result.hpp"
#include "incidents/base/time.hpp"

namespace tocsin::host {

enum class Protocol : std::uint8_t { tcp, udp };
enum class Family : std::uint8_t { v4, v6 };

[[nodiscard]] std::string_view name_of(Protocol protocol) noexcept;

/// A port somebody can be reached on. A "::" often takes IPv4 too; the kernel does not tell here.
struct Listener {
  Protocol protocol = Protocol::tcp;
  Family family = Family::v4;
  std::string address;  ///< as inet_ntop writes it; "0.0.0.0" and "::" are every address
  std::uint16_t port = 0;
  std::uint64_t inode = 0;
  std::uint32_t waiting = 0;         ///< TCP: connections nobody has accepted yet; UDP: bytes nobody has read yet
  std::optional<std::string> owner;  ///< the kernel's name of a process that holds it, where we may look
};

/// Listening TCP sockets or UDP sockets without a peer, out of /proc/net/{tcp,tcp6,udp,udp6}. Lines that are not whole
/// or not sane are left out. Errors: Errc::invalid when it is no such file.
[[nodiscard]] Result<std::vector<Listener>> parse_sockets(std::string_view text, Protocol protocol, Family family);

struct Listeners {
  std::vector<Listener> sockets;  ///< by protocol, port, address; each once, though several processes share it
  std::vector<Error> missing;     ///< which file could not be read, and whether owners are unknown for want of rights
};

inline constexpr std::size_t kMaxInspectedDescriptors = 200'000;

/// Reads root/proc (see VitalsOptions::root); on another root than "/" it is the network of the host's first process.
/// Blocking, for a worker thread; owners not found by `deadline` stay unknown. Errors: none of the files can be read.
[[nodiscard]] Result<Listeners> listening(std::filesystem::path const& root, std::stop_token stop,
                                          std::chrono::steady_clock::time_point deadline);

enum class Reach : std::uint8_t {
  connected,
  refused,      ///< the host is there, nobody listens
  timed_out,    ///< no answer: a firewall, a dead host, a full queue
  unreachable,  ///< no way there, says the network
  unresolved,   ///< the name has no address, or the name service did not answer
  stopped       ///< the stop token came first
};

[[nodiscard]] std::string_view name_of(Reach reach) noexcept;

struct ConnectOutcome {
  Reach reach = Reach::unresolved;
  std::string address;  ///< the one that answered, else the last one tried; empty when there was none
  std::chrono::microseconds connect_time{};  ///< of that one address, without the look-up of the name
  std::chrono::microseconds resolve_time{};
  std::string detail;  ///< why not, safe to show
};

inline constexpr Millis kMaxConnectTimeout{60'000};
/// A name with more addresses is tried on the first so many.
inline constexpr std::size_t kMaxAddresses = 8;

/// Opens a TCP connection and closes it at once. `host` is a name or a numeric address. Addresses are tried in the
/// order of the resolver, each with its share of the time left. If none answers, the most telling failure counts:
/// refused before timed_out before unreachable. `timeout` (0 < timeout <= kMaxConnectTimeout, else it is cut to that)
/// covers everything. Blocking, for a worker thread.
[[nodiscard]] ConnectOutcome connect_latency(std::string const& host, std::uint16_t port, Millis timeout,
                                             std::stop_token stop = {});

}  // namespace tocsin::host
