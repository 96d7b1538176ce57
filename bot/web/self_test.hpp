// Is it this bot that answers at the public address? A question that only the bot can sign, and an answer that only the
// bot can give. Anybody else gets what every unknown path gets.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "incidents/base/secret.hpp"
#include "incidents/base/time.hpp"
#include "integrations/net/http_client.hpp"
#include "integrations/net/http_server.hpp"

namespace tocsin {

inline constexpr std::string_view kSelfTestPath = "/self-test/";
inline constexpr Millis kSelfTestDeadline{10'000};

/// What follows the public URL: "self-test/NONCE-SIGNATURE".
[[nodiscard]] std::string self_test_question(std::string_view nonce, Secret const& key);
/// The only right answer. Both are bound to the nonce: an answer heard before is worth nothing.
[[nodiscard]] std::string self_test_answer(std::string_view nonce, Secret const& key);

/// 404 for every question that isn't signed by `key`.
[[nodiscard]] net::HttpResponse serve_self_test(net::HttpRequest const& request, Secret const& key);

/// Asks at `public_url` (certificates verified, redirects not followed); the callback gets what was wrong, or an empty
/// text. On the client's thread. `nonce` is fresh for every question.
void ask_self_test(net::HttpClient& client, std::string const& public_url, std::string const& nonce, Secret const& key,
                   std::function<void(std::string const& problem)> done);

/// "https://x/" and "ack/1" -> "https://x/ack/1"
[[nodiscard]] std::string below_url(std::string const& url, std::string const& path);

}  // namespace tocsin
