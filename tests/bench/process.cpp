// The bot as a process: how soon it serves, how much memory it holds.
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <stdexcept>

#include "tests/bench/figures.hpp"
#include "tests/bench/house.hpp"

extern char** environ;

namespace tocsin::bench {
namespace {

unsigned free_port() {
  int const socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  bool const bound = ::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
                     ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length) == 0;
  ::close(socket);
  if (!bound) throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

/// A running bot; killed when it goes.
class Bot {
 public:
  Bot(std::filesystem::path const& binary, std::filesystem::path const& config, std::filesystem::path const& log) {
    std::array<int, 2> out{};
    if (::pipe2(out.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::posix_spawn_file_actions_adddup2(&actions, out[1], 2);
    auto text =
        std::array<std::string, 6>{binary.string(), "run", "--config", config.string(), "--no-terminal", "--test-mode"};
    std::array<char*, 7> words{};
    for (std::size_t i = 0; i < text.size(); ++i) words[i] = text[i].data();
    auto const begun = Monotonic::now();
    int const failed = ::posix_spawn(&process_, binary.c_str(), &actions, nullptr, words.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(out[1]);
    if (failed != 0) throw std::runtime_error("can't start " + binary.string());
    wait_until_serving(out[0]);
    started_ = Seconds(Monotonic::now() - begun).count();
    reader_ = out[0];
  }
  Bot(Bot const&) = delete;
  Bot& operator=(Bot const&) = delete;
  ~Bot() {
    ::kill(process_, SIGTERM);
    int status = 0;
    ::waitpid(process_, &status, 0);
    ::close(reader_);
  }

  [[nodiscard]] double started() const { return started_; }

  /// Resident memory in KiB.
  [[nodiscard]] double resident() const {
    std::ifstream status("/proc/" + std::to_string(process_) + "/status");
    std::string word;
    while (status >> word) {
      if (word != "VmRSS:") continue;
      double kibibytes = 0;
      status >> kibibytes;
      return kibibytes;
    }
    throw std::runtime_error("the bot ended");
  }

 private:
  /// Until the line that says where it listens.
  static void wait_until_serving(int out) {
    std::string said;
    std::array<char, 4096> buffer{};
    while (said.find(" listens on ") == std::string::npos) {
      pollfd waiting{out, POLLIN, 0};
      if (::poll(&waiting, 1, 30'000) != 1) throw std::runtime_error("the bot says nothing");
      auto const count = ::read(out, buffer.data(), buffer.size());
      if (count <= 0) throw std::runtime_error("the bot ended: " + said);
      said.append(buffer.data(), static_cast<std::size_t>(count));
    }
  }

  pid_t process_ = 0;
  int reader_ = -1;
  double started_ = 0;
};

/// One command through the bot's socket, to its last answer.
void say(std::filesystem::path const& path, std::string const& text) {
  int const socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.string().copy(address.sun_path, sizeof address.sun_path - 1);
  if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    ::close(socket);
    throw std::runtime_error("no bot at " + path.string());
  }
  auto const line = R"({"as": "alice", "text": ")" + text + "\"}\n";
  bool heard = ::write(socket, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  std::array<char, 65536> buffer{};
  std::string answer;
  for (ssize_t count = 1; heard && count > 0;) {
    count = ::read(socket, buffer.data(), buffer.size());
    if (count > 0) answer.append(buffer.data(), static_cast<std::size_t>(count));
  }
  ::close(socket);
  if (answer.find("\"done\"") == std::string::npos) throw std::runtime_error(text + ": " + answer);
}

void say_many(std::filesystem::path const& path, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    switch (i % 10) {
      case 0:
        say(path, "/incident note INC-1 looked at backend " + std::to_string(i));
        break;
      case 1:
        say(path, "/incident list");
        break;
      case 2:
        say(path, "/incident show INC-1");
        break;
      default:
        say(path, "/ping " + std::to_string(i));
    }
  }
}

}  // namespace

void measure_process(Plan const& plan, Report& report) {
  if (plan.binary.empty()) return;
  Scratch const scratch("/tmp");  // a Unix socket's name has room for 107 bytes
  auto const config = scratch / "bench.yaml";
  std::ofstream(config) << yaml_of(scratch.path(), free_port());
  auto const socket = scratch / "tocsin.db.sock";
  auto const log = scratch / "bot.log";
  { Bot const first(plan.binary, config, log); }
  std::vector<double> starts;
  for (int i = 0; i < (plan.quick ? 3 : 11); ++i) starts.push_back(Bot(plan.binary, config, log).started());
  auto const started = percentile(starts, 0.5);
  report.add(
      {"start to serving, existing database, median", "<= 100 ms", "", in_millis(started), 0, 0.1 / started, true});
  Bot const bot(plan.binary, config, log);
  wait_until(Monotonic::now() + std::chrono::seconds{2});
  auto const idle = bot.resident();
  report.add({"resident, idle", "<= 20 MiB", "", in_mebibytes(idle), 0, 20 * 1024 / idle, true});
  std::size_t const commands = plan.quick ? 1'000 : 100'000;
  say(socket, "/incident open P3 slow search");
  say_many(socket, commands);
  auto const after = bot.resident();
  report.add({fmt::format("resident after {} commands", commands), "<= 24 MiB", "", in_mebibytes(after), 0,
              24 * 1024 / after, true});
  say_many(socket, commands / 2);
  auto const grown = std::max(0.0, bot.resident() - after);
  report.add({fmt::format("growth in {} more", commands / 2), "<= 0.3 MiB", "", in_mebibytes(grown), 0,
              300 / std::max(1.0, grown), false});
}

}  // namespace tocsin::bench
