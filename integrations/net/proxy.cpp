#include "integrations/net/proxy.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "integrations/net/http.hpp"

namespace tocsin::net {
namespace {

namespace asio = boost::asio;

constexpr std::uint16_t kUsualPort = 80;
constexpr std::size_t kMostExceptions = 200;

std::vector<std::string> exceptions_in(std::string_view text) {
  std::vector<std::string> all;
  while (!text.empty() && all.size() < kMostExceptions) {
    auto const end = text.find_first_of(", \t");
    if (auto const each = text.substr(0, end); !each.empty()) all.push_back(lower(each));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return all;
}

bool is_in_network(std::string const& network, std::string_view host) {
  boost::system::error_code failed;
  auto const address = asio::ip::make_address(std::string(host), failed);
  if (failed) return false;
  if (address.is_v4()) {
    auto const range = asio::ip::make_network_v4(network, failed);
    if (failed) return false;
    auto const mask = range.netmask().to_uint();
    return (address.to_v4().to_uint() & mask) == (range.address().to_uint() & mask);
  }
  auto const range = asio::ip::make_network_v6(network, failed);
  if (failed) return false;
  auto const ours = asio::ip::make_network_v6(address.to_v6(), range.prefix_length());
  return ours.network() == range.network();
}

bool is_meant(std::string_view rule, std::string_view host) {
  if (rule == "*" || rule == host) return true;
  if (rule.find('/') != std::string_view::npos) return is_in_network(std::string(rule), host);
  if (rule.starts_with("*.")) rule.remove_prefix(1);
  bool const dotted = rule.starts_with('.');
  if (dotted && host == rule.substr(1)) return true;
  auto const suffix = dotted ? std::string(rule) : "." + std::string(rule);
  return host.ends_with(suffix);
}

std::string first_of(std::function<std::optional<std::string>(std::string const&)> const& environment,
                     std::initializer_list<char const*> names) {
  for (auto const* name : names) {
    if (auto value = environment(name); value && !value->empty()) return *value;
  }
  return {};
}

}  // namespace

bool bypasses(Proxy const& proxy, std::string_view host) {
  return std::any_of(proxy.bypass.begin(), proxy.bypass.end(),
                     [host](auto const& rule) { return is_meant(rule, host); });
}

Result<std::optional<Proxy>> proxy_from(
    std::function<std::optional<std::string>(std::string const&)> const& environment) {
  auto text = first_of(environment, {"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"});
  if (text.empty()) return std::optional<Proxy>();
  if (text.find("://") == std::string::npos) text = "http://" + text;
  auto const url = boost::urls::parse_uri(text);
  if (!url || url->scheme() != "http" || url->encoded_host().empty())
    return Error{Errc::invalid, "the proxy of the environment (HTTPS_PROXY) must be http://host:port"};
  Proxy proxy;
  proxy.host = lower(url->host_address());
  proxy.port = url->has_port() && !url->port().empty() ? url->port_number() : kUsualPort;
  if (proxy.port == 0) return Error{Errc::invalid, "the proxy of the environment (HTTPS_PROXY) has no usable port"};
  if (url->has_userinfo()) proxy.authorization = Secret(url->user() + ":" + url->password());
  proxy.bypass = exceptions_in(first_of(environment, {"NO_PROXY", "no_proxy"}));
  return std::optional(std::move(proxy));
}

}  // namespace tocsin::net
