#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <future>
#include <string>
#include <string_view>
#include <vector>

#include "integrations/host/sockets.hpp"
#include "integrations/process/descriptor.hpp"
#include "tests/integrations/process_fixtures.hpp"

using namespace tocsin;
using namespace tocsin::host;
using tocsin::process::Descriptor;
using tocsin::process::testing::Folder;
using tocsin::process::testing::text_of;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

using Steady = std::chrono::steady_clock;

constexpr std::string_view kHead =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

std::string line(std::string_view local, std::string_view remote, std::string_view state, int inode,
                 std::string_view queues = "00000000:00000000") {
  return "   0: " + std::string(local) + " " + std::string(remote) + " " + std::string(state) + " " +
         std::string(queues) + " 00:00000000 00000000  1000        0 " + std::to_string(inode) +
         " 1 0000 100 0 0 10 0\n";
}

struct Bound {
  Descriptor socket;
  std::uint16_t port = 0;
};

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

Bound bind_loopback(int type, bool listening_too, int backlog = 16) {
  Bound bound{Descriptor(::socket(AF_INET, type | SOCK_CLOEXEC, 0)), 0};
  auto address = loopback(0);
  socklen_t size = sizeof address;
  REQUIRE(::bind(bound.socket.fd(), reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(::getsockname(bound.socket.fd(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
  if (listening_too) REQUIRE(::listen(bound.socket.fd(), backlog) == 0);
  bound.port = ntohs(address.sin_port);
  return bound;
}

std::vector<Descriptor> connections_to(std::uint16_t port, int count) {
  std::vector<Descriptor> result;
  auto const address = loopback(port);
  for (int i = 0; i < count; ++i) {
    result.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    (void)::connect(result.back().fd(), reinterpret_cast<sockaddr const*>(&address), sizeof address);
  }
  return result;
}

Listener const* find(std::vector<Listener> const& listeners, Protocol protocol, std::uint16_t port) {
  for (auto const& each : listeners) {
    if (each.protocol == protocol && each.port == port) return &each;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("addresses are decoded") {
  struct Row {
    std::string_view name;
    Family family;
    std::string local;
    std::string_view address;
    int port;
  };
  std::string const none4 = "00000000:0000";
  std::string const none6 = "00000000000000000000000000000000:0000";
  // As a little-endian machine prints them: these rows hold for x86 and ARM.
  for (auto const& row :
       {Row{"loopback", Family::v4, "0100007F:1F90", "127.0.0.1", 8080},
        Row{"every address", Family::v4, "00000000:0050", "0.0.0.0", 80},
        Row{"a private one", Family::v4, "0A01A8C0:FFFF", "192.168.1.10", 65535},
        Row{"every address of IPv6", Family::v6, "00000000000000000000000000000000:01BB", "::", 443},
        Row{"loopback of IPv6", Family::v6, "00000000000000000000000001000000:1538", "::1", 5432},
        Row{"a real one", Family::v6, "B80D0120000000000000000001000000:18EB", "2001:db8::1", 6379},
        Row{"link-local", Family::v6, "000080FE00000000FF005450FE341256:0016", "fe80::5054:ff:5612:34fe", 22},
        Row{"IPv4 within IPv6", Family::v6, "0000000000000000FFFF00000100007F:0019", "::ffff:127.0.0.1", 25}}) {
    CAPTURE(row.name);
    auto const text = std::string(kHead) + line(row.local, row.family == Family::v4 ? none4 : none6, "0A", 7);
    auto const found = parse_sockets(text, Protocol::tcp, row.family);
    REQUIRE(found.has_value());
    REQUIRE(found->size() == 1);
    CHECK(found->front().address == row.address);
    CHECK(found->front().port == row.port);
    CHECK(found->front().inode == 7);
  }
}

TEST_CASE("only sockets that can be reached are listed") {
  std::string const any = "00000000:0000";
  std::string const peer = "0100007F:1234";
  struct Row {
    std::string_view name;
    Protocol protocol;
    std::string text;
    bool listed;
  };
  for (auto const& row :
       {Row{"a listening one", Protocol::tcp, line("0100007F:1F90", any, "0A", 1), true},
        Row{"an established one", Protocol::tcp, line("0100007F:1F90", peer, "01", 1), false},
        Row{"one in time-wait", Protocol::tcp, line("0100007F:1F90", peer, "06", 1), false},
        Row{"an open UDP port", Protocol::udp, line("0100007F:0035", any, "07", 1), true},
        Row{"a connected UDP socket", Protocol::udp, line("0100007F:0035", peer, "01", 1), false},
        Row{"a UDP socket without a port", Protocol::udp, line("00000000:0000", any, "07", 1), false},
        Row{"an address that is too short", Protocol::tcp, line("100007F:1F90", any, "0A", 1), false},
        Row{"an address that is too long", Protocol::tcp, line("000100007F:1F90", any, "0A", 1), false},
        Row{"an address of IPv6 in a file of IPv4", Protocol::tcp, line(std::string(32, '0') + ":1F90", any, "0A", 1),
            false},
        Row{"no hexadecimal", Protocol::tcp, line("0100007G:1F90", any, "0A", 1), false},
        Row{"a signed one", Protocol::tcp, line("-100007F:1F90", any, "0A", 1), false},
        Row{"a port that is too big", Protocol::tcp, line("0100007F:11F90", any, "0A", 1), false},
        Row{"a torn line", Protocol::tcp, line("0100007F:1F90", any, "0A", 1).substr(0, 60), false},
        Row{"no queue", Protocol::tcp, line("0100007F:1F90", any, "0A", 1, "00000000"), false},
        Row{"noise", Protocol::tcp, "\xFF\0 \n:::::: \n", false}}) {
    CAPTURE(row.name);
    auto const good = line("00000000:0050", any, row.protocol == Protocol::tcp ? "0A" : "07", 99);
    auto const found = parse_sockets(std::string(kHead) + row.text + "\n" + good, row.protocol, Family::v4);
    REQUIRE(found.has_value());
    CHECK(found->size() == (row.listed ? 2 : 1));  // the good one stays, whatever stands before it
    CHECK(found->back().inode == 99);
  }
  for (auto const text : {"", "\n", "sl", "Inter-|   Receive\n"}) {
    CHECK(parse_sockets(text, Protocol::tcp, Family::v4).error().code == Errc::invalid);
  }
}

TEST_CASE("the queue of waiting connections is told") {
  auto const text = std::string(kHead) + line("00000000:0050", "00000000:0000", "0A", 5, "00000000:00000081");
  CHECK(parse_sockets(text, Protocol::tcp, Family::v4)->front().waiting == 129);
}

TEST_CASE("our own listening ports are found, with our name") {
  auto const tcp = bind_loopback(SOCK_STREAM, true);
  auto const udp = bind_loopback(SOCK_DGRAM, false);
  auto const silent = bind_loopback(SOCK_STREAM, false);
  auto const found = listening("/", {}, Steady::now() + 10s);
  REQUIRE(found.has_value());
  auto name = text_of("/proc/self/comm");
  name.pop_back();
  auto const* const web = find(found->sockets, Protocol::tcp, tcp.port);
  REQUIRE(web != nullptr);
  CHECK(web->address == "127.0.0.1");
  CHECK(web->owner == name);
  auto const* const dns = find(found->sockets, Protocol::udp, udp.port);
  REQUIRE(dns != nullptr);
  CHECK(dns->owner == name);
  CHECK(find(found->sockets, Protocol::tcp, silent.port) == nullptr);
}

TEST_CASE("another root is another network, and what is missing there is named") {
  Folder const folder;
  auto const write = [&](std::string const& name, std::string const& text) {
    auto const file = folder.path() / "proc" / name;
    fs::create_directories(file.parent_path());
    std::ofstream(file) << text;
  };
  CHECK(listening(folder.path(), {}, Steady::now() + 1s).error().code == Errc::not_found);
  auto const any = "00000000:0000";
  write("1/net/tcp", std::string(kHead) + line("00000000:0050", any, "0A", 500) +
                         line("0100007F:1F90", any, "0A", 501) + line("00000000:0050", any, "0A", 502) +
                         line("00000000:0016", any, "0A", 503));
  write("1/net/udp", std::string(kHead) + line("00000000:0035", any, "07", 504));
  write("1/net/udp6", "not a list of sockets\n");
  write("77/comm", "nginx\x1B[31m\n");
  fs::create_directories(folder.path() / "proc/77/fd");
  fs::create_symlink("/dev/null", folder.path() / "proc/77/fd/0");
  fs::create_symlink("socket:[502]", folder.path() / "proc/77/fd/5");
  fs::create_symlink("socket:[x]", folder.path() / "proc/77/fd/6");
  auto const found = listening(folder.path(), {}, Steady::now() + 10s);
  REQUIRE(found.has_value());
  CHECK(found->missing.size() == 2);  // tcp6 is absent, udp6 is garbage
  std::string listed;
  for (auto const& each : found->sockets) {
    listed +=
        std::string(name_of(each.protocol)) + ":" + std::to_string(each.port) + "=" + each.owner.value_or("?") + " ";
  }
  CHECK(listed == "tcp:22=? tcp:80=nginx tcp:8080=? udp:53=? ");
}

TEST_CASE("a deadline that is past leaves owners unknown, and says so") {
  auto const tcp = bind_loopback(SOCK_STREAM, true);
  auto const found = listening("/", {}, Steady::now() - 1s);
  REQUIRE(found.has_value());
  REQUIRE(find(found->sockets, Protocol::tcp, tcp.port) != nullptr);
  CHECK_FALSE(find(found->sockets, Protocol::tcp, tcp.port)->owner.has_value());
  REQUIRE(!found->missing.empty());
  CHECK(found->missing.back().code == Errc::timed_out);
}

TEST_CASE("a connection's time is measured") {
  auto const server = bind_loopback(SOCK_STREAM, true);
  for (auto const* const host : {"127.0.0.1", "localhost"}) {
    CAPTURE(host);
    auto const outcome = connect_latency(host, server.port, 10s);
    CHECK(outcome.reach == Reach::connected);
    CHECK(outcome.address == "127.0.0.1");
    CHECK(outcome.connect_time > 0us);
    CHECK(outcome.connect_time < 5s);
    CHECK(outcome.detail.empty());
  }
}

TEST_CASE("nobody listening is refused, not timed out") {
  auto const silent = bind_loopback(SOCK_STREAM, false);
  auto const outcome = connect_latency("127.0.0.1", silent.port, 10s);
  CHECK(outcome.reach == Reach::refused);
  CHECK(outcome.address == "127.0.0.1");
  CHECK(outcome.detail == "127.0.0.1: Connection refused");
}

TEST_CASE("no answer is timed out, not refused") {
  // A full queue: the kernel drops what comes, as a firewall does.
  auto const server = bind_loopback(SOCK_STREAM, true, 0);
  auto const fillers = connections_to(server.port, 8);
  auto const begin = Steady::now();
  auto const outcome = connect_latency("127.0.0.1", server.port, 150ms);
  CHECK(outcome.reach == Reach::timed_out);
  CHECK(Steady::now() - begin >= 150ms);
  CHECK(Steady::now() - begin < 5s);
}

TEST_CASE("a stop ends the wait for a connection") {
  auto const server = bind_loopback(SOCK_STREAM, true, 0);
  auto const fillers = connections_to(server.port, 8);
  std::stop_source source;
  auto result = std::async(std::launch::async,
                           [&] { return connect_latency("127.0.0.1", server.port, 60s, source.get_token()); });
  source.request_stop();
  REQUIRE(result.wait_for(10s) == std::future_status::ready);
  CHECK(result.get().reach == Reach::stopped);
}

TEST_CASE("names that lead nowhere are unresolved") {
  for (auto const& host : {std::string(), std::string("no-such-host.invalid"), std::string(253, 'a'),
                           std::string(254, 'a'), std::string("a\0b", 3)}) {
    CAPTURE(host);
    auto const begin = Steady::now();
    auto const outcome = connect_latency(host, 80, 300ms);
    CHECK(outcome.reach == Reach::unresolved);
    CHECK_FALSE(outcome.detail.empty());
    CHECK(outcome.address.empty());
    CHECK(Steady::now() - begin < 5s);
  }
}

TEST_CASE("an address there is no way to is unreachable") {
  auto const outcome = connect_latency("fe80::1", 80, 300ms);  // link-local without its link
  CHECK(outcome.reach == Reach::unreachable);
  CHECK_FALSE(outcome.detail.empty());
}

TEST_CASE("a time limit without sense is bent into one") {
  auto const silent = bind_loopback(SOCK_STREAM, false);
  for (auto const limit : {Millis{-5}, Millis{0}, Millis::max()}) {
    CAPTURE(limit.count());
    CHECK(connect_latency("127.0.0.1", silent.port, limit).reach == Reach::refused);
  }
}
