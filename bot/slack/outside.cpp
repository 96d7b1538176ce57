#include "bot/slack/outside.hpp"

#include <utility>

#include "bot/log.hpp"

namespace tocsin::slack {

std::optional<net::Proxy> proxy_of(std::function<std::optional<std::string>(std::string const&)> const& environment) {
  auto found = net::proxy_from(environment);
  if (found) return std::move(*found);
  log_error("{}", found.error().detail);
  return std::nullopt;
}

net::HttpClientOptions http_options(SlackOptions const& options, std::filesystem::path const& workdir,
                                    std::optional<net::Proxy> const& proxy) {
  net::HttpClientOptions http;
  http.proxy = proxy;
  if (!options.ca_file.empty()) http.ca_file = (workdir / options.ca_file).string();
  return http;
}

net::WebSocketClientOptions socket_options(SlackOptions const& options, std::filesystem::path const& workdir,
                                           std::optional<net::Proxy> const& proxy) {
  net::WebSocketClientOptions sockets;
  sockets.proxy = proxy;
  if (!options.ca_file.empty()) sockets.ca_file = (workdir / options.ca_file).string();
  return sockets;
}

net::ClientRequest request_of(Call const& call, std::string const& url, Secret const& token) {
  net::ClientRequest request;
  request.method = "POST";
  request.url = url + (url.ends_with('/') ? "" : "/") + call.method;
  request.headers = {{"Authorization", "Bearer " + std::string(token.reveal())},
                     {"Content-Type", "application/x-www-form-urlencoded"}};
  request.body = net::encode_form(call.arguments);
  return request;
}

}  // namespace tocsin::slack
