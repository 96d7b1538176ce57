#include "bot/chat/outside.hpp"

#include <utility>

#include "bot/log.hpp"

namespace tocsin::chat {
namespace {

template <class Options>
Options options_of(std::string const& ca_file, std::filesystem::path const& workdir,
                   std::optional<net::Proxy> const& proxy) {
  Options options;
  options.proxy = proxy;
  if (!ca_file.empty()) options.ca_file = (workdir / ca_file).string();
  return options;
}

}  // namespace

std::optional<net::Proxy> proxy_of(std::function<std::optional<std::string>(std::string const&)> const& environment) {
  auto found = net::proxy_from(environment);
  if (found) return std::move(*found);
  log_error("{}", found.error().detail);
  return std::nullopt;
}

net::HttpClientOptions http_options(std::string const& ca_file, std::filesystem::path const& workdir,
                                    std::optional<net::Proxy> const& proxy) {
  return options_of<net::HttpClientOptions>(ca_file, workdir, proxy);
}

net::WebSocketClientOptions socket_options(std::string const& ca_file, std::filesystem::path const& workdir,
                                           std::optional<net::Proxy> const& proxy) {
  return options_of<net::WebSocketClientOptions>(ca_file, workdir, proxy);
}

}  // namespace tocsin::chat
