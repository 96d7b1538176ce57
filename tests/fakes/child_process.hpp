// A fake server as a child process: started, heard, ended.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace tocsin::fakes {

/// Sees the end of any process, whoever its parent is; also when nobody collects it.
class ProcessWatch {
 public:
  explicit ProcessWatch(pid_t pid) : watch_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))) {}
  ~ProcessWatch() {
    if (watch_ >= 0) ::close(watch_);
  }
  ProcessWatch(ProcessWatch const&) = delete;
  ProcessWatch& operator=(ProcessWatch const&) = delete;

  /// False also when there was no such process to watch.
  [[nodiscard]] bool ended_within(std::chrono::milliseconds limit) const {
    pollfd wanted{watch_, POLLIN, 0};
    return watch_ >= 0 && ::poll(&wanted, 1, static_cast<int>(limit.count())) == 1;
  }

 private:
  int watch_ = -1;
};

/// Runs a program (by its path) and reads what it prints, line by line. Its death is this object's: SIGTERM, and
/// SIGKILL if it is still there after five seconds.
class ChildProcess {
 public:
  explicit ChildProcess(std::vector<std::string> const& command) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    std::vector<char*> arguments;
    for (auto const& each : command) arguments.push_back(const_cast<char*>(each.c_str()));
    arguments.push_back(nullptr);
    int const failed = ::posix_spawn(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    output_ = ends[0];
    if (failed != 0) {
      ::close(output_);
      throw std::runtime_error("can't start " + command.at(0));
    }
  }
  ~ChildProcess() {
    ::kill(pid_, SIGTERM);
    if (!ended_within(std::chrono::seconds(5))) ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    ::close(output_);
  }
  ChildProcess(ChildProcess const&) = delete;
  ChildProcess& operator=(ChildProcess const&) = delete;

  /// The next line without its end; nothing when none came in time or the program closed its output.
  std::optional<std::string> line(std::chrono::milliseconds limit) {
    auto const until = std::chrono::steady_clock::now() + limit;
    for (;;) {
      if (auto const end = text_.find('\n'); end != std::string::npos) {
        auto found = text_.substr(0, end);
        text_.erase(0, end + 1);
        return found;
      }
      auto const left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
      pollfd wanted{output_, POLLIN, 0};
      if (left.count() < 0 || ::poll(&wanted, 1, static_cast<int>(left.count())) != 1) return std::nullopt;
      char buffer[65536];
      auto const got = ::read(output_, buffer, sizeof buffer);
      if (got <= 0) return std::nullopt;
      text_.append(buffer, static_cast<std::size_t>(got));
    }
  }
  /// Like `line`, but a line that does not come fails the test.
  std::string must_say(std::chrono::milliseconds limit = std::chrono::seconds(20)) {
    auto said = line(limit);
    if (!said) throw std::runtime_error("the child process said nothing in time");
    return *said;
  }
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

  /// Leaves it a zombie for the destructor to collect.
  [[nodiscard]] bool ended_within(std::chrono::milliseconds limit) const {
    return ProcessWatch(pid_).ended_within(limit);
  }

 private:
  pid_t pid_ = -1;
  int output_ = -1;
  std::string text_;
};

/// Runs a program to its end; false when it failed or took longer than the limit.
inline bool run_to_end(std::vector<std::string> const& command,
                       std::chrono::milliseconds limit = std::chrono::seconds(60)) {
  ChildProcess child(command);
  if (!child.ended_within(limit)) return false;
  siginfo_t how{};
  ::waitid(P_PID, static_cast<id_t>(child.pid()), &how, WEXITED | WNOWAIT);
  return how.si_code == CLD_EXITED && how.si_status == 0;
}

}  // namespace tocsin::fakes
