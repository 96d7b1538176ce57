#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <thread>
#include <vector>

#include "integrations/paging/email.hpp"
#include "tests/fakes/smtp_server.hpp"
#include "tests/integrations/scripted_server.hpp"
#include "tests/integrations/slow_names.hpp"

namespace tocsin::paging {
namespace {

using namespace std::chrono_literals;
using fakes::SmtpServer;
using fakes::SmtpServerOptions;
using Kind = DeliveryOutcome::Kind;
using net::test::ScriptedPeer;
using net::test::ScriptedServer;

constexpr char const* kPassword = "correct-horse-battery";

class FixedClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return from_millis(1'763'864'645'000); }
};
FixedClock const kClock;

EmailOptions options_for(std::uint16_t port, EmailSecurity security) {
  EmailOptions options;
  options.host = "127.0.0.1";
  options.port = port;
  options.security = security;
  options.from = "tocsin@example.com";
  if (security != EmailSecurity::plain) options.ca_file = fakes::Certificates::shared().ca();
  return options;
}

std::unique_ptr<Carrier> carrier_of(EmailOptions options) {
  auto made = make_email_carrier(std::move(options), kClock);
  REQUIRE_MESSAGE(made.has_value(), made.error().detail);
  return std::move(*made);
}

std::unique_ptr<Carrier> plain_carrier(SmtpServer const& server) {
  return carrier_of(options_for(server.port, EmailSecurity::plain));
}

PageEnvelope page(std::string contact = "zhang.san@example.com") {
  PageEnvelope result;
  result.contact = std::move(contact);
  result.subject = "P0 INC-42 网站无法访问 · 张三 03:15 前认领";
  result.body = "现象:/health 502\n.\n..点\n.MAIL FROM:<x>\n";
  result.message_id = "page-17.1@tocsin.example.com";
  result.references = {"inc-42@tocsin.example.com"};
  return result;
}

bool has(std::string const& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST_CASE("a page arrives whole over plain SMTP") {
  SmtpServer server;
  auto const carrier = plain_carrier(server);
  auto envelope = page();
  envelope.may_repeat = true;
  auto const outcome = carrier->send(envelope, {});
  CHECK(outcome.kind == Kind::accepted);
  CHECK(outcome.provider_reference == "250 2.0.0 queued as FAKE1");
  auto const message = server.next_message();
  CHECK(message.at("from") == "tocsin@example.com");
  CHECK(message.at("to") == nlohmann::json::array({"zhang.san@example.com"}));
  CHECK(message.at("subject") == envelope.subject);
  CHECK(message.at("body") == envelope.body);
  CHECK(message.at("message_id") == "<page-17.1@tocsin.example.com>");
  CHECK(message.at("references") == "<inc-42@tocsin.example.com>");
  CHECK(message.at("in_reply_to") == "<inc-42@tocsin.example.com>");
  CHECK(message.at("date") == "Sun, 23 Nov 2025 02:24:05 +0000");
  CHECK(message.at("auto_submitted") == "auto-generated");
  CHECK(message.at("may_repeat") == "yes");
  CHECK(server.counts().at("quit") == 1);
}

TEST_CASE("two hundred Chinese characters in a subject, and a large body, come back as they were") {
  SmtpServer server;
  auto const carrier = plain_carrier(server);
  auto envelope = page();
  envelope.subject.clear();
  for (int i = 0; i < 200; ++i) envelope.subject += i % 2 == 0 ? "警" : "钟";
  envelope.body.clear();
  for (int i = 0; i < 4000; ++i) envelope.body += ".第" + std::to_string(i) + "行\n";
  CHECK(carrier->send(envelope, {}).kind == Kind::accepted);
  auto const message = server.next_message();
  CHECK(message.at("subject") == envelope.subject);
  CHECK((message.at("body") == envelope.body));  // not shown when it differs: it is long
}

TEST_CASE("TLS and login work in both modes, and a wrong password is our mistake") {
  struct Row {
    std::string mode;
    EmailSecurity security;
  };
  for (Row const& row : {Row{"tls", EmailSecurity::implicit_tls}, Row{"starttls", EmailSecurity::starttls}}) {
    CAPTURE(row.mode);
    SmtpServer server({.mode = row.mode, .certificate = "good", .user = "bot", .password = kPassword});
    auto options = options_for(server.port, row.security);
    options.user = "bot";
    options.password = Secret(kPassword);
    auto const good = carrier_of(options);
    CHECK(good->send(page(), {}).kind == Kind::accepted);
    CHECK(server.next_message().at("subject") == page().subject);
    auto const probed = good->probe();
    CHECK(probed.kind == Kind::accepted);
    CHECK(probed.detail == "reached and logged in");
    CHECK(server.counts().at("authenticated") == 2);

    options.password = Secret("wrong-horse-battery");
    auto const bad = carrier_of(options);
    for (auto const& outcome : {bad->send(page(), {}), bad->probe()}) {
      CHECK(outcome.kind == Kind::misconfigured);
      CHECK(has(outcome.detail, "535"));
      CHECK_FALSE(has(outcome.detail, "wrong-horse"));
    }
    options.user.clear();
    options.password = Secret();
    auto const anonymous = carrier_of(options);
    CHECK(anonymous->send(page(), {}).kind == Kind::misconfigured);  // 530 Authentication required
    CHECK(server.messages().size() == 1);
  }
}

TEST_CASE("a certificate that is not right in every way is refused before anything is said") {
  struct Row {
    std::string certificate;
    std::string host;
    bool right_ca;
    char const* says;
  };
  for (auto const& [mode, security] :
       {std::pair{"tls", EmailSecurity::implicit_tls}, {"starttls", EmailSecurity::starttls}}) {
    for (Row const& row : {
             Row{"expired", "127.0.0.1", true, "expired"},
             Row{"wrong_name", "127.0.0.1", true, "127.0.0.1"},
             Row{"wrong_name", "localhost", true, "localhost"},
             Row{"stranger", "127.0.0.1", true, "unable to get local issuer"},
             Row{"good", "127.0.0.1", false, "unable to get local issuer"},
         }) {
      CAPTURE(mode);
      CAPTURE(row.certificate);
      SmtpServer server({.mode = mode, .certificate = row.certificate, .user = "bot", .password = kPassword});
      auto options = options_for(server.port, security);
      options.host = row.host;
      options.user = "bot";
      options.password = Secret(kPassword);
      if (!row.right_ca) options.ca_file.clear();
      auto const carrier = carrier_of(options);
      for (auto const& outcome : {carrier->send(page(), {}), carrier->probe()}) {
        CHECK(outcome.kind == Kind::misconfigured);
        CHECK(has(outcome.detail, "certificate"));
        CHECK(has(outcome.detail, row.says));
      }
      CHECK(server.counts().at("authenticated") == 0);
      CHECK(server.messages().empty());
    }
  }
}

TEST_CASE("a good certificate is accepted by name as well") {
  SmtpServer server({.mode = "tls", .certificate = "good", .user = "", .password = ""});
  auto options = options_for(server.port, EmailSecurity::implicit_tls);
  options.host = "localhost";
  auto const carrier = carrier_of(options);
  CHECK(carrier->send(page(), {}).kind == Kind::accepted);
  CHECK(carrier->probe().detail == "reached; no login is configured");
}

TEST_CASE("a missing ca_file is our mistake") {
  SmtpServer server({.mode = "tls", .certificate = "good", .user = "", .password = ""});
  auto options = options_for(server.port, EmailSecurity::implicit_tls);
  options.ca_file = "/nowhere/ca.pem";
  CHECK(carrier_of(options)->send(page(), {}).kind == Kind::misconfigured);
}

TEST_CASE("STARTTLS that is required and not offered is refused") {
  SmtpServer server;
  auto const outcome = carrier_of(options_for(server.port, EmailSecurity::starttls))->send(page(), {});
  CHECK(outcome.kind == Kind::misconfigured);
  CHECK(has(outcome.detail, "does not offer"));
  CHECK(server.messages().empty());
}

TEST_CASE("what is injected after the STARTTLS reply is not taken for the server's word") {
  // CVE-2011-0411: everything that follows in the same packet was said by somebody without TLS.
  ScriptedServer server([](ScriptedPeer& peer) {
    peer.send("220 fake\r\n");
    peer.until("\r\n");
    peer.send("250-fake\r\n250 STARTTLS\r\n");
    peer.until("\r\n");
    peer.send("220 go\r\n250-fake\r\n250 AUTH PLAIN\r\n235 welcome\r\n250 ok\r\n250 ok\r\n354 go\r\n250 queued\r\n");
    peer.hold();
  });
  auto options = options_for(server.port, EmailSecurity::starttls);
  options.total_timeout = 2s;
  auto const outcome = carrier_of(options)->send(page(), {});
  CHECK(outcome.kind == Kind::retry_later);
}

TEST_CASE("TLS to a server that speaks none fails without a verdict") {
  SmtpServer server;
  auto options = options_for(server.port, EmailSecurity::implicit_tls);
  options.total_timeout = 3s;
  CHECK(carrier_of(options)->send(page(), {}).kind == Kind::retry_later);
}

TEST_CASE("a probe needs the login that is configured") {
  SmtpServer server;  // offers none
  auto options = options_for(server.port, EmailSecurity::plain);
  options.user = "bot";
  options.password = Secret(kPassword);
  auto const outcome = carrier_of(options)->probe();
  CHECK(outcome.kind == Kind::misconfigured);
  CHECK(has(outcome.detail, "offers none"));
  CHECK(server.messages().empty());
}

TEST_CASE("every reply of a server leads to its outcome, at every stage") {
  struct Row {
    std::string stage;
    std::string reply;
    Kind kind;
  };
  SmtpServer server;
  auto const carrier = plain_carrier(server);
  for (Row const& row : {
           Row{"connect", "421 4.3.2 too busy", Kind::retry_later},
           Row{"connect", "554 5.7.1 not you", Kind::rejected},
           Row{"mail", "421 4.3.2 closing", Kind::retry_later},
           Row{"mail", "451 4.3.0 later", Kind::retry_later},
           Row{"mail", "530 5.7.0 log in first", Kind::misconfigured},
           Row{"mail", "553 5.1.8 bad sender", Kind::rejected},
           Row{"rcpt", "450 4.2.1 mailbox busy", Kind::retry_later},
           Row{"rcpt", "452 4.2.2 full", Kind::retry_later},
           Row{"rcpt", "550 5.1.1 no such user", Kind::rejected},
           Row{"data", "451 4.3.0 later", Kind::retry_later},
           Row{"data", "554 5.0.0 no", Kind::rejected},
           Row{"dot", "421 4.3.2 closing", Kind::retry_later},
           Row{"dot", "450 4.2.0 greylisted", Kind::retry_later},
           Row{"dot", "451 4.3.0 later", Kind::retry_later},
           Row{"dot", "550 5.7.1 looks like spam", Kind::rejected},
           Row{"dot", "250 2.0.0 fine", Kind::accepted},
           Row{"dot", "250-2.0.0 fine\r\n250-and\r\n250 more", Kind::accepted},
       }) {
    CAPTURE(row.stage);
    CAPTURE(row.reply);
    server.set_faults(nlohmann::json::array({{{"at", row.stage}, {"do", "reply"}, {"text", row.reply}}}).dump());
    auto const outcome = carrier->send(page(), {});
    CHECK(outcome.kind == row.kind);
    CHECK(has(outcome.detail, row.reply.substr(row.reply.rfind('\n') + 1)));
    // The fault is used up: the next one passes.
    CHECK(carrier->send(page(), {}).kind == Kind::accepted);
  }
}

TEST_CASE("only the recipient that is refused is refused") {
  SmtpServer server;
  auto const carrier = plain_carrier(server);
  server.set_faults(
      R"([{"at":"rcpt","do":"reply","text":"550 5.1.1 gone","times":-1,"recipients":["gone@example.com"]}])");
  CHECK(carrier->send(page("gone@example.com"), {}).kind == Kind::rejected);
  CHECK(carrier->send(page("here@example.com"), {}).kind == Kind::accepted);
  CHECK(carrier->send(page("gone@example.com"), {}).kind == Kind::rejected);
  CHECK(server.messages().size() == 1);
}

TEST_CASE("a broken or silent connection is unknown after the final dot and a plain retry before it") {
  struct Row {
    std::string mode;
    std::string rule;
    std::size_t body_bytes;
    Kind kind;
    std::size_t stored;
  };
  std::size_t const large = 256 * 1024;
  std::map<std::string, std::unique_ptr<SmtpServer>> servers;
  for (char const* mode : {"plain", "starttls", "tls"}) {
    servers[mode] = std::make_unique<SmtpServer>(
        SmtpServerOptions{.mode = mode, .certificate = "good", .user = "", .password = ""});
  }
  for (Row const& row : {
           Row{"plain", R"({"at":"connect","do":"drop"})", 10, Kind::retry_later, 0},
           Row{"plain", R"({"at":"ehlo","do":"drop"})", 10, Kind::retry_later, 0},
           Row{"plain", R"({"at":"mail","do":"drop"})", 10, Kind::retry_later, 0},
           Row{"plain", R"({"at":"rcpt","do":"drop"})", 10, Kind::retry_later, 0},
           Row{"plain", R"({"at":"data","do":"drop"})", 10, Kind::retry_later, 0},
           Row{"plain", R"({"at":"dot","do":"drop","store":true})", 10, Kind::unknown, 1},
           Row{"plain", R"({"at":"dot","do":"drop","store":false})", 10, Kind::unknown, 0},
           Row{"plain", R"({"at":"dot","do":"drop","store":true})", large, Kind::unknown, 1},
           Row{"tls", R"({"at":"mail","do":"drop"})", 10, Kind::retry_later, 0},
           Row{"tls", R"({"at":"data","do":"drop"})", 10, Kind::retry_later, 0},
           Row{"tls", R"({"at":"dot","do":"drop","store":true})", 10, Kind::unknown, 1},
           Row{"starttls", R"({"at":"dot","do":"drop","store":true})", 10, Kind::unknown, 1},
           Row{"plain", R"({"at":"connect","do":"hang"})", 10, Kind::retry_later, 0},
           Row{"plain", R"({"at":"rcpt","do":"hang"})", 10, Kind::retry_later, 0},
           Row{"plain", R"({"at":"data","do":"hang"})", 10, Kind::retry_later, 0},
           Row{"plain", R"({"at":"dot","do":"hang","store":true})", 10, Kind::unknown, 1},
           Row{"tls", R"({"at":"dot","do":"hang","store":false})", 10, Kind::unknown, 0},
           Row{"plain", R"({"at":"quit","do":"hang"})", 10, Kind::accepted, 1},
           Row{"tls", R"({"at":"quit","do":"hang"})", 10, Kind::accepted, 1},
           Row{"plain", R"({"at":"quit","do":"drop"})", 10, Kind::accepted, 1},
           Row{"plain", R"({"at":"dot","do":"wait","delay_ms":700})", 10, Kind::accepted, 1},
       }) {
    CAPTURE(row.mode);
    CAPTURE(row.rule);
    CAPTURE(row.body_bytes);
    auto& server = *servers.at(row.mode);
    auto const stored_before = server.messages().size();
    auto options = options_for(server.port, row.mode == "plain" ? EmailSecurity::plain
                                            : row.mode == "tls" ? EmailSecurity::implicit_tls
                                                                : EmailSecurity::starttls);
    options.connect_timeout = 1500ms;
    options.total_timeout = 1500ms;
    auto const carrier = carrier_of(options);
    server.set_faults('[' + row.rule + ']');
    auto envelope = page();
    envelope.body = std::string(row.body_bytes, 'x');
    auto const began = std::chrono::steady_clock::now();
    auto const outcome = carrier->send(envelope, {});
    CHECK(std::chrono::steady_clock::now() - began < 6s);
    CHECK(outcome.kind == row.kind);
    CHECK(server.messages().size() - stored_before == row.stored);
  }
}

TEST_CASE("a connection that breaks in the middle of a message is a plain retry") {
  // The server reads a little of the message and closes. Its buffer and segments are small, which keeps the kernel on
  // our side from taking the whole message at once: so some of it was never handed over.
  ScriptedServer server(
      [](ScriptedPeer& peer) {
        peer.send("220 fake\r\n");
        peer.until("\r\n");
        peer.send("250 fake\r\n");
        peer.until("\r\n");
        peer.send("250 ok\r\n");
        peer.until("\r\n");
        peer.send("250 ok\r\n");
        peer.until("\r\n");
        peer.send("354 go\r\n");
        peer.until("Auto-Submitted");  // some of it has come: now close
      },
      4096);
  auto const carrier = carrier_of(options_for(server.port, EmailSecurity::plain));
  auto envelope = page();
  envelope.body = std::string(256 * 1024, 'x');
  auto const outcome = carrier->send(envelope, {});
  CHECK(outcome.kind == Kind::retry_later);
}

TEST_CASE("nobody listening, no such name and a name that hangs are retries, in time") {
  SmtpServer server;
  auto const carrier = plain_carrier(server);
  server.set_listening(false);
  CHECK(carrier->send(page(), {}).kind == Kind::retry_later);
  CHECK(carrier->probe().kind == Kind::retry_later);
  server.set_listening(true);
  CHECK(carrier->send(page(), {}).kind == Kind::accepted);

  auto options = options_for(server.port, EmailSecurity::implicit_tls);
  options.host = "hang.invalid";
  options.connect_timeout = 500ms;
  auto const nowhere = carrier_of(options);
  CHECK(nowhere->send(page(), {}).kind == Kind::retry_later);
  tocsin::test::SlowNames const slow;
  auto const began = std::chrono::steady_clock::now();
  CHECK(nowhere->send(page(), {}).kind == Kind::retry_later);
  CHECK(std::chrono::steady_clock::now() - began < 5s);
}

TEST_CASE("a stop request ends an attempt within about a second") {
  SmtpServer server;
  auto const carrier = plain_carrier(server);
  struct Row {
    std::string rule;
    Kind kind;
  };
  for (Row const& row : {Row{R"([{"at":"rcpt","do":"hang"}])", Kind::retry_later},
                         Row{R"([{"at":"dot","do":"hang"}])", Kind::unknown}}) {
    CAPTURE(row.rule);
    server.set_faults(row.rule);
    std::stop_source stop;
    DeliveryOutcome outcome;
    auto const before = server.counts().at("faults").get<int>();
    std::thread sender([&] { outcome = carrier->send(page(), stop.get_token()); });
    auto const patience = std::chrono::steady_clock::now() + 20s;
    while (server.counts().at("faults").get<int>() == before && std::chrono::steady_clock::now() < patience) {
    }
    auto const began = std::chrono::steady_clock::now();
    stop.request_stop();
    sender.join();
    CHECK(std::chrono::steady_clock::now() - began < 4s);
    CHECK(outcome.kind == row.kind);
  }
}

TEST_CASE("fifty pages at once all arrive, each once") {
  SmtpServer server({.mode = "tls", .certificate = "good", .user = "bot", .password = kPassword});
  auto options = options_for(server.port, EmailSecurity::implicit_tls);
  options.user = "bot";
  options.password = Secret(kPassword);
  auto const carrier = carrier_of(options);
  std::atomic<int> accepted = 0;
  std::vector<std::thread> senders;
  for (int i = 0; i < 50; ++i) {
    senders.emplace_back([&, i] {
      auto envelope = page("person" + std::to_string(i) + "@example.com");
      envelope.message_id = "page-" + std::to_string(i) + ".1@tocsin.example.com";
      if (carrier->send(envelope, {}).kind == Kind::accepted) ++accepted;
    });
  }
  for (auto& each : senders) each.join();
  CHECK(accepted == 50);
  auto const messages = server.messages();
  CHECK(messages.size() == 50);
  std::set<std::string> recipients;
  for (auto const& each : messages) recipients.insert(each.at("to").at(0).get<std::string>());
  CHECK(recipients.size() == 50);
}

TEST_CASE("credentials that a server repeats do not come back in the words") {
  auto const plain = std::string("AGJvdABjb3JyZWN0LWhvcnNlLWJhdHRlcnk=");  // NUL bot NUL password
  ScriptedServer server([&](ScriptedPeer& peer) {
    peer.send("220 fake\r\n");
    peer.until("\r\n");
    peer.send("250-fake\r\n250 AUTH PLAIN\r\n");
    peer.until("\r\n");
    peer.send("334 \r\n");
    peer.until("\r\n");
    peer.send("535 bad login " + plain + ' ' + kPassword + "\x1b[31m\r\n");
    peer.hold();
  });
  auto options = options_for(server.port, EmailSecurity::plain);
  options.user = "bot";
  options.password = Secret(kPassword);
  auto const outcome = carrier_of(options)->send(page(), {});
  CHECK(outcome.kind == Kind::misconfigured);
  CHECK(has(outcome.detail, "535 bad login *** ***"));
  CHECK_FALSE(has(outcome.detail, "\x1b"));
}

TEST_CASE("a server that talks without end is left") {
  ScriptedServer server([](ScriptedPeer& peer) {
    while (peer.send("220-and another thing\r\n")) {
    }
  });
  auto options = options_for(server.port, EmailSecurity::plain);
  options.connect_timeout = 1s;
  options.total_timeout = 1s;
  auto const began = std::chrono::steady_clock::now();
  CHECK(carrier_of(options)->send(page(), {}).kind == Kind::retry_later);
  CHECK(std::chrono::steady_clock::now() - began < 5s);
}

TEST_CASE("a contact or text that could break the dialogue is refused without a connection") {
  SmtpServer server;
  auto const carrier = plain_carrier(server);
  CHECK(carrier->send(page("a@b.c>\r\nRCPT TO:<x@y.z"), {}).kind == Kind::rejected);
  CHECK(carrier->send(page("+8613800138000"), {}).kind == Kind::rejected);
  auto envelope = page();
  envelope.subject = "a\r\nBcc: x@y.z";
  CHECK(carrier->send(envelope, {}).kind == Kind::rejected);
  CHECK(server.counts().at("connections") == 0);
}

TEST_CASE("options that can't work or would leak are refused when the carrier is made") {
  struct Row {
    std::string name;
    std::function<void(EmailOptions&)> spoil;
    char const* says;
  };
  for (Row const& row : {
           Row{"no host", [](auto& o) { o.host.clear(); }, "host"},
           Row{"a host with a path", [](auto& o) { o.host = "mail.example.com/x"; }, "host"},
           Row{"a host with a user", [](auto& o) { o.host = "u@mail.example.com"; }, "host"},
           Row{"no port", [](auto& o) { o.port = 0; }, "port"},
           Row{"no sender", [](auto& o) { o.from.clear(); }, "sender"},
           Row{"a split sender's name", [](auto& o) { o.from_name = "a\r\nb"; }, "sender"},
           Row{"a split ehlo", [](auto& o) { o.ehlo_name = "a\r\nMAIL"; }, "ehlo"},
           Row{"a user without a password", [](auto& o) { o.user = "bot"; }, "password"},
           Row{"a password without a user", [](auto& o) { o.password = Secret("x"); }, "password"},
           Row{"no time", [](auto& o) { o.total_timeout = Millis{0}; }, "time-out"},
           Row{"plain beyond this machine", [](auto& o) { o.host = "mail.example.com"; }, "explicitly"},
           Row{"a password in the clear",
               [](auto& o) {
                 o.host = "mail.example.com";
                 o.plain_beyond_loopback = true;
                 o.user = "bot";
                 o.password = Secret(kPassword);
               },
               "never sent without TLS"},
       }) {
    CAPTURE(row.name);
    auto options = options_for(25, EmailSecurity::plain);
    row.spoil(options);
    auto const made = make_email_carrier(options, kClock);
    REQUIRE(made.has_error());
    CHECK(made.error().code == Errc::invalid);
    CHECK(has(made.error().detail, row.says));
    CHECK_FALSE(has(made.error().detail, kPassword));
  }
  auto relay = options_for(25, EmailSecurity::plain);
  relay.host = "relay.internal";
  relay.plain_beyond_loopback = true;
  CHECK(make_email_carrier(relay, kClock).has_value());
}

TEST_CASE("the fake mail server ends when whoever started it is gone") {
  // A shell in between that is killed: its child must notice.
  fakes::ChildProcess shell(
      {"/bin/sh", "-c", "/usr/bin/python3 " TOCSIN_SOURCE_DIR "/tests/fakes/smtp_server.py & echo $!; cat <&0 & wait"});
  int pid = 0;
  std::string line = shell.must_say();
  if (line.find('{') != std::string::npos) line = shell.must_say();
  pid = std::stoi(line);
  shell.must_say();
  // Watched, not asked by number: an orphan whose new parent does not collect it stays as a zombie, and that is an end.
  fakes::ProcessWatch const server(pid);
  ::kill(shell.pid(), SIGKILL);
  CHECK(shell.ended_within(5s));
  CHECK(server.ended_within(10s));
}

}  // namespace
}  // namespace tocsin::paging
