// Interactive cards: created and delivered once, then updated where they stand. "Interactive cards".
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bot/dingtalk/open_api.hpp"
#include "bot/dingtalk/saying.hpp"
#include "bot/setup.hpp"
#include "incidents/store/writer.hpp"

namespace tocsin::dingtalk {

/// Lives and is called on the io_context's thread.
class Cards {
 public:
  struct Parts {
    boost::asio::io_context& io;
    OpenApi& api;
    Lane& lane;
    CurrentSetup setup;
    std::function<std::uint64_t()> chance;                              ///< 64 random bits
    std::function<std::string(std::string const& conversation)> robot;  ///< the robotCode there
  };
  using Done = std::function<void(Said const&)>;

  explicit Cards(Parts parts);
  ~Cards();
  Cards(Cards const&) = delete;
  Cards& operator=(Cards const&) = delete;

  /// As a card, under its key; updated if it stands in that conversation already. It names itself before it is created,
  /// and the same name makes no second card. One call for a key at a time. Said::Kind::refused: as a message, then.
  void show(Saying saying, Done done);
  /// In which conversation a card stands; empty: not known.
  void place_of(std::string card, std::function<void(std::string)> found);

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tocsin::dingtalk
