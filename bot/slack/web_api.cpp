#include "bot/slack/web_api.hpp"

#include <memory>
#include <set>
#include <utility>

#include "bot/log.hpp"
#include "bot/slack/outside.hpp"

namespace tocsin::slack {
namespace {

/// What Slack asks us to mend is logged once for each method.
class Warnings {
 public:
  void note(std::string const& method, std::string const& body) {
    auto const warning = text_in(body, "/warning");
    if (!warning.empty() && noted_.insert(method + ' ' + warning).second)
      log_warn("Slack warns about {}: {}", method, warning.substr(0, 200));
  }

 private:
  std::set<std::string> noted_;
};

chat::Calls::Parts calls_of(WebApi::Parts parts) {
  chat::Calls::Parts calls{
      parts.io,
      std::move(parts.http),
      std::move(parts.now),
      std::move(parts.chance),
      [url = std::move(parts.url), app = std::move(parts.app_token), bot = std::move(parts.bot_token)](
          Call const& call) { return request_of(call, url, call.with_app_token ? app : bot); },
      verdict,
      budgets_of,
      [](Call const& call) { return method_of(call.method).repeatable; }};
  calls.heard = [warnings = std::make_shared<Warnings>(), refused = std::move(parts.refused)](Call const& call,
                                                                                              ApiResult const& got) {
    if (got) return warnings->note(call.method, *got);
    if (got.error().trouble == Trouble::credential && !call.with_app_token && refused) refused(got.error());
  };
  return calls;
}

}  // namespace

WebApi::WebApi(Parts parts) : calls_(calls_of(std::move(parts))) {}

void WebApi::call(Call call, Done done) { calls_.call(std::move(call), std::move(done)); }

void WebApi::post_to(std::string url, std::string content_type, std::string body, Done done) {
  net::ClientRequest request;
  request.method = "POST";
  request.url = std::move(url);
  request.headers = {{"Content-Type", std::move(content_type)}};
  request.body = std::move(body);
  calls_.fetch(std::move(request), [done = std::move(done)](auto const& got) { done(address_verdict(got)); });
}

Moment WebApi::last() const { return calls_.last(); }

}  // namespace tocsin::slack
