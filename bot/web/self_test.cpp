#include "bot/web/self_test.hpp"

#include "incidents/store/digest.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kSignatureDigits = 32;  // 128 bits
constexpr std::size_t kMaxProof = 1024;       // bytes; more is none of ours

std::string signature(std::string_view nonce, Secret const& key) {
  return hmac_sha256_hex(key, "self-test question " + std::string(nonce)).substr(0, kSignatureDigits);
}

std::string problem_of(net::FetchResult const& result, std::string const& expected) {
  if (result.has_error()) return result.error().detail;
  if (result->status != 200) return "HTTP " + std::to_string(result->status);
  auto body = std::string_view(result->body);
  while (body.ends_with('\n')) body.remove_suffix(1);
  if (!equal_in_constant_time(body, expected)) return "somebody else answers there";
  return {};
}

}  // namespace

std::string self_test_question(std::string_view nonce, Secret const& key) {
  return std::string(kSelfTestPath.substr(1)) + std::string(nonce) + "-" + signature(nonce, key);
}

std::string self_test_answer(std::string_view nonce, Secret const& key) {
  return hmac_sha256_hex(key, "self-test answer " + std::string(nonce));
}

net::HttpResponse serve_self_test(net::HttpRequest const& request, Secret const& key) {
  auto const unknown = net::plain_response(404, "not found\n");
  if (request.method != "GET") return unknown;
  auto const asked = std::string_view(request.path).substr(kSelfTestPath.size());
  auto const dash = asked.rfind('-');
  if (dash == std::string_view::npos || dash == 0) return unknown;
  auto const nonce = asked.substr(0, dash);
  if (!equal_in_constant_time(signature(nonce, key), asked.substr(dash + 1))) return unknown;
  return net::plain_response(200, self_test_answer(nonce, key) + "\n");
}

void ask_self_test(net::HttpClient& client, std::string const& public_url, std::string const& nonce, Secret const& key,
                   std::function<void(std::string const& problem)> done) {
  net::ClientRequest request;
  request.url = below_url(public_url, self_test_question(nonce, key));
  request.deadline = kSelfTestDeadline;
  request.max_body = kMaxProof;
  client.fetch(std::move(request), [expected = self_test_answer(nonce, key), done = std::move(done)](
                                       net::FetchResult result) { done(problem_of(result, expected)); });
}

std::string below_url(std::string const& url, std::string const& path) {
  return url + (url.ends_with('/') ? "" : "/") + path;
}

}  // namespace tocsin
