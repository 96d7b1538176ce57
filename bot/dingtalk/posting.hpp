// Says things in groups and to people: by the sessionWebhook while it lives, then by the open API; in each conversation
// in order, what is urgent first, and what had to wait together in one message. "Sending".
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bot/dingtalk/open_api.hpp"
#include "bot/dingtalk/saying.hpp"
#include "incidents/base/ports.hpp"

namespace tocsin::dingtalk {

/// Lives and is called on the io_context's thread.
class Posting {
 public:
  struct Parts {
    boost::asio::io_context& io;
    OpenApi& api;
    Clock const& clock;
    std::function<Moment()> now;
    std::function<std::string(std::string const& conversation)> robot;  ///< the robotCode there
    std::string repeated;                                           ///< stands before what may have been said already
    std::function<std::string(std::string const& name)> file_lost;  ///< what is said when a file can't be, in Markdown
  };
  using Done = std::function<void(Said const&)>;

  explicit Posting(Parts parts);
  ~Posting();
  Posting(Posting const&) = delete;
  Posting& operator=(Posting const&) = delete;

  /// How to answer in a conversation without a token, until then.
  void remember(std::string const& conversation, std::string const& webhook, Instant until);
  void say(Saying saying, Done done);
  /// Takes back what was said by that name (Said::message); a day long that works.
  void recall(std::string const& conversation, std::string const& message, Done done);

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tocsin::dingtalk
