// The answers of the web server: their headers, the files of the page, the small pages that are made on the server.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "integrations/net/http.hpp"

namespace tocsin::web_pages {

/// Adds what every answer carries, where it does not say it itself: nothing may be framed, sniffed, referred to from
/// elsewhere or kept.
[[nodiscard]] net::HttpResponse secured(net::HttpResponse response);

/// A file of the page; 304 when the browser has it, 404 for templates and whatever there is not.
[[nodiscard]] net::HttpResponse asset(std::string_view name, net::HttpRequest const& request);

/// A template (`login.html`, `ack.html`), filled in: see `fill`.
[[nodiscard]] net::HttpResponse from_template(std::string_view name, int status,
                                              std::set<std::string, std::less<>> const& flags,
                                              std::vector<std::pair<std::string, std::string>> const& values);

}  // namespace tocsin::web_pages
