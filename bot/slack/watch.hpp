// What the health of the sockets does not show: that Slack takes the bot's token no more, and that one connection is
// missing for long. Both are told wherever else people are.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bot/slack/web_api.hpp"
#include "incidents/base/ports.hpp"
#include "incidents/notice.hpp"

namespace tocsin::slack {

/// Lives and is called on the io_context's thread.
class Watch {
 public:
  struct Parts {
    boost::asio::io_context& io;
    WebApi& api;
    Clock const& clock;
    Millis again;  ///< between questions whether the token is taken again
    Millis thin;   ///< so long may a connection be missing, by `clock`
    std::function<void(Notice const&, bool hurt)> tell;
  };

  explicit Watch(Parts parts);
  ~Watch();
  Watch(Watch const&) = delete;
  Watch& operator=(Watch const&) = delete;

  /// Told once; asked again until it is taken.
  void token_refused(ApiFailure const& failure);
  [[nodiscard]] bool token_good() const;
  /// Now and then. `missing`: at least one connection is there, and one is not. `trouble`: what last went wrong.
  void look(bool missing, std::string const& trouble);

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tocsin::slack
