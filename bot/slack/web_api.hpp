// Slack's Web API over the network: calls in the order of their urgency, at the pace that Slack allows, repeated where
// that is safe.
#pragma once

#include <functional>
#include <string>

#include "bot/chat/calls.hpp"
#include "bot/slack/api.hpp"
#include "incidents/base/secret.hpp"
#include "integrations/net/http_client.hpp"

namespace boost::asio {
class io_context;
}

namespace tocsin::slack {

/// Lives and is called on the io_context's thread.
class WebApi {
 public:
  struct Parts {
    boost::asio::io_context& io;
    std::string url;  ///< base: "https://slack.com/api/"
    Secret app_token;
    Secret bot_token;
    net::HttpClientOptions http;
    std::function<Moment()> now;     ///< never goes back
    std::function<double()> chance;  ///< in [0, 1)
    /// Slack takes the bot's token no more; called for each call that hears so. May be empty.
    std::function<void(ApiFailure const&)> refused{};
  };
  using Done = chat::Calls::Done;

  explicit WebApi(Parts parts);
  ~WebApi() = default;  ///< what is under way is cut; nobody is told
  WebApi(WebApi const&) = delete;
  WebApi& operator=(WebApi const&) = delete;

  /// `done` is called once, on this thread, never from inside. Repeated until its deadline where it was certainly not
  /// done, or may be done twice; Trouble::unknown is for the caller to find out about.
  void call(Call call, Done done);
  /// A post to an address that Slack gave out for it (a response_url, an upload), without a token; not repeated.
  void post_to(std::string url, std::string content_type, std::string body, Done done);
  /// When something was last sent.
  [[nodiscard]] Moment last() const;

 private:
  chat::Calls calls_;
};

}  // namespace tocsin::slack
