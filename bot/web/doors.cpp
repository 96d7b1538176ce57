#include "bot/web/doors.hpp"

#include <algorithm>

namespace tocsin::doors {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
  return out;
}

/// "https://ops.lawsker.com:8443/x" -> "ops.lawsker.com:8443"
std::string authority_of(std::string_view url) {
  auto const scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  return lower(url.substr(0, url.find('/')));
}

std::string_view without_port(std::string_view host) {
  auto const colon = host.rfind(':');
  if (colon == std::string_view::npos || host.find(']', colon) != std::string_view::npos) return host;
  return host.substr(0, colon);
}

bool fits_pattern(std::string_view host, std::string_view pattern) {
  if (!pattern.starts_with("*.")) return host == pattern;
  auto const suffix = pattern.substr(1);
  return host.size() > suffix.size() && host.ends_with(suffix);
}

}  // namespace

bool host_allowed(net::HttpRequest const& request, HttpSettings const& http, HostPort const& listen,
                  std::uint16_t port) {
  auto const is_host = [](auto const& field) { return field.first == "host"; };
  if (std::count_if(request.headers.begin(), request.headers.end(), is_host) != 1) return false;
  auto const host = lower(request.header("host"));
  auto const with_port = ":" + std::to_string(port);
  for (auto const& name : {std::string("localhost"), std::string("127.0.0.1"), std::string("[::1]")}) {
    if (host == name + with_port || (port == 80 && host == name)) return true;
  }
  if (host == lower(address_of(listen, port))) return true;
  if (!http.public_url.empty() && host == authority_of(http.public_url)) return true;
  return std::any_of(http.allowed_hosts.begin(), http.allowed_hosts.end(),
                     [&](auto const& pattern) { return fits_pattern(without_port(host), lower(pattern)); });
}

bool same_origin(net::HttpRequest const& request, std::string_view public_url) {
  auto const origin = lower(request.header("origin"));
  auto const host = lower(request.header("host"));
  if (host.empty()) return false;
  if (origin == "https://" + host) return true;
  // Whoever can put a page on the unprotected port of the same name is not us.
  bool const https_only = public_url.starts_with("https://") && host == authority_of(public_url);
  return origin == "http://" + host && !https_only;
}

std::string address_of(HostPort const& listen, std::uint16_t port) {
  bool const v6 = listen.host.find(':') != std::string::npos;
  return (v6 ? "[" + listen.host + "]" : listen.host) + ":" + std::to_string(port);
}

std::string cookie(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    auto const end = header.find(';');
    auto pair = header.substr(0, end);
    header.remove_prefix(end == std::string_view::npos ? header.size() : end + 1);
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    auto const equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) return std::string(pair.substr(equals + 1));
  }
  return {};
}

}  // namespace tocsin::doors
