#include "integrations/paging/email.hpp"

#include <curl/curl.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <ctime>
#include <string_view>
#include <utility>

#include "integrations/net/base64.hpp"
#include "integrations/paging/email_message.hpp"
#include "integrations/paging/smtp_verdict.hpp"

namespace tocsin::paging {
namespace {

constexpr std::size_t kMaxWords = 200;        // of a server's reply, in logs and chat
constexpr Millis kGoodbye{2'000};             // what a QUIT may cost once the verdict is there
constexpr Millis kGrace{500};                 // for libcurl to notice the time-out itself
constexpr std::size_t kMaxReplyBytes = 8192;  // one line of a server; libcurl itself bounds it a little higher

/// libcurl's own memory of the process; never given back, as other users of libcurl may outlive any one of us.
CURLcode start_curl_once() {
  static CURLcode const started = curl_global_init(CURL_GLOBAL_DEFAULT);
  return started;
}

/// With CURLOPT_NOSIGNAL libcurl leaves SIGPIPE alone, and TLS may write to a closed connection: keep it from this
/// thread, and take back the one that a write has caused.
class WithoutSigpipe {
 public:
  WithoutSigpipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t waiting;
    sigpending(&waiting);
    was_pending_ = sigismember(&waiting, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~WithoutSigpipe() {
    timespec const now{};
    if (!was_pending_) sigtimedwait(&pipe_, nullptr, &now);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  WithoutSigpipe(WithoutSigpipe const&) = delete;
  WithoutSigpipe& operator=(WithoutSigpipe const&) = delete;

 private:
  sigset_t pipe_{};
  sigset_t before_{};
  bool was_pending_ = false;
};

struct FreeHandle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

/// What the callbacks see of one attempt.
struct Attempt {
  std::string message;
  std::size_t sent = 0;
  std::stop_token stop;
  std::chrono::steady_clock::time_point end_by = std::chrono::steady_clock::time_point::max();
  bool overdue = false;
  bool logged_in = false;
  int verdict_code = 0;
  std::string verdict_line;
  std::string refusal_line;  ///< the last 4xx or 5xx reply

  [[nodiscard]] bool all_sent() const { return !message.empty() && sent == message.size(); }
};

std::size_t give_message(char* buffer, std::size_t size, std::size_t count, void* user) {
  auto& attempt = *static_cast<Attempt*>(user);
  auto const piece = std::min(size * count, attempt.message.size() - attempt.sent);
  attempt.message.copy(buffer, piece, attempt.sent);
  attempt.sent += piece;
  return piece;
}

/// libcurl hands every line a server says to the header callback. The first complete reply after the message is the
/// verdict on it, and it is all we came for.
std::size_t hear_line(char* data, std::size_t size, std::size_t count, void* user) {
  auto& attempt = *static_cast<Attempt*>(user);
  std::string_view const line(data, std::min(size * count, kMaxReplyBytes));
  bool const coded =
      line.size() >= 3 && std::all_of(line.begin(), line.begin() + 3, [](char c) { return c >= '0' && c <= '9'; });
  bool const last_of_reply = coded && (line.size() == 3 || line[3] != '-');
  if (!last_of_reply || attempt.verdict_code != 0) return size * count;
  int const code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  if (code == 235) attempt.logged_in = true;
  if (code >= 400) attempt.refusal_line = line;
  if (attempt.all_sent()) {
    attempt.verdict_code = code;
    attempt.verdict_line = line;
    attempt.end_by = std::chrono::steady_clock::now() + kGoodbye;
  }
  return size * count;
}

std::size_t discard(char*, std::size_t size, std::size_t count, void*) { return size * count; }

/// Called at least once a second, also where libcurl 7.88 waits by its own rules: for the reply to QUIT, before which
/// it would sit for two minutes whatever the time-outs say.
int look_up(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  auto& attempt = *static_cast<Attempt*>(user);
  if (std::chrono::steady_clock::now() >= attempt.end_by) attempt.overdue = true;
  return attempt.overdue || attempt.stop.stop_requested() ? 1 : 0;
}

SmtpEnd end_of(CURLcode code) {
  switch (code) {
    case CURLE_OK:
      return SmtpEnd::complete;
    case CURLE_COULDNT_RESOLVE_HOST:
      return SmtpEnd::unresolved;
    case CURLE_COULDNT_CONNECT:
      return SmtpEnd::unreachable;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return SmtpEnd::certificate;
    case CURLE_USE_SSL_FAILED:
      return SmtpEnd::no_tls;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CIPHER:
      return SmtpEnd::tls;
    case CURLE_LOGIN_DENIED:
      return SmtpEnd::login;
    case CURLE_OPERATION_TIMEDOUT:
      return SmtpEnd::timed_out;
    case CURLE_ABORTED_BY_CALLBACK:
      return SmtpEnd::stopped;
    default:
      return SmtpEnd::broken;
  }
}

bool is_host(std::string_view host) {
  return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '-' || c == ':';
  });
}

bool is_ehlo_name(std::string_view name) {
  return name.size() <= 253 && std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_';
         });
}

bool is_loopback(std::string_view host) { return host == "localhost" || host == "::1" || host.starts_with("127."); }

class EmailCarrier final : public Carrier {
 public:
  EmailCarrier(EmailOptions options, Clock const& clock) : options_(std::move(options)), clock_(clock) {}

  DeliveryOutcome send(PageEnvelope const& page, std::stop_token stop) override {
    if (!is_email_address(page.contact)) return refused("the contact is no e-mail address");
    auto message = build_email({.from = options_.from,
                                .from_name = options_.from_name,
                                .to = page.contact,
                                .subject = page.subject,
                                .message_id = page.message_id,
                                .references = page.references,
                                .body = page.body,
                                .may_repeat = page.may_repeat},
                               clock_.now());
    if (!message) return refused(message.error().detail);
    Attempt attempt;
    attempt.message = std::move(*message);
    attempt.stop = std::move(stop);
    auto const dialogue = talk(attempt, page.contact);
    return judge(dialogue);
  }

  DeliveryOutcome probe() override {
    Attempt attempt;
    auto result = judge(talk(attempt, {}));
    if (result.kind != DeliveryOutcome::Kind::accepted) return result;
    if (options_.user.empty()) return {result.kind, {}, "reached; no login is configured", {}};
    if (attempt.logged_in) return {result.kind, {}, "reached and logged in", {}};
    return {DeliveryOutcome::Kind::misconfigured, {}, "a login is configured, but the server offers none", {}};
  }

 private:
  static DeliveryOutcome refused(std::string detail) {
    return {DeliveryOutcome::Kind::rejected, {}, std::move(detail), {}};
  }

  /// One connection. With a recipient it sends the attempt's message, without it says NOOP.
  SmtpDialogue talk(Attempt& attempt, std::string const& recipient) const {
    std::unique_ptr<CURL, FreeHandle> const handle(start_curl_once() == CURLE_OK ? curl_easy_init() : nullptr);
    if (!handle) return {SmtpEnd::broken, 0, false, 0, "libcurl can't start"};
    std::array<char, CURL_ERROR_SIZE> problem{};
    std::unique_ptr<curl_slist, FreeList> const recipients(
        recipient.empty() ? nullptr : curl_slist_append(nullptr, ('<' + recipient + '>').c_str()));
    set_connection(handle.get());
    set_dialogue(handle.get(), attempt, recipients.get());
    curl_easy_setopt(handle.get(), CURLOPT_ERRORBUFFER, problem.data());
    CURLcode result{};
    attempt.end_by = std::chrono::steady_clock::now() + options_.total_timeout + kGrace;
    {
      WithoutSigpipe const guard;
      result = curl_easy_perform(handle.get());
    }
    long last_code = 0;
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &last_code);
    SmtpDialogue dialogue;
    dialogue.end = attempt.overdue ? SmtpEnd::timed_out : end_of(result);
    dialogue.last_code = static_cast<int>(last_code);
    dialogue.all_sent = attempt.all_sent();
    dialogue.verdict_code = attempt.verdict_code;
    dialogue.words = words(dialogue, attempt, problem.data());
    return dialogue;
  }

  void set_connection(CURL* handle) const {
    bool const v6 = options_.host.find(':') != std::string::npos;
    std::string const scheme = options_.security == EmailSecurity::implicit_tls ? "smtps://" : "smtp://";
    std::string const url = scheme + (v6 ? '[' + options_.host + ']' : options_.host) + ':' +
                            std::to_string(options_.port) + '/' + options_.ehlo_name;
    curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout.count()));
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(options_.total_timeout.count()));
    curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L);    // does not wait for a name resolution that hangs
    curl_easy_setopt(handle, CURLOPT_FORBID_REUSE, 1L);  // the goodbye then happens under look_up's eyes
    curl_easy_setopt(handle, CURLOPT_USE_SSL,
                     static_cast<long>(options_.security == EmailSecurity::plain ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    curl_easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
    if (!options_.ca_file.empty()) {
      curl_easy_setopt(handle, CURLOPT_CAINFO, options_.ca_file.c_str());
      curl_easy_setopt(handle, CURLOPT_CAPATH, nullptr);  // else the system's directory would be trusted as well
    }
    if (!options_.user.empty()) {
      curl_easy_setopt(handle, CURLOPT_USERNAME, options_.user.c_str());
      curl_easy_setopt(handle, CURLOPT_PASSWORD, std::string(options_.password.reveal()).c_str());
    }
  }

  void set_dialogue(CURL* handle, Attempt& attempt, curl_slist* recipients) const {
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, hear_line);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, &attempt);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, discard);
    curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, look_up);
    curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &attempt);
    if (recipients == nullptr) {
      curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, "NOOP");
      curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
      return;
    }
    curl_easy_setopt(handle, CURLOPT_MAIL_FROM, ('<' + options_.from + '>').c_str());
    curl_easy_setopt(handle, CURLOPT_MAIL_RCPT, recipients);
    curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(handle, CURLOPT_READFUNCTION, give_message);
    curl_easy_setopt(handle, CURLOPT_READDATA, &attempt);
    curl_easy_setopt(handle, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(attempt.message.size()));
  }

  /// The server's words where it decided, else the library's; in one printable line, without our credentials even if
  /// the server repeats them.
  std::string words(SmtpDialogue const& dialogue, Attempt const& attempt, char const* problem) const {
    std::string text = problem;
    if (dialogue.verdict_code != 0) {
      text = attempt.verdict_line;
    } else if (dialogue.last_code >= 400) {
      text = attempt.refusal_line;
    }
    for (auto const& secret : secrets()) {
      for (auto at = text.find(secret); !secret.empty() && at != std::string::npos; at = text.find(secret)) {
        text.replace(at, secret.size(), "***");
      }
    }
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c >= 0x7F; }, ' ');
    text.erase(text.find_last_not_of(' ') + 1);
    if (text.size() > kMaxWords) text.resize(kMaxWords);
    return text;
  }

  /// The password as it stands and as AUTH LOGIN and AUTH PLAIN send it.
  [[nodiscard]] std::array<std::string, 3> secrets() const {
    if (options_.password.empty()) return {};
    std::string const password(options_.password.reveal());
    return {password, net::base64(password), net::base64(std::string(1, '\0') + options_.user + '\0' + password)};
  }

  EmailOptions const options_;
  Clock const& clock_;
};

}  // namespace

Result<std::unique_ptr<Carrier>> make_email_carrier(EmailOptions options, Clock const& clock) {
  auto const wrong = [](std::string detail) { return Error{Errc::invalid, std::move(detail)}; };
  if (!is_host(options.host)) return wrong("the mail server's host is no host name or address");
  if (options.port == 0) return wrong("the mail server's port must be 1..65535");
  if (!is_email_address(options.from)) return wrong("the sender (from) is no e-mail address");
  if (!is_ehlo_name(options.ehlo_name)) return wrong("ehlo_name is no host name");
  if (options.connect_timeout <= Millis{0} || options.total_timeout <= Millis{0}) {
    return wrong("the time-outs must be longer than nothing");
  }
  if (options.user.empty() != options.password.empty()) return wrong("user and password go together");
  if (options.from_name.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
    return wrong("a line break in the sender's name");
  }
  if (options.security == EmailSecurity::plain && !is_loopback(options.host)) {
    if (!options.plain_beyond_loopback) return wrong("mail without TLS beyond this machine must be allowed explicitly");
    if (!options.password.empty()) return wrong("a password is never sent without TLS beyond this machine");
  }
  return std::unique_ptr<Carrier>(std::make_unique<EmailCarrier>(std::move(options), clock));
}

}  // namespace tocsin::paging
