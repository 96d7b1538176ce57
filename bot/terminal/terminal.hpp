// The prompt: one person at the terminal the bot was started in. Completion and history by libedit; what the bot says
// meanwhile is printed above the line being typed, which stays as it is.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "bot/dispatcher.hpp"
#include "bot/local.hpp"
#include "bot/setup.hpp"

namespace boost::asio {
class io_context;
}

namespace tocsin {

/// Owns a thread that reads the terminal. There can be one at a time: libedit has global state.
class Terminal {
 public:
  struct Parts {
    boost::asio::io_context& io;
    Dispatcher& dispatcher;
    Local& local;
    Clock const& clock;
    Chance& chance;
    CurrentSetup setup;
    std::string account;            ///< the Unix user
    std::optional<PersonId> as;     ///< in the demo: who sits here
    std::filesystem::path history;  ///< may be empty
    std::function<void()> ended;    ///< end of input: on the io_context's thread
  };
  explicit Terminal(Parts parts);
  ~Terminal();
  Terminal(Terminal const&) = delete;
  Terminal& operator=(Terminal const&) = delete;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace tocsin
