#include "integrations/net/detail/web_address.hpp"

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>

namespace tocsin::net::detail {
namespace {

namespace urls = boost::urls;

/// What may reach a resolver, a Host header and a certificate check; no IDN here: write it in its xn-- form.
bool is_usable_host(std::string const& host) {
  return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' || c == ':';
  });
}

Result<WebAddress> take_apart(urls::url_view_base const& url) {
  WebAddress address;
  if (url.scheme_id() == urls::scheme::https) {
    address.https = true;
  } else if (url.scheme_id() != urls::scheme::http) {
    return Error{Errc::invalid, "the URL must begin with http:// or https://"};
  }
  if (url.has_userinfo()) return Error{Errc::invalid, "a URL must not carry a user or password: use a header"};
  address.host = url.host_address();
  std::transform(address.host.begin(), address.host.end(), address.host.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  if (!is_usable_host(address.host)) return Error{Errc::invalid, "the URL has no usable host"};
  std::uint16_t const usual = address.https ? 443 : 80;
  address.port = usual;
  if (url.has_port() && !url.port().empty()) {
    address.port = url.port_number();
    if (address.port == 0) return Error{Errc::invalid, "the URL's port must be 1..65535"};
  }
  bool const v6 = address.host.find(':') != std::string::npos;
  address.host_field = v6 ? '[' + address.host + ']' : address.host;
  if (address.port != usual) address.host_field += ':' + std::to_string(address.port);
  auto const path = url.encoded_path();
  address.target = path.empty() ? "/" : std::string(path.data(), path.size());
  if (url.has_query()) {
    auto const query = url.encoded_query();
    address.target += '?';
    address.target.append(query.data(), query.size());
  }
  auto const text = url.buffer();
  address.url.assign(text.data(), text.size());
  return address;
}

}  // namespace

std::string WebAddress::origin() const {
  bool const v6 = host.find(':') != std::string::npos;
  return (https ? "https://" : "http://") + (v6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

Result<WebAddress> parse_web_address(std::string const& url) {
  auto const parsed = urls::parse_uri(url);
  if (!parsed) return Error{Errc::invalid, "not a complete URL"};
  return take_apart(*parsed);
}

Result<WebAddress> resolve_reference(WebAddress const& base, std::string const& reference) {
  auto const from = urls::parse_uri(base.url);
  auto const to = urls::parse_uri_reference(reference);
  if (!from || !to) return Error{Errc::invalid, "the redirect names no usable URL"};
  urls::url whole;
  if (!urls::resolve(*from, *to, whole)) return Error{Errc::invalid, "the redirect names no usable URL"};
  return take_apart(whole);
}

}  // namespace tocsin::net::detail
