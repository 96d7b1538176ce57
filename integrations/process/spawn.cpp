#include "integrations/process/spawn.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <string_view>

namespace tocsin::process {
namespace {

/// Without close_range (kernels before 5.11, some sandboxes) descriptors are marked one by one up to here.
constexpr rlim_t kMaxMarkedDescriptors = 65'536;
constexpr int kNotStarted = 127;

/// Everything the child needs, laid out before the fork: between fork and exec only async-signal-safe calls are
/// allowed, since another thread may have held any lock, malloc's too, at the moment of the fork.
struct Prepared {
  char const* program;
  char* const* argv;
  char* const* environment;
  char const* directory;
  int input;
  int output;
  int verdict;
  pid_t parent;
};

[[noreturn]] void give_up(Prepared const& plan, StartStage stage) {
  StartFailure const failure{stage, errno};
  [[maybe_unused]] auto const written = ::write(plan.verdict, &failure, sizeof failure);
  ::_exit(kNotStarted);
}

void reset_signals() {
  struct sigaction by_default {};
  by_default.sa_handler = SIG_DFL;
  // SIGKILL, SIGSTOP and the two that glibc keeps for itself refuse; they are at their default anyway.
  for (int number = 1; number < NSIG; ++number) ::sigaction(number, &by_default, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

void close_on_exec_above_standard() {
  if (::syscall(SYS_close_range, kFirstAboveStandard, UINT_MAX, CLOSE_RANGE_CLOEXEC) == 0) return;
  rlimit open_files{};
  ::getrlimit(RLIMIT_NOFILE, &open_files);
  auto const end = static_cast<int>(std::min(open_files.rlim_cur, kMaxMarkedDescriptors));
  for (int fd = kFirstAboveStandard; fd < end; ++fd) ::fcntl(fd, F_SETFD, FD_CLOEXEC);
}

[[noreturn]] void become(Prepared const& plan) {
  reset_signals();
  // A session, not just a group: without a controlling terminal no program can wait for a password on /dev/tty.
  if (::setsid() < 0) give_up(plan, StartStage::session);
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != plan.parent) give_up(plan, StartStage::parent);
  rlimit const no_core{0, 0};
  if (::setrlimit(RLIMIT_CORE, &no_core) != 0) give_up(plan, StartStage::limits);
  if (::chdir(plan.directory) != 0) give_up(plan, StartStage::directory);
  if (::dup2(plan.input, STDIN_FILENO) < 0 || ::dup2(plan.output, STDOUT_FILENO) < 0 ||
      ::dup2(plan.output, STDERR_FILENO) < 0) {
    give_up(plan, StartStage::descriptors);
  }
  close_on_exec_above_standard();
  // execve, never execvp: that one hands a file it can't execute to a shell.
  ::execve(plan.program, plan.argv, plan.environment);
  give_up(plan, StartStage::program);
}

/// A file in memory, already filled: nobody has to feed a pipe, and no SIGPIPE can come back.
Descriptor input_from(std::string_view text) {
  if (text.empty()) {
    Descriptor null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!null) throw_errno("/dev/null");
    return above_standard(std::move(null));
  }
  Descriptor memory(::memfd_create("stdin", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!memory) throw_errno("memfd_create");
  while (!text.empty()) {
    auto const written = ::write(memory.fd(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) throw_errno("write");
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  ::fcntl(memory.fd(), F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
  if (::lseek(memory.fd(), 0, SEEK_SET) != 0) throw_errno("lseek");
  return above_standard(std::move(memory));
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// Keeps signals away while the child still has the handlers of the bot.
class SignalsHeld {
 public:
  SignalsHeld() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalsHeld(SignalsHeld const&) = delete;
  SignalsHeld& operator=(SignalsHeld const&) = delete;
  ~SignalsHeld() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

}  // namespace

Started start(StartPlan const& plan) {
  auto argv = plan.argv;
  std::vector<std::string> environment;
  environment.reserve(plan.environment.size());
  for (auto const& [name, value] : plan.environment) environment.push_back(name + "=" + value);
  auto const argv_pointers = pointers_to(argv);
  auto const environment_pointers = pointers_to(environment);

  auto const input = input_from(plan.standard_input);
  auto output = make_pipe();
  auto verdict = make_pipe();
  set_nonblocking(output.read);
  set_nonblocking(verdict.read);
  Prepared const prepared{
      plan.program.c_str(), argv_pointers.data(), environment_pointers.data(), plan.directory.c_str(),
      input.fd(),           output.write.fd(),    verdict.write.fd(),          ::getpid()};
  pid_t pid = -1;
  {
    SignalsHeld const held;
    pid = ::fork();
    if (pid == 0) become(prepared);
  }
  if (pid < 0) throw_errno("fork");
  // Through syscall(): the header of glibc 2.36 declares pidfd_open without C linkage.
  Descriptor exited(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  return {pid, std::move(exited), std::move(output.read), std::move(verdict.read)};
}

}  // namespace tocsin::process
