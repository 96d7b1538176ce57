#include "integrations/net/http_client.hpp"

#include <boost/asio/post.hpp>
#include <map>
#include <utility>

#include "integrations/net/detail/fetch.hpp"

namespace tocsin::net {

class HttpClient::State : public std::enable_shared_from_this<State> {
 public:
  State(boost::asio::io_context& io, HttpClientOptions options)
      : executor_(io.get_executor()),
        options_(std::move(options)),
        pool_(executor_, options_.kept_connections, options_.kept_for) {}

  void fetch(ClientRequest request, Callback callback) {
    boost::asio::post(
        executor_, [state = weak_from_this(), request = std::move(request), callback = std::move(callback)]() mutable {
          if (auto const self = state.lock()) self->start(std::move(request), std::move(callback));
        });
  }

  void abandon() {
    abandoned_ = true;
    auto const running = std::move(running_);
    running_.clear();
    for (auto const& [address, fetch] : running) fetch->abandon();
    pool_.clear();
  }

 private:
  void start(ClientRequest request, Callback callback) {
    if (abandoned_) return;
    if (running_.size() >= options_.max_in_flight) {
      FetchFailure busy;
      busy.code = Errc::unavailable;
      busy.detail = "too many requests at once";
      busy.cause = FetchCause::busy;
      return callback(std::move(busy));
    }
    auto const fetch = std::make_shared<detail::Fetch>(
        executor_, options_, std::move(request), [this] { return tls_context(); }, pool_,
        [this, callback = std::move(callback)](detail::Fetch& finished, FetchResult result) {
          running_.erase(&finished);
          callback(std::move(result));
        });
    running_.emplace(fetch.get(), fetch);
    fetch->start();
  }

  /// Made when first needed: reading the authorities costs time and memory that a plain-http bot never pays.
  Result<std::shared_ptr<boost::asio::ssl::context>> tls_context() {
    if (tls_context_) return tls_context_;
    auto made = detail::make_client_context(options_.ca_file);
    if (made) tls_context_ = *made;
    return made;
  }

  boost::asio::io_context::executor_type executor_;
  HttpClientOptions const options_;
  detail::WirePool pool_;
  std::shared_ptr<boost::asio::ssl::context> tls_context_;
  std::map<detail::Fetch*, std::shared_ptr<detail::Fetch>> running_;
  bool abandoned_ = false;
};

HttpClient::HttpClient(boost::asio::io_context& io, HttpClientOptions options)
    : state_(std::make_shared<State>(io, std::move(options))) {}

HttpClient::~HttpClient() { state_->abandon(); }

void HttpClient::fetch(ClientRequest request, Callback callback) {
  state_->fetch(std::move(request), std::move(callback));
}

}  // namespace tocsin::net
