// What the bot says and pages about itself, of no incident.
#pragma once

#include <string>

#include "bot/local.hpp"
#include "bot/setup.hpp"
#include "incidents/base/ports.hpp"
#include "incidents/store/writer.hpp"

namespace boost::asio {
class io_context;
}

namespace tocsin {

/// From any thread.
class Alarm {
 public:
  /// The references are used when something happens, not before: their owners may be made later.
  struct Parts {
    boost::asio::io_context& io;
    Lane& lane;
    Local& local;
    CurrentSetup setup;
    std::function<void()> committed;
  };
  explicit Alarm(Parts parts) : parts_(std::move(parts)) {}

  /// In the built-in room; the same key is edited in place, an empty one is a message of its own.
  void say(Notice const& notice, std::string key) const;
  /// Whoever is on duty, and the admins, by the channels of a P0; the same occurrence of a step pages once. `without`:
  /// the channel that is itself the trouble.
  void page(Notice const& notice, std::int32_t step, std::int32_t occurrence, std::string const& without = {}) const;

 private:
  Parts parts_;
};

}  // namespace tocsin
