// Calls of a chat platform over the network: in the order of their urgency, at the pace that the platform allows,
// repeated where that is safe.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bot/chat/call.hpp"
#include "bot/chat/pace.hpp"
#include "integrations/net/http_client.hpp"

namespace boost::asio {
class io_context;
}

namespace tocsin::chat {

/// Lives and is called on the io_context's thread.
class Calls {
 public:
  struct Parts {
    boost::asio::io_context& io;
    net::HttpClientOptions http;
    std::function<Moment()> now;     ///< never goes back
    std::function<double()> chance;  ///< in [0, 1)
    std::function<net::ClientRequest(Call const&)> request;
    std::function<ApiResult(Call const&, net::FetchResult const&)> verdict;
    std::function<Budgets(Call const&)> budgets;
    /// Doing it twice is doing it once.
    std::function<bool(Call const&)> repeatable;
    /// Each answer, before it is known whether the call is repeated. May be empty.
    std::function<void(Call const&, ApiResult const&)> heard{};
    Millis default_retry{30'000};  ///< told to wait, but not for how long
  };
  using Done = std::function<void(ApiResult)>;

  explicit Calls(Parts parts);
  /// What is under way is cut; nobody is told.
  ~Calls();
  Calls(Calls const&) = delete;
  Calls& operator=(Calls const&) = delete;

  /// `done` is called once, on this thread, never from inside. Repeated until its deadline where it was certainly not
  /// done, or may be done twice; Trouble::unknown is for the caller to find out about.
  void call(Call call, Done done);
  /// One exchange beside all that, as it is; not repeated.
  void fetch(net::ClientRequest request, net::HttpClient::Callback done);
  /// When something was last sent by `call`.
  [[nodiscard]] Moment last() const;

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tocsin::chat
