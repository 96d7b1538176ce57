#include "integrations/paging/smtp_verdict.hpp"

#include <string_view>

namespace tocsin::paging {
namespace {

using Kind = DeliveryOutcome::Kind;

std::string_view words_of(SmtpEnd end) {
  switch (end) {
    case SmtpEnd::complete:
      return "refused";
    case SmtpEnd::unresolved:
      return "the mail server's name does not resolve";
    case SmtpEnd::unreachable:
      return "no connection to the mail server";
    case SmtpEnd::certificate:
      return "the mail server's certificate is not accepted";
    case SmtpEnd::no_tls:
      return "the mail server does not offer the TLS that is required";
    case SmtpEnd::tls:
      return "the TLS handshake with the mail server failed";
    case SmtpEnd::login:
      return "the mail server refused the login";
    case SmtpEnd::timed_out:
      return "the mail server did not answer in time";
    case SmtpEnd::broken:
      return "the connection to the mail server broke";
    case SmtpEnd::stopped:
      return "stopped";
  }
  return "failed";
}

DeliveryOutcome outcome(Kind kind, SmtpDialogue const& dialogue, std::string_view what) {
  DeliveryOutcome result;
  result.kind = kind;
  result.detail = what;
  if (!dialogue.words.empty()) result.detail += ": " + dialogue.words;
  return result;
}

/// 530, 534, 535, 538: the server wants another login than ours; no page can pass until somebody mends it.
bool is_about_login(int code) { return code == 530 || code == 534 || code == 535 || code == 538; }

Kind kind_of(int code) {
  if (code < 500) return Kind::retry_later;
  return is_about_login(code) ? Kind::misconfigured : Kind::rejected;
}

}  // namespace

DeliveryOutcome judge(SmtpDialogue const& dialogue) {
  // A verdict on the whole message stands, whatever happened to the connection after it.
  if (dialogue.verdict_code >= 200 && dialogue.verdict_code < 300) {
    auto result = outcome(Kind::accepted, dialogue, "accepted");
    result.provider_reference = dialogue.words;
    return result;
  }
  if (dialogue.verdict_code >= 400) return outcome(kind_of(dialogue.verdict_code), dialogue, "refused");
  if (dialogue.all_sent) return outcome(Kind::unknown, dialogue, "no verdict came after the message");

  auto const what = words_of(dialogue.end);
  if (dialogue.end == SmtpEnd::certificate || dialogue.end == SmtpEnd::no_tls) {
    return outcome(Kind::misconfigured, dialogue, what);
  }
  if (dialogue.end == SmtpEnd::login) {
    bool const passing = dialogue.last_code >= 400 && dialogue.last_code < 500;  // 454: try again
    return outcome(passing ? Kind::retry_later : Kind::misconfigured, dialogue, what);
  }
  // A time-out or a stop is none of the server's last word, which may be long past.
  bool const server_decided = dialogue.end == SmtpEnd::complete || dialogue.end == SmtpEnd::broken;
  if (server_decided && dialogue.last_code >= 400) {
    return outcome(kind_of(dialogue.last_code), dialogue, "refused");
  }
  if (dialogue.end == SmtpEnd::complete) return outcome(Kind::accepted, dialogue, "ready");
  return outcome(Kind::retry_later, dialogue, what);
}

}  // namespace tocsin::paging
