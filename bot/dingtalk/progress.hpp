// How far a command is that takes its time: on a card, which is changed in place until the answer is there.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bot/dingtalk/cards.hpp"
#include "bot/dispatcher.hpp"

namespace tocsin::dingtalk {

/// Lives and is called on the io_context's thread.
class ProgressCards {
 public:
  struct Parts {
    boost::asio::io_context& io;
    Clock const& clock;
    CurrentSetup setup;
    Cards& cards;
    /// Without cards, or where one can't be shown: that it was begun is said instead.
    std::function<void(Inbound const&, Reply const&)> say;
  };

  explicit ProgressCards(Parts parts);
  ~ProgressCards();
  ProgressCards(ProgressCards const&) = delete;
  ProgressCards& operator=(ProgressCards const&) = delete;

  /// Kept and begun. What is over within two seconds says nothing of it.
  void begun(Inbound const& inbound, Reply const& reply);
  void is_so_far(Inbound const& inbound, Reply const& reply);
  /// The answer stands for itself; a card that was shown keeps its first line.
  void over(Inbound const& inbound, Reply const& reply);

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tocsin::dingtalk
