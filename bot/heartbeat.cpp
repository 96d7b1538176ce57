#include "bot/heartbeat.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>

#include "integrations/net/http_client.hpp"

namespace tocsin {
namespace {

/// How soon a heartbeat that a reload brought is noticed.
constexpr Millis kLook{10'000};
constexpr Millis kDeadline{10'000};
constexpr std::size_t kMaxHeartbeatAnswer = 4'096;

bool arrived(net::FetchResult const& result) { return result && result->status >= 200 && result->status < 300; }

std::string reason(net::FetchResult const& result) {
  return result ? "status " + std::to_string(result->status) : result.error().detail;
}

}  // namespace

class Heartbeat::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(Parts parts)
      : parts_(std::move(parts)), timer_(parts_.io), client_(std::in_place, parts_.io, options()) {}

  void beat() {
    if (stopped_) return;
    auto const setup = parts_.setup();
    auto const& heartbeat = setup->config.heartbeat;
    rest_for(heartbeat ? heartbeat->every : kLook);
    if (!heartbeat || waiting_) return;
    // One at a time: while the writer hangs, nothing piles up behind it, and nothing is sent.
    waiting_ = true;
    parts_.lane.submit([](Database&, Instant) {},
                       [self = shared_from_this(), url = heartbeat->url](std::exception_ptr failed) {
                         boost::asio::post(self->parts_.io, [self, url, failed] { self->send(url, failed); });
                       });
  }

  void stop() {
    stopped_ = true;
    timer_.cancel();
    client_.reset();
  }

 private:
  static net::HttpClientOptions options() {
    net::HttpClientOptions options;
    options.total_deadline = kDeadline;
    options.max_body = kMaxHeartbeatAnswer;
    return options;
  }

  void send(std::string const& url, std::exception_ptr const& failed) {
    if (stopped_) return;
    if (failed) {
      waiting_ = false;
      return tell("the database can't be written");
    }
    net::ClientRequest request;
    request.url = url;
    request.follow_redirects = true;
    client_->fetch(std::move(request), [self = shared_from_this()](net::FetchResult const& result) {
      self->waiting_ = false;
      self->tell(arrived(result) ? "" : reason(result));
    });
  }

  void tell(std::string const& trouble) {
    if (told_ == trouble) return;
    told_ = trouble;
    parts_.changed(trouble);
  }

  void rest_for(Millis wait) {
    timer_.expires_after(wait);
    timer_.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
      if (!cancelled) self->beat();
    });
  }

  Parts parts_;
  boost::asio::steady_timer timer_;
  std::optional<net::HttpClient> client_;
  std::optional<std::string> told_;
  bool waiting_ = false;
  bool stopped_ = false;
};

Heartbeat::Heartbeat(Parts parts) : state_(std::make_shared<State>(std::move(parts))) {}
Heartbeat::~Heartbeat() { state_->stop(); }
void Heartbeat::start() { state_->beat(); }
void Heartbeat::stop() { state_->stop(); }

}  // namespace tocsin
