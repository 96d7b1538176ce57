// Is a web service healthy? A status and a body marker are expected; a redirect and a bad certificate are findings of
// their own, never "down".
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "integrations/net/http_client.hpp"

namespace tocsin::web {

struct Expectation {
  std::vector<int> statuses{200};
  std::string marker;  ///< a text that the body holds; empty: any body
  std::chrono::milliseconds latency{2'000};
};

struct Finding {
  enum class What : std::uint8_t {
    ok,
    slow,
    wrong_status,
    redirect,
    marker_missing,
    certificate,
    refused,
    timed_out,
    unresolved,
    unreachable,
    closed,
    invalid,
  } what = What::invalid;
  int status = 0;
  std::chrono::milliseconds latency{};
  std::string detail;  ///< safe to show
};

[[nodiscard]] bool is_good(Finding const& finding) noexcept;  ///< ok or only slow
/// `200 in 35 ms`, `redirect (301) …`, `certificate: …`.
[[nodiscard]] std::string describe(Finding const& finding);

/// Pure: what the outcome of a fetch means.
[[nodiscard]] Finding judge(Expectation const& expectation, net::FetchResult const& result);

struct Probe {
  std::string url;
  std::chrono::milliseconds deadline{5'000};
  Expectation expectation;
};
/// On the client's thread; the callback comes there, once.
void probe(net::HttpClient& client, Probe const& probe, std::function<void(Finding)> callback);

}  // namespace tocsin::web
