#include "bot/web/responses.hpp"

#include <algorithm>

#include "bot/web/template.hpp"
#include "incidents/base/embedded.hpp"
#include "incidents/store/digest.hpp"

namespace tocsin::web_pages {
namespace {

constexpr std::string_view kNothing = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'";
constexpr std::string_view kPage =
    "default-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'; form-action 'none'; "
    "require-trusted-types-for 'script'";
constexpr std::string_view kForm =
    "default-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'; "
    "require-trusted-types-for 'script'";

std::string_view media_type(std::string_view name) {
  if (name.ends_with(".html")) return "text/html; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (name.ends_with(".svg")) return "image/svg+xml; charset=utf-8";
  return "application/octet-stream";
}

embedded::File const* file_of(std::string_view name) {
  auto const& files = embedded::assets();
  auto const found = std::find_if(files.begin(), files.end(), [&](auto const& file) { return file.name == name; });
  return found == files.end() ? nullptr : &*found;
}

/// The page stands alone, on a listener that serves nothing else: its style is inside it, and named by its digest.
std::string alone(std::string_view html) {
  constexpr std::string_view kOpen = "<style>";
  auto const begin = html.find(kOpen);
  auto const end = html.find("</style>");
  std::string style = "'none'";
  if (begin != std::string_view::npos && end != std::string_view::npos)
    style = "'sha256-" + sha256_base64(html.substr(begin + kOpen.size(), end - begin - kOpen.size())) + "'";
  return "default-src 'none'; style-src " + style + "; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
}

}  // namespace

net::HttpResponse secured(net::HttpResponse response) {
  for (auto const& [name, value] : {std::pair<std::string_view, std::string_view>{"content-security-policy", kNothing},
                                    {"x-content-type-options", "nosniff"},
                                    {"x-frame-options", "DENY"},
                                    // Not "no-referrer": browsers would then send "Origin: null" with our own forms.
                                    {"referrer-policy", "same-origin"},
                                    {"cross-origin-opener-policy", "same-origin"},
                                    {"cross-origin-resource-policy", "same-origin"},
                                    {"cache-control", "no-store"}}) {
    if (net::field(response.headers, name).empty()) response.headers.emplace_back(name, value);
  }
  return response;
}

net::HttpResponse asset(std::string_view name, net::HttpRequest const& request) {
  auto const* file = name == "login.html" || name == "ack.html" ? nullptr : file_of(name);
  if (file == nullptr) return secured(net::plain_response(404, "not found\n"));
  net::HttpResponse response;
  auto const tag = '"' + sha256_hex(file->text) + '"';
  response.headers = {{"content-type", std::string(media_type(name))},
                      {"content-security-policy", std::string(kPage)},
                      {"cache-control", "no-cache"},
                      {"etag", tag}};
  if (request.header("if-none-match") == tag) {
    response.status = 304;
  } else {
    response.body = std::string(file->text);
  }
  return secured(std::move(response));
}

net::HttpResponse from_template(std::string_view name, int status, std::set<std::string, std::less<>> const& flags,
                                std::vector<std::pair<std::string, std::string>> const& values) {
  auto const* file = file_of(name);
  if (file == nullptr) return secured(net::plain_response(500, "no such template\n"));
  net::HttpResponse response;
  response.status = status;
  response.body = fill(file->text, flags, values);
  response.headers = {{"content-type", "text/html; charset=utf-8"},
                      {"content-security-policy", name == "ack.html" ? alone(response.body) : std::string(kForm)}};
  return secured(std::move(response));
}

}  // namespace tocsin::web_pages
