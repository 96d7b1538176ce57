// The start of one program: the only place of the whole bot that forks. For `runner` alone.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "integrations/process/descriptor.hpp"

namespace tocsin::process {

/// How far the child came before it failed.
enum class StartStage : std::int32_t { session, parent, limits, directory, descriptors, program };

/// What the child writes into `verdict` when it can't become the program; nothing is written when it did.
struct StartFailure {
  StartStage stage{};
  std::int32_t error = 0;  ///< an errno value
};

struct StartPlan {
  std::string program;  ///< absolute path
  std::vector<std::string> argv;
  std::vector<std::pair<std::string, std::string>> environment;
  std::string directory;  ///< absolute path
  std::string standard_input;
};

/// A started child. It leads a session and process group of its own, whose number is `pid`.
struct Started {
  pid_t pid = -1;
  Descriptor exited;   ///< a pidfd, readable once the child has ended; none on kernels before 5.3
  Descriptor output;   ///< stdout and stderr; non-blocking
  Descriptor verdict;  ///< one StartFailure, or end of file as soon as the program runs; non-blocking
};

/// Forks and lets the child become the program: environment exactly as given, default signal dispositions and an empty
/// mask, no core file, no descriptor but 0, 1 and 2, no controlling terminal. It is killed when the calling thread
/// ends, so the caller stays until the child is reaped. Returns before the program is known to run.
/// Throws std::system_error when the system is out of descriptors, memory or processes.
[[nodiscard]] Started start(StartPlan const& plan);

}  // namespace tocsin::process
