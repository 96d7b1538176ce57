#include "integrations/process/runner.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <optional>
#include <set>
#include <system_error>

#include "integrations/process/output.hpp"
#include "integrations/process/spawn.hpp"

namespace tocsin::process {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t kReadBytes = 64 * 1024;
/// How often the pipe is read before deadlines are looked at again.
constexpr int kReadsPerTurn = 16;
/// How often the child is asked for when the kernel has no pidfd.
constexpr Millis kPollWithoutPidfd{20};

bool has_nul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

/// Why the spec can't be run at all.
std::optional<Error> mistake_of(ProcessSpec const& spec) {
  auto const invalid = [](std::string detail) { return Error{Errc::invalid, std::move(detail)}; };
  if (spec.argv.empty() || spec.argv.front().empty()) return invalid("no program given");
  if (spec.argv.size() > kMaxArguments) return Error{Errc::too_large, "more than 1000 arguments"};
  if (std::any_of(spec.argv.begin(), spec.argv.end(), has_nul)) return invalid("an argument holds a NUL byte");
  std::set<std::string_view> names;
  for (auto const& [name, value] : spec.environment) {
    if (name.empty() || name.find('=') != std::string::npos || has_nul(name) || has_nul(value)) {
      return invalid("not a name or value of an environment variable");
    }
    if (!names.insert(name).second) return invalid("environment variable given twice: " + name);
  }
  if (!spec.working_directory.is_absolute() || has_nul(spec.working_directory.native())) {
    return invalid("the working directory is not an absolute path");
  }
  if (spec.timeout <= Millis::zero() || spec.timeout > kMaxTimeout) {
    return invalid("the time limit is not within 0 and 24 h");
  }
  if (spec.output_limit_bytes == 0 || spec.output_limit_bytes > kMaxOutputBytes) {
    return invalid("the output limit is not within 1 B and 8 MiB");
  }
  if (spec.standard_input.size() > kMaxStandardInputBytes) return Error{Errc::too_large, "standard input over 1 MiB"};
  return std::nullopt;
}

/// A regular file that may be executed. The kernel has the last word when it is started.
std::optional<Error> obstacle_at(std::string const& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return Error{Errc::not_found, "no such program: " + path};
  if (!S_ISREG(info.st_mode)) return Error{Errc::refused, "not a program: " + path};
  if (::access(path.c_str(), X_OK) != 0) return Error{Errc::refused, "not executable: " + path};
  return std::nullopt;
}

Result<std::string> located(std::string const& program) {
  if (program.front() == '/') {
    if (auto const obstacle = obstacle_at(program)) return *obstacle;
    return program;
  }
  if (program.find('/') != std::string::npos) return Error{Errc::invalid, "not an absolute path: " + program};
  auto rest = kProgramPath;
  while (!rest.empty()) {
    auto const end = std::min(rest.find(':'), rest.size());
    auto candidate = std::string(rest.substr(0, end)) + "/" + program;
    if (!obstacle_at(candidate)) return candidate;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return Error{Errc::not_found, "no such program: " + program};
}

Error error_of(StartFailure const& failure, ProcessSpec const& spec) {
  auto const why = std::generic_category().message(failure.error);
  switch (failure.stage) {
    case StartStage::directory:
      return {failure.error == ENOENT ? Errc::not_found : Errc::refused,
              "working directory " + spec.working_directory.native() + ": " + why};
    case StartStage::program:
      // The file was there a moment ago: what is missing is what it names in its first line.
      if (failure.error == ENOENT) return {Errc::not_found, "the interpreter of " + spec.argv.front() + " is missing"};
      if (failure.error == ENOEXEC) return {Errc::refused, "not a program: " + spec.argv.front()};
      if (failure.error == E2BIG) return {Errc::too_large, "too many bytes of arguments"};
      return {Errc::refused, spec.argv.front() + ": " + why};
    default:
      return {Errc::unavailable, spec.argv.front() + ": " + why};
  }
}

/// One program from its start to its end. Owned by run(), on its thread. If it dies early (the sink threw), the group
/// is killed and reaped.
class Run {
 public:
  Run(ProcessSpec const& spec, std::string program, std::stop_token stop, OutputSink const& sink)
      : spec_(spec),
        sink_(sink),
        token_(stop),
        stop_event_(std::move(stop)),
        began_(Steady::now()),
        deadline_(began_ + spec.timeout),
        kept_(spec.output_limit_bytes),
        child_(start(
            {std::move(program), spec.argv, spec.environment, spec.working_directory.native(), spec.standard_input})) {}
  Run(Run const&) = delete;
  Run& operator=(Run const&) = delete;
  ~Run() {
    if (reaped_) return;
    signal_group(SIGKILL);
    auto const give_up = Steady::now() + kReapLimit;
    while (!has_exited() && Steady::now() < give_up) wait_for_exit(give_up);
    reap();
  }

  ProcessOutcome to_the_end() {
    while (!over(Steady::now())) turn();
    return outcome();
  }

 private:
  void signal_group(int number) {
    // Before its setsid() the child is in no group of its own. It is not reaped yet, so both numbers are still its.
    if (::kill(-child_.pid, number) != 0) ::kill(child_.pid, number);
  }

  void end_politely(Ending why, Steady::time_point now) {
    cause_ = why;
    kill_at_ = now + kTerminationGrace;
    signal_group(SIGTERM);
    signal_group(SIGCONT);  // a suspended process hears nothing but this
  }

  void end_by_force(Steady::time_point now) {
    killed_ = true;
    give_up_at_ = now + (exited_at_ ? kLeftoverGrace : kReapLimit);
    signal_group(SIGKILL);
  }

  /// Takes whatever step is due; true when there is nothing left to wait for.
  bool over(Steady::time_point now) {
    if (exited_at_ && !child_.output) return true;
    if (killed_) return now >= give_up_at_;
    if (cause_) {
      if (now >= kill_at_) end_by_force(now);
    } else if (exited_at_) {
      if (now >= *exited_at_ + kLeftoverGrace) end_by_force(now);
    } else if (token_.stop_requested()) {
      end_politely(Ending::stopped, now);
    } else if (now >= deadline_) {
      end_politely(Ending::timed_out, now);
    }
    return false;
  }

  [[nodiscard]] Steady::time_point next_step() const {
    if (killed_) return give_up_at_;
    if (cause_) return kill_at_;
    return exited_at_ ? *exited_at_ + kLeftoverGrace : deadline_;
  }

  /// Waits for the next thing to happen and deals with it.
  void turn() {
    bool const awaits_stop = !cause_ && !exited_at_;
    std::array<pollfd, 4> polled{pollfd{child_.verdict.fd(), POLLIN, 0}, pollfd{child_.output.fd(), POLLIN, 0},
                                 pollfd{exited_at_ ? -1 : child_.exited.fd(), POLLIN, 0},
                                 pollfd{awaits_stop ? stop_event_.fd() : -1, POLLIN, 0}};
    ::poll(polled.data(), polled.size(), milliseconds_until(next_step()));
    if (polled[0].revents != 0) read_verdict();
    if (polled[1].revents != 0) read_output();
    if (!exited_at_ && has_exited()) {
      exited_at_ = Steady::now();
      if (killed_) give_up_at_ = std::min(give_up_at_, *exited_at_ + kLeftoverGrace);
    }
  }

  [[nodiscard]] int milliseconds_until(Steady::time_point then) const {
    auto const left = std::chrono::ceil<Millis>(then - Steady::now());
    auto const most = child_.exited || exited_at_ ? Millis{60'000} : kPollWithoutPidfd;
    return static_cast<int>(std::clamp(left, Millis::zero(), most).count());
  }

  void wait_for_exit(Steady::time_point until) {
    pollfd polled{child_.exited.fd(), POLLIN, 0};
    ::poll(&polled, 1, milliseconds_until(until));
  }

  void read_verdict() {
    StartFailure failure;
    auto const got = ::read(child_.verdict.fd(), &failure, sizeof failure);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got == sizeof failure) start_failure_ = failure;
    child_.verdict.reset();
  }

  void read_output() {
    for (int i = 0; i < kReadsPerTurn; ++i) {
      auto const got = ::read(child_.output.fd(), buffer_.data(), buffer_.size());
      if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
      if (got <= 0) return child_.output.reset();
      total_ += static_cast<std::size_t>(got);
      cleaner_.feed({buffer_.data(), static_cast<std::size_t>(got)}, text_);
      deliver_text();
      if (static_cast<std::size_t>(got) < buffer_.size()) return;
    }
  }

  void deliver_text() {
    if (text_.empty()) return;
    kept_.add(text_);
    if (sink_) sink_(text_);
    text_.clear();
  }

  /// Asks without reaping: until it is reaped its number can't become somebody else's.
  bool has_exited() {
    siginfo_t info{};
    int const answer = ::waitid(P_PID, static_cast<id_t>(child_.pid), &info, WEXITED | WNOWAIT | WNOHANG);
    if (answer != 0) return errno != EINTR;  // ECHILD: somebody else took it, so it has ended
    return info.si_pid == child_.pid;
  }

  /// The wait status; nothing if the child lives on or was reaped by somebody else.
  std::optional<int> reap() {
    reaped_ = true;
    int status = 0;
    return ::waitpid(child_.pid, &status, WNOHANG) == child_.pid ? std::optional(status) : std::nullopt;
  }

  ProcessOutcome outcome() {
    if (child_.verdict) read_verdict();
    // Those of the group who had let go of the output outlive a normal end, but not one that was ordered.
    if (cause_ && !killed_) signal_group(SIGKILL);
    auto const status = reap();
    cleaner_.finish(text_);
    deliver_text();

    ProcessOutcome result;
    if (status && WIFEXITED(*status)) result.exit_code = WEXITSTATUS(*status);
    if (status && WIFSIGNALED(*status)) result.signal = WTERMSIG(*status);
    result.ending = cause_ ? *cause_ : result.signal != 0 ? Ending::signalled : Ending::exited;
    if (!status) result.failure = {Errc::unknown, "the end of " + spec_.argv.front() + " was not seen"};
    if (start_failure_) {
      result.ending = Ending::failed_to_start;
      result.exit_code = -1;
      result.failure = error_of(*start_failure_, spec_);
    }
    result.output = kept_.text();
    result.truncated = kept_.truncated();
    result.total_bytes = total_;
    result.duration = std::chrono::duration_cast<Millis>(Steady::now() - began_);
    return result;
  }

  ProcessSpec const& spec_;
  OutputSink const& sink_;
  std::stop_token token_;
  StopEvent stop_event_;
  Steady::time_point began_;
  Steady::time_point deadline_;
  OutputCleaner cleaner_;
  HeadAndTail kept_;
  std::size_t total_ = 0;
  std::vector<char> buffer_ = std::vector<char>(kReadBytes);
  std::string text_;  ///< cleaned and not yet delivered
  std::optional<StartFailure> start_failure_;
  std::optional<Ending> cause_;  ///< why we ended it, if we did
  std::optional<Steady::time_point> exited_at_;
  Steady::time_point kill_at_{};
  Steady::time_point give_up_at_{};
  bool killed_ = false;
  bool reaped_ = false;
  Started child_;  // last: nothing may fail once it runs
};

ProcessOutcome not_started(Error failure) {
  ProcessOutcome outcome;
  outcome.failure = std::move(failure);
  return outcome;
}

}  // namespace

std::string_view name_of(Ending ending) noexcept {
  switch (ending) {
    case Ending::exited:
      return "exited";
    case Ending::signalled:
      return "signalled";
    case Ending::timed_out:
      return "timed_out";
    case Ending::stopped:
      return "stopped";
    case Ending::failed_to_start:
      return "failed_to_start";
  }
  return "unknown";
}

ProcessOutcome run(ProcessSpec const& spec, std::stop_token stop, OutputSink const& on_output) {
  if (auto mistake = mistake_of(spec)) return not_started(std::move(*mistake));
  if (stop.stop_requested()) {
    ProcessOutcome outcome;
    outcome.ending = Ending::stopped;
    return outcome;
  }
  auto program = located(spec.argv.front());
  if (!program) return not_started(program.error());
  std::optional<Run> running;
  try {
    running.emplace(spec, *program, std::move(stop), on_output);
  } catch (std::system_error const& error) {
    return not_started({Errc::unavailable, "cannot start a process: " + error.code().message()});
  }
  return running->to_the_end();
}

}  // namespace tocsin::process
