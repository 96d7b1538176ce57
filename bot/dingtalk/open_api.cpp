#include "bot/dingtalk/open_api.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "bot/detail/json.hpp"
#include "bot/dingtalk/outside.hpp"
#include "bot/log.hpp"

namespace tocsin::dingtalk {
namespace {

constexpr Millis kEarly = std::chrono::minutes{5};
/// In case an answer does not say how long it is good.
constexpr Millis kLifeAtLeast = std::chrono::minutes{1};
constexpr Millis kTokenLife = std::chrono::hours{2};
constexpr Millis kTokenIn{10'000};

struct Token {
  Secret value;
  Moment renew{};
  Moment until{};
  bool asking = false;
  std::vector<std::function<void(std::optional<ApiFailure> const&)>> waiting;
};

}  // namespace

class OpenApi::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(Parts parts) : parts_(std::move(parts)) {
    calls_.emplace(chat::Calls::Parts{
        parts_.io,
        parts_.http,
        parts_.now,
        parts_.chance,
        [this](Call const& call) { return request_of(call, parts_.hosts, token_for(call)); },
        verdict,
        budgets_of,
        [](Call const& call) { return method_of(call.method).repeatable; },
        [](Call const& call, ApiResult const& got) {
          // Of what asks for nothing the refusal is the answer.
          if (!got && got.error().trouble != Trouble::passing && !call.once)
            log_info("DingTalk: {}: {}", call.method, got.error().error);
        },
        Millis{1'500},
    });
  }

  void stop() {
    stopped_ = true;
    calls_.reset();
  }

  void call(Call call, Done done, bool again = true) {
    auto const old = method_of(call.method).old;
    with_token(old, [self = shared_from_this(), call = std::move(call), done = std::move(done), again,
                     old](std::optional<ApiFailure> const& failed) mutable {
      if (self->stopped_) return;
      if (failed) return done(*failed);
      auto copy = call;
      auto const used = std::string(self->token(old).value.reveal());
      self->calls_->call(std::move(copy), [self, call = std::move(call), done = std::move(done), again, old,
                                           used](ApiResult const& got) mutable {
        if (self->stopped_) return;
        if (got) return done(got);
        if (got.error().trouble == Trouble::credential && again) {
          // It ended before its time; whoever else had it has thrown it away by now.
          if (self->token(old).value.reveal() == used) self->token(old).until = Moment{};
          return self->call(std::move(call), std::move(done), false);
        }
        self->note(got.error());
        done(got);
      });
    });
  }

  void post_to(std::string url, std::string body, Done done) {
    net::ClientRequest request;
    request.method = "POST";
    request.url = std::move(url);
    request.headers = {{"Content-Type", "application/json; charset=utf-8"}};
    request.body = std::move(body);
    calls_->fetch(std::move(request), [done = std::move(done)](auto const& got) { done(hook_verdict(got)); });
  }

  void fetch(net::ClientRequest request, net::HttpClient::Callback done) {
    calls_->fetch(std::move(request), std::move(done));
  }

  Moment last() const { return calls_->last(); }

 private:
  Token& token(bool old) { return old ? old_ : new_; }
  static bool is_token_call(Call const& call) {
    return call.method == "oauth2/accessToken" || call.method == "gettoken";
  }
  Secret token_for(Call const& call) {
    return is_token_call(call) ? Secret() : token(method_of(call.method).old).value;
  }

  void note(ApiFailure const& failure) {
    // A quota that is used up is mended by nobody but an operator, too.
    bool const lasting = failure.trouble == Trouble::credential || failure.trouble == Trouble::scope ||
                         failure.error.find("quota") != std::string::npos;
    if (lasting && parts_.refused) parts_.refused(failure);
  }

  void with_token(bool old, std::function<void(std::optional<ApiFailure> const&)> go) {
    auto& kind = token(old);
    auto const now = parts_.now();
    if (now < kind.until) {
      if (now >= kind.renew) ask(old);  // meanwhile the old one is good
      return go(std::nullopt);
    }
    kind.waiting.push_back(std::move(go));
    ask(old);
  }

  void ask(bool old) {
    auto& kind = token(old);
    if (std::exchange(kind.asking, true)) return;
    auto call = token_call(parts_.client_id, parts_.client_secret, old);
    call.deadline = kTokenIn;
    calls_->call(std::move(call), [self = shared_from_this(), old](ApiResult const& got) {
      if (!self->stopped_) self->came(old, got);
    });
  }

  void came(bool old, ApiResult const& got) {
    auto& kind = token(old);
    kind.asking = false;
    std::optional<ApiFailure> failed;
    if (got) {
      auto const body = detail::parsed(*got);
      auto const& life = detail::at(body, old ? "expires_in" : "expireIn");
      auto value = detail::text_at(body, old ? "access_token" : "accessToken");
      auto const seconds = life.is_number_integer() ? life.get<std::int64_t>() : 0;
      auto const lasts = std::clamp<Millis>(std::chrono::seconds{std::clamp<std::int64_t>(seconds, 0, 86'400)},
                                            kLifeAtLeast, kTokenLife);
      if (value.empty()) {
        failed = ApiFailure{Trouble::unknown, "no token in the answer"};
      } else {
        auto const now = parts_.now();
        kind.value = Secret(std::move(value));
        kind.until = now + lasts;
        kind.renew = now + std::max<Millis>(lasts - kEarly, lasts / 2);
      }
    } else {
      failed = got.error();
      // Nothing was done by any call that waited for it.
      if (failed->trouble == Trouble::unknown) failed->trouble = Trouble::passing;
      if (failed->trouble == Trouble::refused) failed->trouble = Trouble::credential;
      note(*failed);
    }
    auto const waiting = std::exchange(kind.waiting, {});
    for (auto const& go : waiting) go(failed);
  }

  Parts parts_;
  std::optional<chat::Calls> calls_;
  Token new_;
  Token old_;
  bool stopped_ = false;
};

OpenApi::OpenApi(Parts parts) : state_(std::make_shared<State>(std::move(parts))) {}
OpenApi::~OpenApi() { state_->stop(); }
void OpenApi::call(Call call, Done done) { state_->call(std::move(call), std::move(done)); }
void OpenApi::post_to(std::string url, std::string body, Done done) {
  state_->post_to(std::move(url), std::move(body), std::move(done));
}
void OpenApi::fetch(net::ClientRequest request, net::HttpClient::Callback done) {
  state_->fetch(std::move(request), std::move(done));
}
Moment OpenApi::last() const { return state_->last(); }

}  // namespace tocsin::dingtalk
