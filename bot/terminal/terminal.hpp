// The prompt: one person at the terminal the bot was started in. In the demo and in test mode that person can become
// another (`as bob`), so that one human can play both who asks and who approves.
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

/// Belongs to the thread of the io_context; owns a thread that reads the terminal. There is one terminal, so there can
/// be one of these at a time.
class Terminal {
 public:
  struct Parts {
    boost::asio::io_context& io;
    Dispatcher& dispatcher;
    Local& local;
    Lane& lane;
    Clock const& clock;
    Chance& chance;
    CurrentSetup setup;
    std::string account;            ///< the Unix user
    std::optional<PersonId> as;     ///< in the demo: who sits here at first
    bool may_switch = false;        ///< demo and test mode: `as PERSON`
    std::filesystem::path history;  ///< may be empty
    std::string links;              ///< lines to stand before the first prompt
    std::function<void()> ended;    ///< end of input: on the io_context's thread
  };
  explicit Terminal(Parts parts);
  /// Says goodbye and puts the terminal back.
  ~Terminal();
  Terminal(Terminal const&) = delete;
  Terminal& operator=(Terminal const&) = delete;

  /// A page of the built-in inbox. The demo shows everybody's, with the name: there is one human.
  void page(PersonId const& person, Notice const& text);

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tocsin
