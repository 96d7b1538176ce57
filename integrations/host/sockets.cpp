#include "integrations/host/sockets.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <system_error>
#include <tuple>
#include <utility>

#include "integrations/host/files.hpp"
#include "integrations/host/text.hpp"
#include "integrations/process/output.hpp"

namespace tocsin::host {
namespace {

namespace fs = std::filesystem;
using Steady = std::chrono::steady_clock;

/// Listening sockets stand first in the kernel's list, so the beginning is enough on a host full of connections.
constexpr std::size_t kMaxSocketFileBytes = 4 * 1024 * 1024;
constexpr std::size_t kMaxNameBytes = 256;

// States of include/net/tcp_states.h. UDP uses "close" for a socket that is not connected.
constexpr unsigned kListen = 0x0A;
constexpr unsigned kClose = 0x07;

struct Endpoint {
  std::string address;
  std::uint16_t port = 0;
};

/// `0100007F:1F90`. Each group of eight digits is a 32-bit word of the address as it lies in memory, printed as a
/// number of this machine; the port is an ordinary number.
std::optional<Endpoint> parse_endpoint(std::string_view text, Family family) {
  constexpr std::size_t kDigitsPerWord = 8;
  std::size_t const words = family == Family::v4 ? 1 : 4;
  auto const colon = words * kDigitsPerWord;
  if (text.size() != colon + 5 || text[colon] != ':') return std::nullopt;
  std::array<std::uint32_t, 4> raw{};
  for (std::size_t i = 0; i < words; ++i) {
    auto const word = number<std::uint32_t>(text.substr(i * kDigitsPerWord, kDigitsPerWord), 16);
    if (!word) return std::nullopt;
    raw[i] = *word;
  }
  auto const port = number<std::uint16_t>(text.substr(colon + 1), 16);
  if (!port) return std::nullopt;
  std::array<char, INET6_ADDRSTRLEN> printed{};
  ::inet_ntop(family == Family::v4 ? AF_INET : AF_INET6, raw.data(), printed.data(), printed.size());
  return Endpoint{printed.data(), *port};
}

/// `   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000  0 12345 …`
std::optional<Listener> parse_line(std::string_view line, Protocol protocol, Family family) {
  (void)next_word(line);  // the line's number
  auto const local = parse_endpoint(next_word(line), family);
  auto const remote = parse_endpoint(next_word(line), family);
  auto const state = number<unsigned>(next_word(line), 16);
  auto const queues = next_word(line);
  for (int unwanted = 0; unwanted < 4; ++unwanted) (void)next_word(line);  // timer, retransmits, user, time-out
  auto const inode = number<std::uint64_t>(next_word(line));
  auto const colon = queues.find(':');
  if (!local || !remote || !state || !inode || colon == std::string_view::npos) return std::nullopt;
  auto const received = number<std::uint32_t>(queues.substr(colon + 1), 16);
  if (!received) return std::nullopt;
  bool const open_to_all = protocol == Protocol::tcp ? *state == kListen : *state == kClose && remote->port == 0;
  if (!open_to_all || local->port == 0) return std::nullopt;
  return Listener{protocol, family, local->address, local->port, *inode, *received, std::nullopt};
}

auto order_of(Listener const& listener) { return std::tie(listener.protocol, listener.port, listener.address); }

std::optional<std::uint64_t> socket_inode(std::string_view link) {
  constexpr std::string_view kPrefix = "socket:[";
  if (!link.starts_with(kPrefix) || !link.ends_with(']')) return std::nullopt;
  return number<std::uint64_t>(link.substr(kPrefix.size(), link.size() - kPrefix.size() - 1));
}

/// Looks for the processes that hold the sockets, through the links of /proc/<pid>/fd.
class OwnerSearch {
 public:
  OwnerSearch(fs::path proc, std::stop_token stop, Steady::time_point deadline)
      : proc_(std::move(proc)), stop_(std::move(stop)), deadline_(deadline) {}

  void find(std::vector<Listener>& listeners) {
    for (auto& listener : listeners) wanted_[listener.inode].push_back(&listener);
    std::error_code failed;
    for (fs::directory_iterator entry(proc_, failed), end; !failed && entry != end; entry.increment(failed)) {
      if (wanted_.empty() || exhausted()) return;
      if (number<std::int64_t>(entry->path().filename().native())) look_into(entry->path());
    }
  }

  [[nodiscard]] std::optional<Error> shortfall() const {
    if (wanted_.empty()) return std::nullopt;
    if (exhausted()) return Error{Errc::timed_out, "not all processes were looked at: some owners are unknown"};
    if (closed_ > 0) return Error{Errc::refused, "no right to see who holds some of the ports"};
    return std::nullopt;
  }

 private:
  [[nodiscard]] bool exhausted() const {
    return inspected_ >= kMaxInspectedDescriptors || stop_.stop_requested() || Steady::now() >= deadline_;
  }

  void look_into(fs::path const& process) {
    std::error_code failed;
    fs::directory_iterator entry(process / "fd", failed);
    if (failed) {
      if (failed == std::errc::permission_denied) ++closed_;
      return;
    }
    for (fs::directory_iterator end; !failed && entry != end && !exhausted(); entry.increment(failed)) {
      ++inspected_;
      std::error_code gone;
      auto const inode = socket_inode(fs::read_symlink(entry->path(), gone).native());
      auto const found = inode ? wanted_.find(*inode) : wanted_.end();
      if (found == wanted_.end()) continue;
      auto const name = read_beginning(process / "comm", kMaxNameBytes);
      if (!name) return;
      auto text = std::string_view(name->text);
      for (auto* listener : found->second) listener->owner = process::cleaned(next_line(text));
      wanted_.erase(found);
    }
  }

  fs::path proc_;
  std::stop_token stop_;
  Steady::time_point deadline_;
  std::map<std::uint64_t, std::vector<Listener*>> wanted_;
  std::size_t inspected_ = 0;
  int closed_ = 0;
};

}  // namespace

std::string_view name_of(Protocol protocol) noexcept { return protocol == Protocol::tcp ? "tcp" : "udp"; }

std::string_view name_of(Reach reach) noexcept {
  switch (reach) {
    case Reach::connected:
      return "connected";
    case Reach::refused:
      return "refused";
    case Reach::timed_out:
      return "timed_out";
    case Reach::unreachable:
      return "unreachable";
    case Reach::unresolved:
      return "unresolved";
    case Reach::stopped:
      return "stopped";
  }
  return "unknown";
}

Result<std::vector<Listener>> parse_sockets(std::string_view text, Protocol protocol, Family family) {
  auto head = next_line(text);
  if (next_word(head) != "sl" || next_word(head) != "local_address") return Error{Errc::invalid, "no list of sockets"};
  std::vector<Listener> listeners;
  while (!text.empty()) {
    if (auto listener = parse_line(next_line(text), protocol, family)) listeners.push_back(std::move(*listener));
  }
  return listeners;
}

Result<Listeners> listening(fs::path const& root, std::stop_token stop, Steady::time_point deadline) {
  auto const proc = root / "proc";
  auto const net = proc / (root == "/" ? "self/net" : "1/net");
  Listeners result;
  for (auto const& [file, protocol, family] :
       {std::tuple("tcp", Protocol::tcp, Family::v4), std::tuple("tcp6", Protocol::tcp, Family::v6),
        std::tuple("udp", Protocol::udp, Family::v4), std::tuple("udp6", Protocol::udp, Family::v6)}) {
    auto const text = read_beginning(net / file, kMaxSocketFileBytes);
    auto found = text ? parse_sockets(text->text, protocol, family) : Result<std::vector<Listener>>(text.error());
    if (!found) {
      result.missing.push_back(found.error());
      continue;
    }
    result.sockets.insert(result.sockets.end(), found->begin(), found->end());
  }
  if (result.missing.size() == 4) return result.missing.front();

  OwnerSearch search(proc, std::move(stop), deadline);
  search.find(result.sockets);
  if (auto shortfall = search.shortfall()) result.missing.push_back(std::move(*shortfall));
  // Those with a known owner first, so that of several sockets on one port (SO_REUSEPORT) such a one stays.
  std::stable_sort(result.sockets.begin(), result.sockets.end(), [](Listener const& a, Listener const& b) {
    return order_of(a) != order_of(b) ? order_of(a) < order_of(b) : a.owner.has_value() > b.owner.has_value();
  });
  auto const same = [](Listener const& a, Listener const& b) { return order_of(a) == order_of(b); };
  result.sockets.erase(std::unique(result.sockets.begin(), result.sockets.end(), same), result.sockets.end());
  return result;
}

}  // namespace tocsin::host
