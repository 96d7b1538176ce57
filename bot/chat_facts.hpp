// How the connection to a chat is, which says nothing by itself while it looks healthy: for /metrics.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bot/histogram.hpp"
#include "incidents/base/time.hpp"

namespace tocsin {

/// A connection that is ready.
struct ChatConnection {
  std::string host;  ///< the chat's node that serves it, as it names itself
  Instant since{};
  std::optional<Instant> renewal;  ///< when another will take its place, as planned
};

struct ChatFacts {
  std::string platform;  ///< "slack"
  bool up = false;
  std::vector<ChatConnection> connections;
  std::int64_t strangers = 0;  ///< counted by the platform beside ours: they take a share of what is typed
  Histogram acknowledged;      ///< seconds from hearing something to acknowledging it
};

}  // namespace tocsin
