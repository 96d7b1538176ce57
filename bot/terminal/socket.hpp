// The Unix socket beside the database: `tocsin say` and scripts. Who speaks is what the kernel says (SO_PEERCRED).
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "bot/dispatcher.hpp"
#include "bot/setup.hpp"
#include "incidents/base/result.hpp"

namespace boost::asio {
class io_context;
}

namespace tocsin {

/// Belongs to the thread of the io_context.
class SaySocket {
 public:
  struct Parts {
    boost::asio::io_context& io;
    Dispatcher& dispatcher;
    Clock const& clock;
    Chance& chance;
    CurrentSetup setup;
    bool may_speak_as = false;  ///< demo and test mode: `--as PERSON`
    /// Questions about the bot itself (see ask.hpp): answers with one line of JSON, on the io_context's thread.
    std::function<void(std::string const& about, std::function<void(std::string const&)> answer)> ask;
  };
  explicit SaySocket(Parts parts);
  ~SaySocket();
  /// Binds, 0600; a socket left behind by a bot that died is replaced (the store's lock says that it is dead).
  [[nodiscard]] Result<void> listen(std::filesystem::path const& path);
  void stop();

 private:
  class State;
  std::shared_ptr<State> state_;
};

/// What `tocsin say` asks.
struct SayRequest {
  std::string text;
  std::string channel;  ///< empty: the built-in room
  std::string as;       ///< empty: whoever runs the command
  bool json = false;
};

struct SayOutput {
  std::function<void(std::string const&)> print;  ///< an answer as it comes: text, or a JSON object on a line
  std::function<void(Notice const&)> complain;    ///< what is wrong on this side of the socket
};

/// Client side: sends the request, prints each answer as it comes. Returns the exit code: 0 done, 1 refused or failed.
[[nodiscard]] int say(std::filesystem::path const& path, SayRequest const& request, SayOutput const& output);

}  // namespace tocsin
