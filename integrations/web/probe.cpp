#include "integrations/web/probe.hpp"

#include <algorithm>

namespace tocsin::web {
namespace {

using What = Finding::What;

What what_of(net::FetchCause cause) {
  switch (cause) {
    case net::FetchCause::unresolved:
      return What::unresolved;
    case net::FetchCause::refused:
      return What::refused;
    case net::FetchCause::unreachable:
      return What::unreachable;
    case net::FetchCause::certificate:
    case net::FetchCause::tls:
      return What::certificate;
    case net::FetchCause::timed_out:
      return What::timed_out;
    case net::FetchCause::redirected:
      return What::redirect;
    case net::FetchCause::closed:
    case net::FetchCause::protocol:
      return What::closed;
    case net::FetchCause::busy:
    case net::FetchCause::invalid:
      break;
  }
  return What::invalid;
}

std::string_view word_of(What what) {
  switch (what) {
    case What::ok:
      return "ok";
    case What::slow:
      return "slow";
    case What::wrong_status:
      return "wrong status";
    case What::redirect:
      return "redirect";
    case What::marker_missing:
      return "marker missing";
    case What::certificate:
      return "certificate";
    case What::refused:
      return "refused";
    case What::timed_out:
      return "timed out";
    case What::unresolved:
      return "unresolved";
    case What::unreachable:
      return "unreachable";
    case What::closed:
      return "closed";
    case What::invalid:
      return "invalid";
  }
  return "invalid";
}

}  // namespace

bool is_good(Finding const& finding) noexcept { return finding.what == What::ok || finding.what == What::slow; }

std::string describe(Finding const& finding) {
  std::string text(word_of(finding.what));
  if (finding.status != 0) text += " " + std::to_string(finding.status);
  if (finding.status != 0) text += " in " + std::to_string(finding.latency.count()) + " ms";
  if (!finding.detail.empty()) text += ": " + finding.detail;
  return text;
}

Finding judge(Expectation const& expectation, net::FetchResult const& result) {
  Finding finding;
  if (result.has_error()) {
    finding.what = what_of(result.error().cause);
    finding.detail = result.error().detail;
    return finding;
  }
  auto const& answer = *result;
  finding.status = answer.status;
  finding.latency = std::chrono::ceil<std::chrono::milliseconds>(answer.timings.total);
  bool const expected =
      std::find(expectation.statuses.begin(), expectation.statuses.end(), answer.status) != expectation.statuses.end();
  if (!expected) {
    finding.what = answer.status >= 300 && answer.status < 400 ? What::redirect : What::wrong_status;
    if (finding.what == What::redirect)
      finding.detail = std::string(net::field(answer.headers, "location")).substr(0, 100);
  } else if (!expectation.marker.empty() && answer.body.find(expectation.marker) == std::string::npos) {
    finding.what = What::marker_missing;
  } else {
    finding.what = finding.latency > expectation.latency ? What::slow : What::ok;
  }
  return finding;
}

void probe(net::HttpClient& client, Probe const& probe, std::function<void(Finding)> callback) {
  net::ClientRequest request;
  request.url = probe.url;
  request.deadline = probe.deadline;
  client.fetch(std::move(request), [expectation = probe.expectation, callback = std::move(callback)](
                                       net::FetchResult result) { callback(judge(expectation, result)); });
}

}  // namespace tocsin::web
