// Slack as it is: asks it what the bot would ask, and changes nothing.
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "bot/chat/outside.hpp"
#include "bot/doctor/checks.hpp"
#include "bot/doctor/failed.hpp"
#include "bot/doctor/slack.hpp"
#include "bot/environment.hpp"
#include "bot/slack/manifest.hpp"
#include "bot/slack/outside.hpp"
#include "bot/terminal/ask.hpp"

namespace tocsin::doctor {
namespace {

constexpr Millis kHello{8'000};
constexpr std::uint16_t kNormalClosure = 1000;  // RFC 6455 section 7.4.1

struct Answer {
  slack::ApiResult result;
  std::string scopes;
};

SlackOptions const& options_of(Patient const& patient) { return *patient.config.chat.slack; }

/// Blocks for one call.
Answer ask(Patient const& patient, slack::Call const& call) {
  auto const& options = options_of(patient);
  auto http = chat::http_options(options.ca_file, patient.workdir, chat::proxy_of(environment_variable));
  http.total_deadline = kCall;
  boost::asio::io_context io;
  net::HttpClient client(io, http);
  Answer answer{slack::ApiFailure{}, {}};
  auto const& token = call.with_app_token ? options.app_token : options.bot_token;
  client.fetch(slack::request_of(call, options.api_url, token.value), [&](net::FetchResult const& got) {
    if (got) answer.scopes = net::field(got->headers, "x-oauth-scopes");
    answer.result = slack::verdict(call, got);
  });
  io.run();
  return answer;
}

slack::Call asking_for_address() {
  slack::Call call{"apps.connections.open", {}};
  call.with_app_token = true;
  return call;
}

/// The first frame of a socket of our own, which is closed then.
Finding say_hello(Patient const& patient, std::string const& url) {
  boost::asio::io_context io;
  net::WebSocketClient client(
      io, chat::socket_options(options_of(patient).ca_file, patient.workdir, chat::proxy_of(environment_variable)));
  boost::asio::steady_timer limit(io, kHello);
  Finding finding{Verdict::bad, told("no hello"), Notice("doctor.cure_host")};
  std::shared_ptr<net::WebSocket> socket;
  auto const end = [&] {
    limit.cancel();
    if (socket) socket->close(kNormalClosure, "");
  };
  limit.async_wait([&](boost::system::error_code cancelled) {
    if (!cancelled && socket) socket->cut();
    if (!cancelled) io.stop();
  });
  client.open(url, [&](auto const& opened) {
    if (!opened) {
      finding.value = told(opened.error().detail);
      return end();
    }
    socket = *opened;
    socket->on_text([&, first = true](std::string_view text) mutable {
      if (!std::exchange(first, false)) return;  // what else comes is not acknowledged, so Slack sends it again
      finding = judge_slack_hello(slack::parse_frame(text));
      end();
    });
    socket->on_closed([&](net::WebSocketEnd const&) { limit.cancel(); });
  });
  io.run();
  return finding;
}

/// A second socket would take a share of what is typed while the bot runs: then the bot is asked how it is, and where
/// it can't be asked nothing is tried.
Finding look_at_socket(Patient const& patient) {
  auto const address = ask(patient, asking_for_address());
  if (!address.result) return judge_slack_app(address.result);
  auto const running = ask_bot_state(patient.storage.string() + ".sock", kCall);
  if (running) return judge_slack_running(running->slack);
  if (running.error().code != Errc::not_found) return judge_slack_app(address.result);
  return say_hello(patient, slack::text_in(*address.result, "/url"));
}

Finding look_at_slack_people(Patient const& patient) {
  std::vector<std::pair<PersonId, slack::ApiResult>> answers;
  std::int64_t left = 0;
  for (auto const& person : patient.config.people) {
    if (person.identities.slack.empty()) continue;
    if (answers.size() == kMostPeople) {
      ++left;
      continue;
    }
    answers.emplace_back(person.id, ask(patient, {"users.info", {{"user", person.identities.slack}}}).result);
  }
  return judge_slack_people(answers, left);
}

}  // namespace

std::vector<Check> checks_slack(PatientRef const& patient) {
  std::vector<Check> checks;
  if (!patient->config.chat.slack) return checks;
  checks.push_back({Notice("doctor.what_slack_bot"), kCall + kMargin, [patient] {
                      return judge_slack_bot(ask(*patient, {"auth.test", {}}).result);
                    }});
  checks.push_back({Notice("doctor.what_slack_scopes"), kCall + kMargin, [patient] {
                      auto const answer = ask(*patient, {"auth.test", {}});
                      return judge_slack_scopes(answer.result, answer.scopes);
                    }});
  checks.push_back({Notice("doctor.what_slack_socket"), 2 * kCall + kHello + kMargin,
                    [patient] { return look_at_socket(*patient); }});
  if (auto const& channel = options_of(*patient).channel; !channel.empty()) {
    checks.push_back(
        {Notice("doctor.what_slack_channel").with("id", channel), kCall + kMargin, [patient, channel] {
           return judge_slack_channel(ask(*patient, {"conversations.info", {{"channel", channel}}}).result);
         }});
  }
  checks.push_back(
      {Notice("doctor.what_slack_people"), kEverybody, [patient] { return look_at_slack_people(*patient); }});
  if (auto const& groups = options_of(*patient).invite; !groups.empty()) {
    checks.push_back({Notice("doctor.what_slack_groups"), kCall + kMargin, [patient, groups] {
                        return judge_slack_groups(ask(*patient, {"usergroups.list", {}}).result, groups);
                      }});
  }
  return checks;
}

}  // namespace tocsin::doctor
