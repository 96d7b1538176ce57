// Promises, escalation and the settings of the bot: what must hold between them.
#include <algorithm>

#include "config/checks.hpp"

namespace tocsin {
namespace {

bool on_duty_at_all(Config const& config) {
  return config.duty.schedule.rotation.has_value() || !config.duty.schedule.backups.empty();
}

bool reaches_somebody(EscalationStep const& step, Config const& config) {
  return std::any_of(step.page.begin(), step.page.end(),
                     [&](Recipient const& recipient) { return recipient.name != kDutyRole || on_duty_at_all(config); });
}

void check_step(EscalationPolicy const& policy, std::size_t index, std::string const& path, Config const& config,
                Complaints& complaints) {
  auto const& step = policy.steps[index];
  bool all_known = !step.page.empty();
  for (std::size_t i = 0; i < step.page.size(); ++i) {
    auto const& name = step.page[i].name;
    bool const known = name == kDutyRole || config.roles.count(name) > 0 || config.person(PersonId{name}) != nullptr;
    all_known = all_known && known;
    if (!known && !name.empty())
      complaints.add(at(path + ".page", i), Notice("mistake.recipient_unknown").with("name", name));
  }
  if (all_known && !reaches_somebody(step, config)) complaints.add(path, Notice("mistake.step_never_fires"));
  for (std::size_t other = 0; other < index; ++other) {
    auto const& before = policy.steps[other];
    if (before.of == step.of && before.percent == step.percent && before.page == step.page)
      return complaints.add(path, Notice("mistake.step_twice").with("first", static_cast<std::int64_t>(other + 1)));
  }
}

void check_mail(Config const& config, Complaints& complaints) {
  if (!config.mail) return;
  auto const& mail = *config.mail;
  if (!mail.user.empty() && !complaints.written("mail.password"))
    complaints.add("mail", Notice("mistake.missing").with("key", std::string("password")));
  if (mail.user.empty() && mail.password.given())
    complaints.add("mail.password", Notice("mistake.password_without_user"));
  if (mail.security == MailSecurity::none && mail.password.given() && !is_loopback(mail.host))
    complaints.add("mail.security", Notice("mistake.password_in_clear"));
}

void check_http(Config const& config, Complaints& complaints) {
  auto const& http = config.http;
  if (http.public_listen) {
    if (http.public_url.empty()) complaints.add("http.public_listen", Notice("mistake.public_url_needed"));
    if (*http.public_listen == http.listen && http.listen.port != 0)
      complaints.add("http.public_listen", Notice("mistake.same_listener"));
  }
  auto const& hosts = http.allowed_hosts;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    for (std::size_t j = 0; j < hosts.size(); ++j) {
      if (i == j || hosts[i].empty()) continue;
      bool const covered = hosts[j].starts_with("*.") && hosts[i] != hosts[j] && hosts[i].ends_with(hosts[j].substr(1));
      if (covered || (j < i && hosts[i] == hosts[j])) {
        complaints.add(at("http.allowed_hosts", i),
                       Notice("mistake.covered").with("name", hosts[i]).with("by", hosts[j]));
        break;
      }
    }
  }
}

/// In the demonstration nothing may point outside this machine.
void check_demo(Config const& config, Complaints& complaints) {
  if (config.mode != Mode::demo) return;
  auto const local = [&](std::string const& host, char const* path) {
    if (!host.empty() && !is_loopback(host)) complaints.add(path, Notice("mistake.demo_outside"));
  };
  local(config.http.listen.host, "http.listen");
  if (config.http.public_listen) local(config.http.public_listen->host, "http.public_listen");
  if (config.mail) local(config.mail->host, "mail.host");
  if (config.chat.slack) local(host_of(config.chat.slack->api_url), "chat.slack.api_url");
  if (config.chat.dingtalk) {
    local(host_of(config.chat.dingtalk->api_url), "chat.dingtalk.api_url");
    local(host_of(config.chat.dingtalk->old_api_url), "chat.dingtalk.old_api_url");
  }
  if (config.heartbeat) local(host_of(config.heartbeat->url), "heartbeat.url");
}

}  // namespace

void check_response(Config const& config, Complaints& complaints) {
  for (auto const severity : kSeverities) {
    auto const index = static_cast<std::size_t>(severity);
    std::string const name(name_of(severity));
    auto const& targets = config.severities[index].targets;
    if (targets.recovery < targets.response)
      complaints.add("severities." + name + ".recovery", Notice("mistake.recovery_before_response"));
    auto const& policy = config.escalation[index];
    auto const path = "escalation." + name + ".steps";
    // Steps that the file does not write are the defaults: who is missing there is a finding of `tocsin check`.
    if (!complaints.written(path)) continue;
    for (std::size_t i = 0; i < policy.steps.size(); ++i) check_step(policy, i, at(path, i), config, complaints);
  }
}

void check_settings(Config const& config, Complaints& complaints) {
  check_mail(config, complaints);
  check_http(config, complaints);
  check_demo(config, complaints);
}

}  // namespace tocsin
