// What /metrics tells: numbers about incidents, pages, the store and the process. No title, no name, no room.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bot/chat_facts.hpp"
#include "bot/exposition.hpp"
#include "incidents/base/time.hpp"
#include "incidents/store/gauges.hpp"
#include "incidents/store/writer.hpp"

namespace boost::asio {
class io_context;
}

namespace tocsin {

/// Channel and outcome of a try to deliver a page, and how many there were since the start.
using DeliveryCounts = std::map<std::pair<std::string, std::string>, std::int64_t>;

/// What the kernel says of this process; what it does not say is absent.
struct ProcessFacts {
  std::optional<double> cpu_seconds;
  std::optional<double> started;  ///< seconds since 1970
  std::optional<std::int64_t> resident_bytes;
  std::optional<std::int64_t> virtual_bytes;
  std::optional<std::int64_t> open_fds;
  std::optional<std::int64_t> max_fds;
};
[[nodiscard]] ProcessFacts process_facts();

struct Measurements {
  std::string version;
  Instant now{};  ///< of the counts
  Instant started{};
  bool ready = true;
  store::Gauges store;
  DeliveryCounts deliveries;
  std::vector<ChatFacts> chats;
  std::optional<Instant> looked_at;  ///< when the scheduler was last awake and well
  std::optional<std::int64_t> database_bytes;
  std::optional<std::int64_t> wal_bytes;  ///< of the write-ahead log
  ProcessFacts process;
};

/// Pure.
[[nodiscard]] std::vector<Family> families_of(Measurements const& measured);

/// Belongs to the thread of the io_context. One unit of work at a time, however many ask: a store that hangs finds
/// nothing piled up behind it.
class Metrics {
 public:
  struct Parts {
    boost::asio::io_context& io;
    Lane& lane;
    std::filesystem::path storage;
    /// Fills in what the bot knows by itself: version, start, readiness, deliveries, the scheduler. On the io_context's
    /// thread.
    std::function<void(Measurements&)> know;
    Millis limit{2'000};
  };
  /// The text; nothing: the store did not answer within `limit`, or failed.
  using Done = std::function<void(std::optional<std::string>)>;

  explicit Metrics(Parts parts);
  ~Metrics();
  Metrics(Metrics const&) = delete;
  Metrics& operator=(Metrics const&) = delete;

  /// `done` is called once, on the io_context's thread.
  void collect(Done done);

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tocsin
