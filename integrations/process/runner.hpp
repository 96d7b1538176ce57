// Runs one program to its end, or ends it: no shell, a deadline, bounded output.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "incidents/base/result.hpp"
#include "incidents/base/time.hpp"

namespace tocsin::process {

/// Where a program named without a path is looked for, whatever PATH the bot has itself.
inline constexpr std::string_view kProgramPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// Between the polite request to end (SIGTERM) and the end (SIGKILL).
inline constexpr Millis kTerminationGrace{2'000};
/// How long the pipe may stay open after the program itself has ended, held by processes it left behind.
inline constexpr Millis kLeftoverGrace{500};
/// How long a killed program may take to go; longer means it hangs in the kernel (a dead network disk).
inline constexpr Millis kReapLimit{3'000};
inline constexpr std::size_t kMaxStandardInputBytes = 1024 * 1024;
inline constexpr std::size_t kMaxOutputBytes = 8 * 1024 * 1024;
inline constexpr std::size_t kMaxArguments = 1'000;
inline constexpr Millis kMaxTimeout{24 * 60 * 60 * 1'000};

struct ProcessSpec {
  /// The program and its arguments, each handed over as it is. argv[0] is an absolute path, or a bare name that is
  /// looked up in kProgramPath. 1..kMaxArguments.
  std::vector<std::string> argv;
  std::filesystem::path working_directory = "/";  ///< absolute
  /// Exactly these variables; nothing is inherited, not even PATH.
  std::vector<std::pair<std::string, std::string>> environment;
  Millis timeout{60'000};                       ///< 0 < timeout <= kMaxTimeout
  std::size_t output_limit_bytes = 256 * 1024;  ///< of cleaned output; 1..kMaxOutputBytes
  std::string standard_input;                   ///< at most kMaxStandardInputBytes, as a file; empty: /dev/null
};

enum class Ending : std::uint8_t {
  exited,          ///< by itself, with `exit_code`
  signalled,       ///< by a signal that was not ours, e.g. 9 from the kernel's memory killer
  timed_out,       ///< ended here at its deadline
  stopped,         ///< ended here because the stop token said so
  failed_to_start  ///< never ran; `failure` says why
};

[[nodiscard]] std::string_view name_of(Ending ending) noexcept;

struct ProcessOutcome {
  Ending ending = Ending::failed_to_start;
  int exit_code = -1;  ///< 0..255 when the program ended by itself, also after it was asked to; else -1
  int signal = 0;      ///< the signal it died of, whoever sent it; else 0
  /// stdout and stderr in the order they were written, cleaned (OutputCleaner); beginning and end when there was more
  /// than the limit (HeadAndTail).
  std::string output;
  bool truncated = false;       ///< something is missing from `output`
  std::size_t total_bytes = 0;  ///< as the program wrote them, before cleaning
  Millis duration{};
  Error failure;  ///< of failed_to_start, and of a program that could not even be killed (Errc::unknown)

  /// Ended by itself with exit code 0. Scripts that exit 0 after a failure are why a verify step exists.
  [[nodiscard]] bool succeeded() const noexcept { return ending == Ending::exited && exit_code == 0; }
};

/// Receives cleaned output, in whole lines where they are shorter than kMaxHeldLineBytes, on the thread that called
/// run(). While it works the program's deadline is not looked at: it returns soon.
using OutputSink = std::function<void(std::string_view)>;

/// Runs the program and waits. Blocking: for a worker thread. At the deadline, or when `stop` says so, the program's
/// whole process group gets SIGTERM and, kTerminationGrace later, SIGKILL; so a call takes at most the timeout, the
/// grace, kLeftoverGrace and kReapLimit. A process that the program leaves in its group after a normal end is killed
/// after kLeftoverGrace if it still holds the output, and left alone if it does not (a daemon). Output beyond the
/// limit is read on and dropped, so that the program never blocks on it.
/// Nothing that happens to the program throws; what `on_output` throws is passed on after the group was killed.
/// The bot must neither ignore SIGCHLD nor reap children it did not start: the exit code would be lost.
[[nodiscard]] ProcessOutcome run(ProcessSpec const& spec, std::stop_token stop, OutputSink const& on_output = {});

}  // namespace tocsin::process
