// What stands beside a DING: the page in the person's own conversation with the bot, with buttons, for a DING has none.
// Once nobody need answer it any more, a card says so and a message is taken back.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bot/dingtalk/cards.hpp"
#include "bot/dingtalk/posting.hpp"
#include "bot/platform.hpp"
#include "integrations/paging/carrier.hpp"

namespace tocsin::dingtalk {

/// Lives and is called on the io_context's thread.
class Companion {
 public:
  struct Parts {
    boost::asio::io_context& io;
    Lane& lane;
    Clock const& clock;
    CurrentSetup setup;
    Posting& posting;
    Cards& cards;
  };

  explicit Companion(Parts parts);
  ~Companion();
  Companion(Companion const&) = delete;
  Companion& operator=(Companion const&) = delete;

  void say(paging::PageEnvelope const& page);
  /// `done(false)`: not all of it yet.
  void settle(std::vector<SettledPage> const& pages, std::function<void(bool)> done);

 private:
  class State;
  std::shared_ptr<State> state_;
};

/// "page-17.3": as SettledPage names it.
[[nodiscard]] std::string page_name(paging::PageEnvelope const& page);
/// The page's words with what can be answered, as links or buttons.
[[nodiscard]] Rendered companion_content(paging::PageEnvelope const& page);

}  // namespace tocsin::dingtalk
