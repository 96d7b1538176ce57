#include "bot/private_memory.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace tocsin {

void keep_memory_private() {
  rlimit const none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  // The leak checker traces its own process, which this would forbid it.
#ifndef __SANITIZE_ADDRESS__
  ::prctl(PR_SET_DUMPABLE, 0);
#endif
}

}  // namespace tocsin
