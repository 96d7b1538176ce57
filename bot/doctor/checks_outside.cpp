#include <boost/asio/io_context.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "bot/clock.hpp"
#include "bot/doctor/checks.hpp"
#include "bot/key.hpp"
#include "bot/load.hpp"
#include "bot/outside.hpp"
#include "bot/terminal/ask.hpp"
#include "bot/web/self_test.hpp"
#include "incidents/store/sqlite.hpp"
#include "incidents/store/visitors.hpp"
#include "integrations/host/sockets.hpp"

namespace tocsin::doctor {
namespace {

constexpr Millis kConnectDeadline{5'000};

Finding look_at_mail(MailSettings const& mail, std::filesystem::path const& workdir) {
  auto const clock = make_system_clock();
  auto carrier = paging::make_email_carrier(email_options(mail, workdir), *clock);
  if (carrier.has_error()) return {Verdict::bad, told(carrier.error().detail), Notice("doctor.cure_login")};
  auto finding = judge_mail((*carrier)->probe(), !mail.user.empty());
  finding.value.with("limit", mail.deadline);
  return finding;
}

Finding look_at_host(std::string const& host, std::uint16_t port, Millis limit) {
  auto const outcome = host::connect_latency(host, port, kConnectDeadline);
  if (outcome.reach != host::Reach::connected) {
    auto detail = std::string(name_of(outcome.reach));
    if (!outcome.detail.empty()) detail += ": " + outcome.detail;
    return {Verdict::bad, told(std::move(detail)), Notice("doctor.cure_host")};
  }
  auto const took = std::chrono::ceil<Millis>(outcome.connect_time);
  bool const slow = took > limit;
  return {slow ? Verdict::warning : Verdict::good, Notice("doctor.host").with("took", took).with("limit", limit),
          slow ? Notice("doctor.cure_slow") : Notice()};
}

/// A connection and nothing more: what stands behind the address must not notice.
Check reach(Notice what, std::string const& url, Millis limit) {
  return {std::move(what), kConnectDeadline + kMargin, [url, limit] {
            auto const parsed = boost::urls::parse_uri(url);
            if (!parsed) return Finding{Verdict::bad, told(parsed.error().message()), Notice("doctor.cure_host")};
            bool const plain = parsed->scheme_id() == boost::urls::scheme::http;
            auto const usual = plain ? std::uint16_t{80} : std::uint16_t{443};
            return look_at_host(std::string(parsed->encoded_host_address()),
                                parsed->has_port() ? parsed->port_number() : usual, limit);
          }};
}

/// Asks at the public address and must get the bot's own answer; then the running bot does the same, so that what it
/// sends from now on carries links.
Finding look_at_public_address(Patient const& patient) {
  auto const& http = patient.config.http;
  auto const bad = [](std::string detail) {
    return Finding{Verdict::bad, told(std::move(detail)), Notice("doctor.cure_public")};
  };
  auto database = open_sqlite(patient.storage, OpenMode::read_only);
  auto const key = database.has_error() ? std::nullopt : stored_key(**database);
  if (!key) return bad("the bot has not run yet");
  net::HttpClientOptions options;
  if (!http.public_ca_file.empty()) options.ca_file = below(patient.workdir, http.public_ca_file).string();
  boost::asio::io_context io;
  net::HttpClient client(io, options);
  auto const chance = make_system_chance();
  std::string problem;
  ask_self_test(client, http.public_url, store::new_token(*chance), *key,
                [&problem](std::string const& found) { problem = found; });
  io.run();
  if (!problem.empty()) return bad(problem);
  auto const proven = ask_bot_proof(patient.storage.string() + ".sock", kSelfTestDeadline + kMargin);
  if (proven.has_error()) return bad(proven.error().detail);
  if (!proven->problem.empty()) return bad(proven->problem);
  return {Verdict::good, Notice("doctor.public").with("limit", kSelfTestDeadline), {}};
}

void add_public_address(PatientRef const& patient, std::vector<Check>& checks) {
  auto const& http = patient->config.http;
  if (!http.public_url.empty()) {
    checks.push_back({Notice("doctor.what_public").with("url", http.public_url), 2 * (kSelfTestDeadline + kMargin),
                      [patient] { return look_at_public_address(*patient); }});
  } else if (patient->config.mail) {
    checks.push_back({Notice("doctor.what_public"), kConnectDeadline, [] {
                        return Finding{Verdict::warning, Notice("doctor.public_none"), Notice("doctor.cure_no_public")};
                      }});
  }
}

}  // namespace

Finding judge_mail(paging::DeliveryOutcome const& outcome, bool with_login) {
  using Kind = paging::DeliveryOutcome::Kind;
  if (outcome.kind == Kind::accepted)
    return {Verdict::good, Notice(with_login ? "doctor.mail_login" : "doctor.mail"), {}};
  auto value = told(outcome.detail);
  auto const* cure = outcome.kind == Kind::misconfigured ? "doctor.cure_login" : "doctor.cure_mail";
  return {Verdict::bad, std::move(value), Notice(cure)};
}

Finding judge_health(HealthCheck const& check, web::Finding const& found) {
  if (!web::is_good(found)) return {Verdict::bad, told(web::describe(found)), Notice("doctor.cure_health")};
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
    checks.push_back({Notice("doctor.what_mail").with("host", address), config.mail->deadline + kMargin,
                      [patient] { return look_at_mail(*patient->config.mail, patient->workdir); }});
  }
  for (auto const& check : config.health) {
    checks.push_back({Notice("doctor.what_health").with("name", check.name), check.deadline + kMargin,
                      [patient, check] { return judge_health(check, probe_here(check, patient->workdir)); }});
  }
  for (auto const& host : config.network) {
    checks.push_back({Notice("doctor.what_network").with("name", host.name), kConnectDeadline + kMargin,
                      [host, limit = host.latency.value_or(config.limits.latency)] {
                        return look_at_host(host.address.host, host.address.port, limit);
                      }});
  }
  auto const& limit = config.limits.response_p95;
  for (auto& check : checks_slack(patient)) checks.push_back(std::move(check));
  for (auto& check : checks_dingtalk(patient)) checks.push_back(std::move(check));
  add_public_address(patient, checks);
  if (config.heartbeat) checks.push_back(reach(Notice("doctor.what_heartbeat"), config.heartbeat->url, limit));
  return checks;
}

}  // namespace tocsin::doctor
