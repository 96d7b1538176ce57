// How well this machine's clock agrees with the world, as its kernel says.
#include <doctest/doctest.h>

#include "integrations/host/clock_sync.hpp"

using namespace tocsin;

TEST_CASE("the kernel says how far its clock may be off, or a sandbox forbids the question") {
  auto const sync = host::clock_sync();
  if (sync.has_error()) {
    CHECK(sync.error().code == Errc::unsupported);
    return;
  }
  CHECK(sync->maximum_error.count() > 0);
  CHECK(sync->maximum_error >= sync->estimated_error);
}
