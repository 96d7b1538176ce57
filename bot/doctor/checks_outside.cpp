#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "bot/clock.hpp"
#include "bot/doctor/checks.hpp"
#include "bot/outside.hpp"
#include "integrations/host/sockets.hpp"

namespace tocsin::doctor {
namespace {

constexpr Millis kSlack{3'000};  // for an adapter to notice its own deadline
constexpr Millis kConnectDeadline{5'000};

Finding look_at_mail(MailSettings const& mail, std::filesystem::path const& workdir) {
  auto const clock = make_system_clock();
  auto carrier = paging::make_email_carrier(email_options(mail, workdir), *clock);
  if (carrier.has_error())
    return {Verdict::bad, Notice("doctor.failed").with("detail", carrier.error().detail), Notice("doctor.cure_login")};
  auto finding = judge_mail((*carrier)->probe(), !mail.user.empty());
  finding.value.with("limit", mail.deadline);
  return finding;
}

Finding look_at_host(std::string const& host, std::uint16_t port, Millis limit) {
  auto const outcome = host::connect_latency(host, port, kConnectDeadline);
  if (outcome.reach != host::Reach::connected) {
    auto detail = std::string(name_of(outcome.reach));
    if (!outcome.detail.empty()) detail += ": " + outcome.detail;
    return {Verdict::bad, Notice("doctor.failed").with("detail", std::move(detail)), Notice("doctor.cure_host")};
  }
  auto const took = std::chrono::ceil<Millis>(outcome.connect_time);
  bool const slow = took > limit;
  return {slow ? Verdict::warning : Verdict::good, Notice("doctor.host").with("took", took).with("limit", limit),
          slow ? Notice("doctor.cure_slow") : Notice()};
}

/// A connection and nothing more: what stands behind the address must not notice.
Check reach(Notice what, std::string const& url, Millis limit) {
  return {std::move(what), kConnectDeadline + kSlack, [url, limit] {
            auto const parsed = boost::urls::parse_uri(url);
            if (!parsed)
              return Finding{Verdict::bad, Notice("doctor.failed").with("detail", parsed.error().message()),
                             Notice("doctor.cure_host")};
            bool const plain = parsed->scheme_id() == boost::urls::scheme::http;
            auto const usual = plain ? std::uint16_t{80} : std::uint16_t{443};
            return look_at_host(std::string(parsed->encoded_host_address()),
                                parsed->has_port() ? parsed->port_number() : usual, limit);
          }};
}

}  // namespace

Finding judge_mail(paging::DeliveryOutcome const& outcome, bool with_login) {
  using Kind = paging::DeliveryOutcome::Kind;
  if (outcome.kind == Kind::accepted)
    return {Verdict::good, Notice(with_login ? "doctor.mail_login" : "doctor.mail"), {}};
  auto value = Notice("doctor.failed").with("detail", outcome.detail);
  auto const* cure = outcome.kind == Kind::misconfigured ? "doctor.cure_login" : "doctor.cure_mail";
  return {Verdict::bad, std::move(value), Notice(cure)};
}

Finding judge_health(HealthCheck const& check, web::Finding const& found) {
  if (!web::is_good(found))
    return {Verdict::bad, Notice("doctor.failed").with("detail", web::describe(found)), Notice("doctor.cure_health")};
  bool const slow = found.what == web::Finding::What::slow;
  auto value = Notice("doctor.health")
                   .with("status", std::int64_t{found.status})
                   .with("took", Millis{found.latency})
                   .with("limit", check.latency);
  return {slow ? Verdict::warning : Verdict::good, std::move(value), slow ? Notice("doctor.cure_slow") : Notice()};
}

std::vector<Check> checks_outside(PatientRef const& patient) {
  std::vector<Check> checks;
  auto const& config = patient->config;
  if (config.mail) {
    auto const address = config.mail->host + ":" + std::to_string(config.mail->port);
    checks.push_back({Notice("doctor.what_mail").with("host", address), config.mail->deadline + kSlack,
                      [patient] { return look_at_mail(*patient->config.mail, patient->workdir); }});
  }
  for (auto const& check : config.health) {
    checks.push_back({Notice("doctor.what_health").with("name", check.name), check.deadline + kSlack,
                      [patient, check] { return judge_health(check, probe_here(check, patient->workdir)); }});
  }
  for (auto const& host : config.network) {
    checks.push_back({Notice("doctor.what_network").with("name", host.name), kConnectDeadline + kSlack,
                      [host, limit = host.latency.value_or(config.limits.latency)] {
                        return look_at_host(host.address.host, host.address.port, limit);
                      }});
  }
  auto const& limit = config.limits.response_p95;
  if (config.chat.slack)
    checks.push_back(reach(Notice("doctor.what_platform").with("name", std::vector{Notice("channel.slack")}),
                           config.chat.slack->api_url, limit));
  if (config.chat.dingtalk)
    checks.push_back(reach(Notice("doctor.what_platform").with("name", std::vector{Notice("channel.dingtalk")}),
                           config.chat.dingtalk->api_url, limit));
  if (config.heartbeat) checks.push_back(reach(Notice("doctor.what_heartbeat"), config.heartbeat->url, limit));
  return checks;
}

}  // namespace tocsin::doctor
