// Name resolution that hangs on demand, for this test program only: names under "hang.invalid" never resolve until
// `release` is called. Any other name goes to the system as usual.
#pragma once

namespace tocsin::test {

/// While it lives, "hang.invalid" hangs; its end lets the hanging calls fail.
class SlowNames {
 public:
  SlowNames();
  ~SlowNames();
  SlowNames(SlowNames const&) = delete;
  SlowNames& operator=(SlowNames const&) = delete;
};

}  // namespace tocsin::test
