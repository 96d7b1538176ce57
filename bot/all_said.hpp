// Several are told one thing: over once all have it.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

namespace tocsin {

/// To be called `count` times, on one thread; at the last `done` is told whether it was with true each time. None: at
/// once, with true.
[[nodiscard]] inline std::function<void(bool)> all_said(std::size_t count, std::function<void(bool)> done) {
  if (count == 0) {
    done(true);
    return [](bool) {};
  }
  struct Round {
    std::size_t left;
    bool all = true;
  };
  return [round = std::make_shared<Round>(Round{count}), done = std::move(done)](bool said) {
    round->all = round->all && said;
    if (--round->left == 0) done(round->all);
  };
}

}  // namespace tocsin
