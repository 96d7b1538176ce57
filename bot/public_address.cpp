#include "bot/public_address.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <charconv>

#include "bot/load.hpp"
#include "bot/log.hpp"
#include "bot/web/self_test.hpp"
#include "incidents/store/inbox.hpp"
#include "incidents/store/visitors.hpp"
#include "integrations/net/http_client.hpp"

namespace tocsin {
namespace {
constexpr char const* kAddressFact = "public address";
}  // namespace

bool proves(std::optional<AddressProof> const& proof, std::string const& url, Instant now) {
  return proof && !url.empty() && proof->url == url && proof->at <= now && now < proof->at + kProofLife;
}

std::string encode(AddressProof const& proof) { return std::to_string(to_millis(proof.at)) + " " + proof.url; }

std::optional<AddressProof> decode_proof(std::string_view text) {
  std::int64_t at = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), at);
  if (error != std::errc{} || end == text.data() + text.size() || *end != ' ') return std::nullopt;
  return AddressProof{std::string(text.substr(static_cast<std::size_t>(end - text.data()) + 1)), from_millis(at)};
}

class PublicAddress::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(Parts parts) : parts_(std::move(parts)) {
    run_and_wait(parts_.lane, [this](Database& database, Instant) {
      if (auto const kept = store::fact(database, kAddressFact)) proof_ = decode_proof(*kept);
    });
  }

  bool proven(std::string const& url) const {
    std::lock_guard const lock(mutex_);
    return proves(proof_, url, parts_.clock.now());
  }

  /// On the io_context's thread.
  void prove(std::function<void(std::string const&)> done) {
    if (done) waiting_.push_back(std::move(done));
    if (client_) return;
    auto const setup = parts_.setup();
    auto const& http = setup->config.http;
    if (http.public_url.empty()) {
      trouble_.clear();
      return answer("");
    }
    net::HttpClientOptions options;
    if (!http.public_ca_file.empty()) options.ca_file = below(parts_.workdir, http.public_ca_file).string();
    client_ = std::make_unique<net::HttpClient>(parts_.io, options);
    ask_self_test(*client_, http.public_url, store::new_token(parts_.chance), parts_.key,
                  [weak = weak_from_this(), url = http.public_url](std::string const& problem) {
                    if (auto const self = weak.lock()) self->asked(url, problem);
                  });
  }

  void end() { client_.reset(); }
  boost::asio::io_context& io() { return parts_.io; }

 private:
  void asked(std::string const& url, std::string const& problem) {
    // The client is still at work around this call: it goes after it. The address may have changed meanwhile.
    bool const again = url != parts_.setup()->config.http.public_url;
    boost::asio::post(parts_.io, [self = shared_from_this(), again] {
      self->client_.reset();
      if (again) self->prove({});
    });
    if (again) return;
    if (problem.empty()) {
      keep({url, parts_.clock.now()});
    } else {
      log_warn("public address {}: {}", url, problem);
    }
    tell(url, problem);
    answer(problem);
  }

  void keep(AddressProof proof) {
    {
      std::lock_guard const lock(mutex_);
      proof_ = proof;
    }
    // If it can't be stored, this run still knows it.
    parts_.lane.submit(
        [proof](Database& database, Instant now) { store::put_fact(database, kAddressFact, encode(proof), now); },
        [](std::exception_ptr) {});
  }

  /// Once when it becomes bad and once when it is well again, not every hour.
  void tell(std::string const& url, std::string const& problem) {
    bool const was_bad = !trouble_.empty();
    bool const changed = was_bad != !problem.empty();
    trouble_ = problem;
    if (!changed) return;
    parts_.say(problem.empty() ? Notice("health.public_proven").with("url", url)
                               : Notice("health.public_unproven").with("url", url).with("detail", problem));
  }

  void answer(std::string const& problem) {
    auto const waiting = std::exchange(waiting_, {});
    for (auto const& each : waiting) each(problem);
  }

  Parts parts_;
  mutable std::mutex mutex_;
  std::optional<AddressProof> proof_;
  std::unique_ptr<net::HttpClient> client_;  // while a question is under way
  std::vector<std::function<void(std::string const&)>> waiting_;
  std::string trouble_;  // of the last question; empty: none
};

PublicAddress::PublicAddress(Parts parts) : state_(std::make_shared<State>(std::move(parts))) {}
PublicAddress::~PublicAddress() { state_->end(); }
bool PublicAddress::proven(std::string const& url) const { return state_->proven(url); }

void PublicAddress::prove(std::function<void(std::string const&)> done) {
  boost::asio::post(state_->io(),
                    [state = state_, done = std::move(done)]() mutable { state->prove(std::move(done)); });
}

}  // namespace tocsin
