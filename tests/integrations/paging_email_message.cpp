#include <doctest/doctest.h>

#include <array>
#include <functional>
#include <sstream>
#include <string>

#include "integrations/paging/email_message.hpp"

namespace tocsin::paging {
namespace {

using namespace std::chrono_literals;

constexpr Instant kAt = from_millis(1'763'864'645'999);  // 2025-11-23T02:24:05.999Z, a Sunday

EmailMessage message() {
  EmailMessage result;
  result.from = "tocsin@example.com";
  result.to = "zhang.san+page@example.com";
  result.subject = "P0 INC-42 Website down";
  result.message_id = "page-17.1@tocsin.example.com";
  result.body = "one\ntwo\n";
  return result;
}

bool has(std::string const& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::string unbase64(std::string_view text) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<int, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < kLetters.size(); ++i)
    values.at(static_cast<unsigned char>(kLetters[i])) = static_cast<int>(i);
  std::string bytes;
  unsigned bits = 0;
  unsigned held = 0;
  for (char const c : text) {
    int const value = values[static_cast<unsigned char>(c)];
    if (value < 0) continue;
    bits = bits << 6U | static_cast<unsigned>(value);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes += static_cast<char>(bits >> held & 255U);
  }
  return bytes;
}

/// The decoded words of a header, each of which must be whole UTF-8 by itself.
std::string decoded(std::string const& text, std::string_view name) {
  auto at = text.find("\r\n" + std::string(name) + ": ");
  REQUIRE(at != std::string::npos);
  std::string result;
  at += 2 + name.size() + 2;
  for (;;) {
    auto const start = text.find("=?UTF-8?B?", at);
    auto const line = text.find("\r\n", at);
    REQUIRE(start < line);
    auto const end = text.find("?=", start + 10);
    REQUIRE(end < line);
    CHECK(end + 2 - start <= 75);
    auto const word = unbase64(text.substr(start + 10, end - start - 10));
    CHECK((static_cast<unsigned char>(word[0]) & 0xC0U) != 0x80U);  // begins with a character
    result += word;
    if (text.substr(line + 2, 3) != " =?") return result;
    at = line + 3;
  }
}

std::string body_of(std::string const& text) { return unbase64(text.substr(text.find("\r\n\r\n") + 4)); }

TEST_CASE("a plain message is exactly this") {
  auto const text = build_email(message(), kAt);
  REQUIRE(text.has_value());
  CHECK(*text ==
        "Date: Sun, 23 Nov 2025 02:24:05 +0000\r\n"
        "From: <tocsin@example.com>\r\n"
        "To: <zhang.san+page@example.com>\r\n"
        "Subject: P0 INC-42 Website down\r\n"
        "Message-ID: <page-17.1@tocsin.example.com>\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: base64\r\n"
        "Auto-Submitted: auto-generated\r\n"
        "\r\n"
        "b25lDQp0d28NCg==\r\n");
}

TEST_CASE("dates are right at the edges") {
  struct Row {
    std::int64_t millis;
    std::string wanted;
  };
  for (Row const& row :
       {Row{0, "Thu, 01 Jan 1970 00:00:00"}, Row{951'782'400'000, "Tue, 29 Feb 2000 00:00:00"},
        Row{1'767'225'599'000, "Wed, 31 Dec 2025 23:59:59"}, Row{253'402'300'799'000, "Fri, 31 Dec 9999 23:59:59"}}) {
    CHECK(build_email(message(), from_millis(row.millis))->starts_with("Date: " + row.wanted + " +0000\r\n"));
  }
}

TEST_CASE("a subject comes back as it was, whatever it is made of") {
  std::string long_chinese;
  for (int i = 0; i < 200; ++i) long_chinese += i % 7 == 0 ? "a" : "网";
  struct Row {
    std::string name;
    std::string subject;
  };
  for (Row const& row : {
           Row{"Chinese", "P0 INC-42 网站无法访问 · 张三 03:15 前认领"},
           Row{"two hundred characters", long_chinese},
           Row{"emoji of four bytes", "🔴🔴🔴🔴🔴🔴🔴🔴🔴🔴🔴🔴🔴🔴🔴🔴🔴🔴🔴🔴"},
           Row{"long ASCII", std::string(300, 'x')},
           Row{"what looks like an encoded word", "=?UTF-8?B?aGk=?="},
           Row{"blanks at the ends", " x "},
           Row{"one byte over the line", std::string(68, 'x')},
       }) {
    CAPTURE(row.name);
    auto mail = message();
    mail.subject = row.subject;
    auto const text = build_email(mail, kAt);
    REQUIRE(text.has_value());
    CHECK(decoded(*text, "Subject") == row.subject);
  }
  auto mail = message();
  mail.subject = std::string(67, 'x');
  CHECK(has(*build_email(mail, kAt), "\r\nSubject: " + mail.subject + "\r\n"));
  mail.subject.clear();
  CHECK(has(*build_email(mail, kAt), "\r\nSubject: \r\n"));
}

TEST_CASE("no line is longer than 78 characters, and every line ends with CRLF") {
  auto mail = message();
  mail.from_name = "警钟 incident bot \"of\" Example, Ltd.";
  for (int i = 0; i < 400; ++i) mail.subject += "长";
  for (int i = 0; i < 5000; ++i) mail.body += "正文 line\n";
  mail.references = {"a@b", "c@d"};
  auto const text = *build_email(mail, kAt);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    REQUIRE(line.ends_with('\r'));
    CHECK(line.size() <= 79);
    CHECK_FALSE(line.starts_with('.'));
  }
}

TEST_CASE("bytes that are no UTF-8 are replaced and never split a word") {
  auto mail = message();
  mail.subject = "a\xff\xc0\xaf\xed\xa0\x80\xf5z";  // stray, overlong, surrogate, beyond
  auto const subject = decoded(*build_email(mail, kAt), "Subject");
  CHECK(subject.starts_with("a\xEF\xBF\xBD"));
  CHECK(subject.ends_with("\xEF\xBF\xBDz"));
  mail.subject = "网";
  mail.subject.pop_back();
  CHECK(decoded(*build_email(mail, kAt), "Subject") == "\xEF\xBF\xBD\xEF\xBF\xBD");
  mail.body = "\xfe";
  CHECK(body_of(*build_email(mail, kAt)) == "\xEF\xBF\xBD\r\n");
}

TEST_CASE("control characters in a subject become blanks") {
  auto mail = message();
  mail.subject = "a\tb\x1b[31mc";
  CHECK(has(*build_email(mail, kAt), "Subject: a b [31mc\r\n"));
}

TEST_CASE("the limits of subject and body hold on both sides, between characters") {
  auto mail = message();
  mail.subject = std::string(kMaxSubjectBytes, 'x');
  CHECK(decoded(*build_email(mail, kAt), "Subject") == mail.subject);
  mail.subject = std::string(kMaxSubjectBytes - 1, 'x') + "网";
  CHECK(decoded(*build_email(mail, kAt), "Subject") == std::string(kMaxSubjectBytes - 1, 'x') + "…");
  mail.subject = "s";
  mail.body = std::string(kMaxBodyBytes, 'x');
  CHECK(body_of(*build_email(mail, kAt)) == mail.body + "\r\n");
  mail.body += 'y';
  CHECK(body_of(*build_email(mail, kAt)) == std::string(kMaxBodyBytes, 'x') + "…\r\n");
}

TEST_CASE("a body keeps its lines, dots and all, with CRLF ends") {
  struct Row {
    std::string body;
    std::string wanted;
  };
  for (Row const& row : {Row{"", "\r\n"}, Row{"a", "a\r\n"}, Row{"a\n", "a\r\n"}, Row{"a\r\nb", "a\r\nb\r\n"},
                         Row{"a\rb", "a\r\nb\r\n"}, Row{".\n..\n.x", ".\r\n..\r\n.x\r\n"}, Row{"\n\n", "\r\n\r\n"},
                         Row{"\r\n.\r\nMAIL FROM:<x>", "\r\n.\r\nMAIL FROM:<x>\r\n"}}) {
    CAPTURE(row.body);
    auto mail = message();
    mail.body = row.body;
    CHECK(body_of(*build_email(mail, kAt)) == row.wanted);
  }
}

TEST_CASE("replies name their thread, the first and the last when there are many") {
  auto mail = message();
  mail.references = {"first@x", "second@x"};
  auto const text = *build_email(mail, kAt);
  CHECK(has(text, "\r\nIn-Reply-To: <second@x>\r\nReferences: <first@x>\r\n <second@x>\r\nMIME"));
  mail.references.clear();
  for (int i = 0; i < 100; ++i) mail.references.push_back(std::to_string(i) + "@x");
  auto const many = *build_email(mail, kAt);
  CHECK(has(many, "References: <0@x>\r\n <81@x>\r\n"));
  CHECK(has(many, " <99@x>\r\n"));
  CHECK_FALSE(has(many, "<80@x>"));
}

TEST_CASE("a repeat is marked as data, and only a repeat") {
  auto mail = message();
  CHECK_FALSE(has(*build_email(mail, kAt), "May-Repeat"));
  mail.may_repeat = true;
  CHECK(has(*build_email(mail, kAt), "\r\nX-Tocsin-May-Repeat: yes\r\n"));
}

TEST_CASE("a sender's name stands as it is where it can, else as encoded words") {
  auto mail = message();
  mail.from_name = "Tocsin Bot";
  CHECK(has(*build_email(mail, kAt), "\r\nFrom: Tocsin Bot\r\n <tocsin@example.com>\r\n"));
  for (char const* name : {"警钟", "Bot, Ops", "a\"b\\c", "<x@y>"}) {
    CAPTURE(name);
    mail.from_name = name;
    auto const text = *build_email(mail, kAt);
    CHECK(decoded(text, "From") == name);
    CHECK(has(text, "?=\r\n <tocsin@example.com>\r\n"));
  }
}

TEST_CASE("nothing can break out of its header") {
  struct Row {
    std::string name;
    std::function<void(EmailMessage&)> spoil;
  };
  for (Row const& row : {
           Row{"LF in the subject", [](auto& mail) { mail.subject = "a\nBcc: x@y"; }},
           Row{"CR in the subject", [](auto& mail) { mail.subject = "a\rb"; }},
           Row{"NUL in the subject", [](auto& mail) { mail.subject = std::string("a\0b", 3); }},
           Row{"CRLF in the sender's name", [](auto& mail) { mail.from_name = "a\r\nX: y"; }},
           Row{"CRLF in the recipient", [](auto& mail) { mail.to = "a@b.c\r\nRCPT TO:<x@y>"; }},
           Row{"two recipients", [](auto& mail) { mail.to = "a@b.c,d@e.f"; }},
           Row{"a recipient in brackets", [](auto& mail) { mail.to = "<a@b.c>"; }},
           Row{"no recipient", [](auto& mail) { mail.to = ""; }},
           Row{"a sender that is none", [](auto& mail) { mail.from = "me"; }},
           Row{"CRLF in the message id", [](auto& mail) { mail.message_id = "a@b\r\nX: y"; }},
           Row{"no message id", [](auto& mail) { mail.message_id = ""; }},
           Row{"a message id in brackets", [](auto& mail) { mail.message_id = "<a@b>"; }},
           Row{"a long message id", [](auto& mail) { mail.message_id = std::string(250, 'a') + "@b"; }},
           Row{"a reference with a blank",
               [](auto& mail) {
                 mail.references = {"a@b", "c d@e"};
               }},
       }) {
    CAPTURE(row.name);
    auto mail = message();
    row.spoil(mail);
    auto const text = build_email(mail, kAt);
    REQUIRE(text.has_error());
    CHECK(text.error().code == Errc::invalid);
  }
}

TEST_CASE("addresses are told from what only looks like one") {
  for (char const* good : {"a@b", "zhang.san+page@mail.example.com", "o'neil=x@example.com"}) {
    CAPTURE(good);
    CHECK(is_email_address(good));
  }
  for (char const* bad :
       {"",     "@",      "a@",    "@b",    "a",         "a@b@c",       ".a@b", "a.@b", "a..b@c", "a@.b",
        "a@b.", "a@b..c", "a b@c", "a@b c", "\"a b\"@c", "a@[1.2.3.4]", "网@b", "a@网", "a@b\n",  "a@b_c"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_email_address(bad));
  }
  CHECK(is_email_address(std::string(64, 'a') + "@b"));
  CHECK_FALSE(is_email_address(std::string(65, 'a') + "@b"));
  CHECK(is_email_address("a@" + std::string(252, 'b')));
  CHECK_FALSE(is_email_address("a@" + std::string(253, 'b')));
}

}  // namespace
}  // namespace tocsin::paging
