#include "incidents/base/redactor.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <ctime>
#include <random>
#include <string>

#include "incidents/base/secret_forms.hpp"

using namespace tocsin;

namespace {

constexpr char const* kSecret = "p@ss/w\"rd+42 ä";

Redactor knowing(std::string const& secret) {
  std::vector<Secret> secrets;
  secrets.emplace_back(secret);
  return Redactor(std::move(secrets), "‹x›");
}

std::string in_pieces(Redactor const& redactor, std::string_view text, std::mt19937& chance) {
  std::string out;
  RedactingStream stream(redactor);
  while (!text.empty()) {
    auto const most = std::uniform_int_distribution<std::size_t>(0, 3)(chance) == 0 ? 20'000UL : 40UL;
    auto const size = std::min(text.size(), std::uniform_int_distribution<std::size_t>(1, most)(chance));
    stream.feed(text.substr(0, size), out);
    text.remove_prefix(size);
  }
  stream.finish(out);
  return out;
}

/// Text made of what matters to the rules, so that chance meets their edges.
std::string random_text(std::mt19937& chance, std::size_t pieces) {
  static std::vector<std::string> const parts{
      "a",         " ",          "\n",        "password",  "=",     ":",      "\"",          "'",
      "://",       "user",       "@",         "host",      "/",     "Bearer", "-----BEGIN ", "RSA PRIVATE KEY-----",
      "-----END ", "MIIEvQIBAD", "token",     "xoxb-1234", "eyJhb", ".",      "0123456789",  "‹x›",
      "密码",      "：",         "--secret ", "AKIA",      "\\\"",  ",",      "Cookie: ",    kSecret};
  std::string text;
  for (std::size_t i = 0; i < pieces; ++i) {
    auto const& part = parts[std::uniform_int_distribution<std::size_t>(0, parts.size() - 1)(chance)];
    // Now and then a run that is longer than what is held back.
    auto const long_run = std::uniform_int_distribution<int>(0, 400)(chance) == 0;
    for (int k = 0; k < (long_run ? 4'000 : 1); ++k) text += part == "\n" && long_run ? "A" : part;
  }
  return text;
}

}  // namespace

TEST_CASE("a loaded secret is hidden in every form in which it travels") {
  auto const redactor = knowing(kSecret);
  for (std::string const& form :
       {std::string(kSecret), std::string("p%40ss%2Fw%22rd%2B42%20%C3%A4"),
        std::string("p%40ss%2fw%22rd%2b42%20%c3%a4"), std::string("p%40ss%2Fw%22rd%2B42+%C3%A4"),
        std::string("p@ss/w\\\"rd+42 ä"), base64_of(kSecret), base64_of("user:" + std::string(kSecret)),
        base64_of(std::string("\0bot\0", 5) + kSecret), base64_of("x" + std::string(kSecret) + "yz")}) {
    CAPTURE(form);
    CHECK(redactor.redact("got " + form + " back") == "got ‹x› back");
  }
}

TEST_CASE("base64 as the standard has it") {
  CHECK(base64_of("") == "");
  CHECK(base64_of("f") == "Zg==");
  CHECK(base64_of("fo") == "Zm8=");
  CHECK(base64_of("foobar") == "Zm9vYmFy");
}

TEST_CASE("what looks like a secret is hidden, and no more than that") {
  Redactor const redactor({}, "‹x›");
  struct Row {
    std::string text;
    std::string redacted;
  };
  for (Row const& row : {
           Row{"postgresql://bot:hunter2@db:5432/x", "postgresql://bot:‹x›@db:5432/x"},
           Row{"redis://:hunter2@cache:6379/0", "redis://:‹x›@cache:6379/0"},
           Row{"https://u:p@ss@host/ and more", "https://u:‹x›@host/ and more"},
           Row{"mysql://u:p/ss@host", "mysql://u:‹x›@host"},
           Row{"https://ghp0123456789abcdef0123@host/x", "https://‹x›@host/x"},
           Row{"Authorization: Bearer abc.def", "Authorization: Bearer ‹x›"},
           Row{"authorization: basic dTpw", "authorization: basic ‹x›"},
           Row{"-H 'Authorization: tok3n' http://h", "-H 'Authorization: ‹x›' http://h"},
           Row{"\"Authorization\": \"Bearer 0a1b2c3d\"", "\"Authorization\": \"Bearer ‹x›\""},
           Row{"sent Bearer 0123456789abcdef.", "sent Bearer ‹x›"},
           Row{"Cookie: sid=1; other=2", "Cookie: ‹x›"},
           Row{"xoxb-123456789012-abcdefABCDEF", "‹x›"},
           Row{"key AKIAIOSFODNN7EXAMPLE.", "key ‹x›."},
           Row{"(ghp_0123456789abcdefghijABCDEFGHIJ)", "(‹x›)"},
           Row{"jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl!", "jwt ‹x›!"},
           Row{"https://hooks.slack.com/services/T0001/B0001/abcdefgh12345678", "https://‹x›"},
           Row{"password=hunter2", "password=‹x›"},
           Row{"DB_PASSWORD = 'with space'", "DB_PASSWORD = '‹x›'"},
           Row{"{\"api_key\":\"abc\",\"n\":1}", "{\"api_key\":\"‹x›\",\"n\":1}"},
           Row{"{\\\"secret\\\":\\\"abc\\\"}", "{\\\"secret\\\":\\\"‹x›\\\"}"},
           Row{"?access_token=abc&b=c", "?access_token=‹x›&b=c"},
           Row{"client_secret: abc1", "client_secret: ‹x›"},
           Row{"tool --password hunter2 --x", "tool --password ‹x› --x"},
           Row{"<password>hunter2</password>", "<password>‹x›</password>"},
           Row{"aws_secret_access_key = abc/def+", "aws_secret_access_key = ‹x›"},
           Row{"数据库密码：hunter2，重启了", "数据库密码：‹x›，重启了"},
           Row{"password=$2b$12$abcdefg", "password=‹x›"},
       }) {
    CAPTURE(row.text);
    CHECK(redactor.redact(row.text) == row.redacted);
    CHECK(redactor.finds_in(row.text));
  }
}

TEST_CASE("what an engineer needs at night stays") {
  Redactor const redactor;
  for (std::string const text : {"http://127.0.0.1:8088/healthz",
                                 "ssh://git@github.com/x/y",
                                 "http://[::1]:80/a@b",
                                 "https://a.b/c?x=@me",
                                 "FATAL: password authentication failed for user \"bot\"",
                                 "LOGIN_FAILED user=eve reason=bad_password ip=1.2.3.4",
                                 "error at token: unexpected end",
                                 "max_tokens=5",
                                 "secret: missing",
                                 "password: env:SMTP_PASSWORD",
                                 "password=${DB_PASSWORD}",
                                 "password: required",
                                 "token=null",
                                 "PWD=/opt/lawsker",
                                 "basic functionality is down",
                                 "the bearer certificates expired",
                                 "has no cookie: none sent",
                                 "-----BEGIN CERTIFICATE-----",
                                 "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                                 "task-0123456789abcdefghijkl",
                                 "密码错误 3 次",
                                 "password_reset=done",
                                 "usage: login <token> now",
                                 "AKIASHORT"}) {
    CAPTURE(text);
    CHECK(redactor.redact(text) == text);
  }
}

TEST_CASE("a private key goes from its first line to its last, or to where it breaks off") {
  Redactor const redactor({}, "‹x›");
  std::string const body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\nabc=\n";
  std::string const begin = "-----BEGIN RSA PRIVATE KEY-----\n";
  std::string const end = "-----END RSA PRIVATE KEY-----\n";
  CHECK(redactor.redact("a\n" + begin + body + end + "b\n") == "a\n‹x›\nb\n");
  CHECK(redactor.redact(begin + "Proc-Type: 4,ENCRYPTED\n\n" + body + end) == "‹x›\n");
  CHECK(redactor.redact("a\n" + begin + body + "not a key any more\n") == "a\n‹x›\nnot a key any more\n");
  CHECK(redactor.redact(begin + body) == "‹x›\n");
  CHECK(redactor.redact("app | " + begin + "app | " + body + "app | " + end + "b") == "app | ‹x›\nb");
  CHECK(redactor.redact("{\"key\":\"-----BEGIN PRIVATE KEY-----\\nMIIE\\n-----END PRIVATE KEY-----\\n\"}") ==
        "{\"key\":\"‹x›\\n\"}");
}

TEST_CASE("cut into pieces anywhere, a text is redacted as the whole is, and once is enough") {
  std::mt19937 chance(7);
  auto const redactor = knowing(kSecret);
  for (int round = 0; round < 400; ++round) {
    auto const text = random_text(chance, 300);
    std::string whole;
    RedactingStream stream(redactor);
    stream.feed(text, whole);
    stream.finish(whole);
    CAPTURE(round);
    // Not CHECK(a == b): a megabyte on the terminal helps nobody.
    bool const same = in_pieces(redactor, text, chance) == whole;
    REQUIRE(same);
    REQUIRE(whole.find(kSecret) == std::string::npos);
    auto const settled = redactor.redact(text);
    bool const settles = redactor.redact(settled) == settled && redactor.redact(whole) == settled;
    REQUIRE(settles);
  }
}

TEST_CASE("a secret is found wherever it stands in a line longer than what is held back") {
  std::mt19937 chance(11);
  auto const redactor = knowing(kSecret);
  for (int round = 0; round < 300; ++round) {
    std::string text(std::uniform_int_distribution<std::size_t>(0, 60'000)(chance), '.');
    auto const at = std::uniform_int_distribution<std::size_t>(0, text.size())(chance);
    text.insert(at, kSecret);
    auto const out = in_pieces(redactor, text, chance);
    CAPTURE(at);
    REQUIRE(out.size() == text.size() - std::string_view(kSecret).size() + std::string_view("‹x›").size());
    REQUIRE(out.substr(at, std::string_view("‹x›").size()) == "‹x›");
  }
}

TEST_CASE("a value that never ends is dropped without being held") {
  Redactor const redactor({}, "‹x›");
  std::string const text = "password=" + std::string(100'000, 'a') + " b\nc";
  auto const redacted = redactor.redact(text);
  CHECK(redacted.size() < 100);
  CHECK(redacted.substr(0, 30) == "password=‹x› b\nc");
  std::string out;
  RedactingStream stream(redactor);
  stream.feed("password=" + std::string(100'000, 'a'), out);
  CHECK(out.substr(0, 30) == "password=‹x›");
}

TEST_CASE("a long secret is hidden to its end; one too short for a secret is not looked for") {
  std::string secret;
  for (int i = 0; i < 500; ++i) secret += static_cast<char>('a' + i * 7 % 26);
  CHECK(knowing(secret).redact("<" + secret + ">") == "<‹x›>");
  CHECK(knowing("abc").redact("abcd") == "abcd");
  CHECK(knowing("x›").redact("password=1") == "password=‹x›");
}

TEST_CASE("the cost grows with the text and not with its malice") {
  auto const redactor = knowing(kSecret);
  // Processor time of this thread: what else the machine does is no part of the cost.
  auto const cost = [&](std::string const& text) {
    auto const spent = [] {
      std::timespec now{};
      ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
      return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
    };
    double const begun = spent();
    auto const out = redactor.redact(text);
    double const took = spent() - begun;
    CHECK(out.size() < 4 * text.size());
    return took;
  };
  for (std::string const seed :
       {"password", "password=\"", "--password ", "token: ", "x://a:b/", "-eyJ", "ghp_.", "SG.a.", "basic ",
        "Authorization: ", "-----BEGIN ", "<password>", "p@ss", "{'secret':'"}) {
    CAPTURE(seed);
    std::string text;
    while (text.size() < 1'000'000) text += seed;
    double const eighth = std::min(cost(text.substr(0, text.size() / 8)), cost(text.substr(0, text.size() / 8)));
    // Eight times the text: eight times the cost, were it square, sixty-four times.
    CHECK(cost(text) < 24 * eighth);
  }
}
