// A pin or the configured emoji on a message puts it on the timeline of the incident that lives there.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "bot/setup.hpp"
#include "bot/slack/gesture.hpp"
#include "bot/slack/web_api.hpp"
#include "incidents/base/ports.hpp"
#include "incidents/store/inbox.hpp"
#include "incidents/store/writer.hpp"

namespace tocsin::slack {

/// To be kept until it is done; `created` and `due` are whoever keeps it's.
[[nodiscard]] store::OutboxRow mark_row(Marked const& marked);
/// What was kept so; nothing if it is something else.
[[nodiscard]] std::optional<Marked> mark_of(Message const& message);

/// Lives and is called on the io_context's thread.
class Marking {
 public:
  struct Parts {
    WebApi& api;
    boost::asio::io_context& io;
    Lane& lane;
    CurrentSetup setup;
    std::function<void()> committed;
  };

  explicit Marking(Parts parts);
  ~Marking();
  Marking(Marking const&) = delete;
  Marking& operator=(Marking const&) = delete;

  /// Does it mean anything here? Not every emoji does.
  [[nodiscard]] bool is_meant(Marked const& marked) const;
  /// At the message's own time, with its author and its address; each message once, however many mark it.
  /// `done(false)`: it could not be read or stored now, and should come again.
  void mark(Marked const& marked, std::function<void(bool)> done);

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tocsin::slack
