// What is known of where each incident lives, and what is to be done there, one after the other.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bot/platform.hpp"
#include "bot/slack/furnishing.hpp"
#include "incidents/store/posted.hpp"
#include "incidents/store/writer.hpp"

namespace tocsin::slack {

/// One incident's.
struct House {
  using Task = std::function<void(std::function<void()> const& next)>;

  IncidentId incident;
  std::optional<store::Home> home;
  Furniture furniture;
  std::vector<Post> early;  ///< what came before the card
  bool furnishing = false;
  std::uint64_t visits = 0;  ///< to furnish it, so far
  std::optional<std::pair<Post, std::string>> furnish_again;

  bool loaded = false;
  bool busy = false;
  std::deque<Task> queue;
};
using HousePtr = std::shared_ptr<House>;

/// In a channel of its own?
[[nodiscard]] inline bool lives_alone(store::Home const& home) { return home.conversation != home.origin; }

/// Lives and is called on the io_context's thread.
class Houses {
 public:
  Houses(boost::asio::io_context& io, Lane& lane);
  ~Houses();
  Houses(Houses const&) = delete;
  Houses& operator=(Houses const&) = delete;

  /// Nothing is called any more, and what waits is forgotten, with all that it keeps alive.
  void stop();
  [[nodiscard]] HousePtr of(IncidentId incident);
  /// When everything before it is done; it calls `next` at its own end, once.
  void enqueue(HousePtr const& house, House::Task task);
  /// Once what the store knows of it is known here.
  void with_home(HousePtr const& house, std::function<void()> const& then);
  /// `then` is called whether it could be noted or not.
  void save(HousePtr const& house, std::function<void()> const& then);

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tocsin::slack
