// DingTalk's two APIs over the network: each has a token of its own, asked for once for all who wait, renewed before
// its end, and once more when it is refused before its time. "Access tokens".
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bot/chat/calls.hpp"
#include "bot/dingtalk/api.hpp"
#include "incidents/base/secret.hpp"

namespace tocsin::dingtalk {

/// Lives and is called on the io_context's thread.
class OpenApi {
 public:
  struct Parts {
    boost::asio::io_context& io;
    Hosts hosts;
    std::string client_id;
    Secret client_secret;
    net::HttpClientOptions http;
    std::function<Moment()> now;     ///< never goes back
    std::function<double()> chance;  ///< in [0, 1)
    /// The app's credential or one of its rights is refused, or a quota is used up. May be empty.
    std::function<void(ApiFailure const&)> refused{};
  };
  using Done = std::function<void(ApiResult)>;

  explicit OpenApi(Parts parts);
  /// What is under way is cut; nobody is told.
  ~OpenApi();
  OpenApi(OpenApi const&) = delete;
  OpenApi& operator=(OpenApi const&) = delete;

  /// As `chat::Calls::call`. Trouble::credential: no token that is taken can be had.
  void call(Call call, Done done);
  /// JSON to a sessionWebhook, once.
  void post_to(std::string url, std::string body, Done done);
  /// The opening of a connection: not a call, for it takes no token and the supervisor paces it.
  void fetch(net::ClientRequest request, net::HttpClient::Callback done);
  [[nodiscard]] Moment last() const;

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tocsin::dingtalk
