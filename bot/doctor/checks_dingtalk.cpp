// DingTalk as it is: asks it what the bot would ask. Nobody hears of it; of a card to be made by the template one is
// made that stands nowhere.
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <optional>

#include "bot/chat/outside.hpp"
#include "bot/detail/json.hpp"
#include "bot/dingtalk/directory.hpp"
#include "bot/dingtalk/outside.hpp"
#include "bot/dingtalk/stream.hpp"
#include "bot/doctor/checks.hpp"
#include "bot/doctor/dingtalk.hpp"
#include "bot/environment.hpp"

namespace tocsin::doctor {
namespace {

using detail::Json;
using detail::written;
using dingtalk::ApiResult;
using dingtalk::Call;

/// Blocks for one exchange.
class Asking {
 public:
  explicit Asking(Patient const& patient) : options_(*patient.config.chat.dingtalk) {
    http_ = chat::http_options(options_.ca_file, patient.workdir, chat::proxy_of(environment_variable));
    http_.total_deadline = kCall;
  }

  net::FetchResult fetch(net::ClientRequest request) const {
    boost::asio::io_context io;
    net::HttpClient client(io, http_);
    net::FetchResult got = net::FetchFailure{};
    request.deadline = kCall;
    client.fetch(std::move(request), [&](net::FetchResult const& each) { got = each; });
    io.run();
    return got;
  }

  ApiResult token(bool old) {
    auto const call = dingtalk::token_call(options_.client_id, options_.client_secret.value, old);
    auto got = ask(call, {});
    if (got) token_ = Secret(dingtalk::text_in(*got, old ? "/access_token" : "/accessToken"));
    return got;
  }

  /// With the token that was had last.
  ApiResult ask(Call const& call) const { return ask(call, token_); }

  DingTalkOptions const& options() const { return options_; }

 private:
  ApiResult ask(Call const& call, Secret const& token) const {
    return dingtalk::verdict(call, fetch(dingtalk::request_of(call, dingtalk::hosts_of(options_), token)));
  }

  DingTalkOptions const& options_;
  net::HttpClientOptions http_;
  Secret token_;
};

Finding look_at_rights(Patient const& patient) {
  Asking asking(patient);
  std::vector<ApiResult> answers;
  auto calls = dingtalk::questions_of_right(asking.options());
  auto const old = [](Call const& call) { return dingtalk::method_of(call.method).old; };
  // A token opens one of the APIs.
  std::stable_partition(calls.begin(), calls.end(), [&](Call const& call) { return !old(call); });
  std::optional<bool> has;
  for (auto const& call : calls) {
    if (has != old(call)) {
      if (auto const got = asking.token(old(call)); !got) return judge_dingtalk_app(got);
      has = old(call);
    }
    answers.push_back(asking.ask(call));
  }
  return judge_dingtalk_rights(answers);
}

Finding look_at_template(Patient const& patient) {
  Asking asking(patient);
  if (auto const got = asking.token(false); !got) return judge_dingtalk_app(got);
  Call call{"card/instances/create", {}};
  call.body = written({{"cardTemplateId", asking.options().card_template},
                       {"outTrackId", "tocsin-doctor-" + std::to_string(patient.now.time_since_epoch().count())},
                       {"callbackType", "STREAM"},
                       {"cardData", {{"cardParamMap", {{"title", "tocsin doctor"}}}}},
                       {"imGroupOpenSpaceModel", {{"supportForward", false}}}});
  return judge_dingtalk_template(asking.ask(call));
}

Finding look_at_group(Patient const& patient) {
  Asking asking(patient);
  if (auto const got = asking.token(false); !got) return judge_dingtalk_app(got);
  Call call{"groups/baseInfos/query", {}};
  call.body = written({{"openConversationId", asking.options().group}});
  return judge_dingtalk_group(asking.ask(call));
}

Finding look_at_dingtalk_people(Patient const& patient) {
  Asking asking(patient);
  if (auto const got = asking.token(true); !got) return judge_dingtalk_app(got);
  std::vector<std::pair<PersonId, ApiResult>> answers;
  std::int64_t left = 0;
  for (auto const& person : patient.config.people) {
    auto const& staff = person.identities.dingtalk;
    auto const& phone = person.identities.phone;
    if (staff.empty() && phone.empty()) continue;
    if (answers.size() == kMostPeople) {
      ++left;
      continue;
    }
    Call call{staff.empty() ? "user/getbymobile" : "user/get", {}};
    call.body = staff.empty() ? written({{"mobile", dingtalk::mobile_of(phone)}}) : written({{"userid", staff}});
    answers.emplace_back(person.id, asking.ask(call));
  }
  return judge_dingtalk_people(answers, left);
}

}  // namespace

std::vector<Check> checks_dingtalk(PatientRef const& patient) {
  std::vector<Check> checks;
  if (!patient->config.chat.dingtalk) return checks;
  auto const& options = *patient->config.chat.dingtalk;
  auto const add = [&](char const* what, Millis limit, std::function<Finding()> look) {
    checks.push_back({Notice(what), limit + kMargin, std::move(look)});
  };
  add("doctor.what_dingtalk_app", kCall, [patient] { return judge_dingtalk_app(Asking(*patient).token(false)); });
  // A ticket that nobody uses is no connection: nothing is taken from the running bot.
  add("doctor.what_dingtalk_stream", kCall, [patient] {
    Asking const asking(*patient);
    auto const& set = asking.options();
    return judge_dingtalk_stream(dingtalk::address_of(
        asking.fetch(dingtalk::open_request(dingtalk::hosts_of(set).api, set.client_id, set.client_secret.value))));
  });
  add("doctor.what_dingtalk_rights", 7 * kCall, [patient] { return look_at_rights(*patient); });
  if (!options.card_template.empty())
    add("doctor.what_dingtalk_template", 2 * kCall, [patient] { return look_at_template(*patient); });
  if (!options.group.empty())
    add("doctor.what_dingtalk_group", 2 * kCall, [patient] { return look_at_group(*patient); });
  add("doctor.what_dingtalk_people", kEverybody, [patient] { return look_at_dingtalk_people(*patient); });
  return checks;
}

}  // namespace tocsin::doctor
