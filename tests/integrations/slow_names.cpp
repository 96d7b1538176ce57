#include "tests/integrations/slow_names.hpp"

#include <dlfcn.h>
#include <netdb.h>

#include <condition_variable>
#include <cstring>
#include <mutex>

namespace tocsin::test {
namespace {

std::mutex mutex;
std::condition_variable changed;
bool slow = false;

}  // namespace

SlowNames::SlowNames() {
  std::lock_guard const lock(mutex);
  slow = true;
}

SlowNames::~SlowNames() {
  std::lock_guard const lock(mutex);
  slow = false;
  changed.notify_all();
}

}  // namespace tocsin::test

/// Stands before the C library's, for Asio's resolver thread and libcurl's alike.
extern "C" int getaddrinfo(char const* node, char const* service, addrinfo const* hints, addrinfo** found) {
  using namespace tocsin::test;
  if (node != nullptr && std::strcmp(node, "hang.invalid") == 0) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [] { return !slow; });
    return EAI_AGAIN;
  }
  static auto const real = reinterpret_cast<decltype(&getaddrinfo)>(dlsym(RTLD_NEXT, "getaddrinfo"));
  return real(node, service, hints, found);
}
