#include "incidents/notice.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <random>
#include <string>
#include <vector>

using namespace tocsin;

namespace {

constexpr int kDeepest = 8;  // lists within lists

Notice nested(int depth) {
  Notice notice("leaf");
  for (int i = 0; i < depth; ++i) notice = Notice("branch").with("in", std::vector{notice});
  return notice;
}

Notice everything() {
  return Notice("k")
      .with("text", std::string("值班 \"quoted\" 3:abc\n\t\\"))
      .with("number", std::int64_t{-42})
      .with("at", from_millis(1'800'000'000'123))
      .with("length", Millis{-1})
      .with("severity", Severity::p2)
      .with("who", PersonId{"li.lei"})
      .with("incident", IncidentId{57})
      .with("list", std::vector{Notice("a").with("x", std::string{}), Notice("b"), nested(3)});
}

}  // namespace

TEST_CASE("every type of argument comes back as it was") {
  using Limits = std::numeric_limits<std::int64_t>;
  struct Row {
    char const* name;
    Arg arg;
  };
  for (Row const& row : {
           Row{"empty text", std::string{}},
           Row{"text that looks like a field", std::string("3:abc1:02:")},
           Row{"Chinese, quotes and control characters", std::string("“网站”'\"\\\r\n\x01\x7f")},
           Row{"text that is not UTF-8", std::string("\xff\xfe\xc0")},
           Row{"text with a NUL inside", std::string("a\0b", 3)},
           Row{"zero", std::int64_t{0}},
           Row{"the smallest number", Limits::min()},
           Row{"the largest number", Limits::max()},
           Row{"the epoch", Instant{}},
           Row{"before the epoch", from_millis(-1)},
           Row{"the last instant", from_millis(Limits::max())},
           Row{"no length", Millis{0}},
           Row{"the most negative length", Millis{Limits::min()}},
           Row{"P0", Severity::p0},
           Row{"P1", Severity::p1},
           Row{"P2", Severity::p2},
           Row{"P3", Severity::p3},
           Row{"nobody", PersonId{}},
           Row{"a person", PersonId{"wang-fang"}},
           Row{"an incident", IncidentId{42}},
           Row{"no list items", std::vector<Notice>{}},
           Row{"a list", std::vector{Notice("a"), Notice(""), Notice("b").with("n", std::int64_t{1})}},
       }) {
    CAPTURE(row.name);
    Notice const notice = Notice("key").with("arg", row.arg).with("after", std::int64_t{7});
    auto const back = decode_notice(encode(notice));
    REQUIRE(back.has_value());
    CHECK(*back == notice);
    REQUIRE(back->find("arg") != nullptr);
    CHECK(back->find("arg")->index() == row.arg.index());
  }
}

TEST_CASE("a notice without key or arguments, with names twice, and a list of notices come back as they were") {
  CHECK(*decode_notice(encode(Notice{})) == Notice{});
  Notice const twice = Notice("k").with("n", std::int64_t{1}).with("n", std::int64_t{2});
  CHECK(*decode_notice(encode(twice)) == twice);
  CHECK(std::get<std::int64_t>(*twice.find("n")) == 1);
  CHECK(twice.find("m") == nullptr);
  std::vector<Notice> const list{everything(), Notice{}, everything()};
  CHECK(*decode_notices(encode(list)) == list);
  CHECK(*decode_notices(encode(std::vector<Notice>{})) == std::vector<Notice>{});
}

TEST_CASE("nesting is bounded when reading, on both sides of the bound") {
  CHECK(decode_notice(encode(nested(kDeepest))).has_value());
  CHECK(decode_notice(encode(nested(kDeepest + 1))).has_error());
  CHECK(decode_notices(encode(std::vector{nested(kDeepest)})).has_value());
  CHECK(decode_notices(encode(std::vector{nested(kDeepest + 1)})).has_error());
}

TEST_CASE("a hundred thousand open lists are refused without exhausting the stack") {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "1:b1:12:inl1:1";
  CHECK(decode_notice(text).has_error());
  CHECK(decode_notices("1:1" + text).has_error());
}

TEST_CASE("what encode did not write is refused as invalid") {
  for (std::string const& text : {
           std::string{},
           std::string(":"),
           std::string("1"),
           std::string("1:"),
           std::string("-1:a1:0"),
           std::string("+1:a1:0"),
           std::string(" 1:a1:0"),
           std::string("0x1:a1:0"),
           std::string("3:ab"),
           std::string("99999999999999999999999:a1:0"),
           std::string("18446744073709551615:a1:0"),
           std::string("18446744073709551614:a1:0"),
           std::string("9223372036854775807:a1:0"),
           std::string("1:a2:-1"),
           std::string("1:a1:1"),
           std::string("1:a19:9223372036854775807"),
           std::string("1:a20:99999999999999999999"),
           std::string("1:a1:0x"),
           std::string("1:a1:01:b1:0"),
           std::string("1:a1:x"),
           std::string("1:a0:"),
           std::string("1:a1:11:n"),
           std::string("1:a1:11:nz1:1"),
           std::string("1:a1:11:nn1:x"),
           std::string("1:a1:11:nn3:1.5"),
           std::string("1:a1:11:nv1:4"),
           std::string("1:a1:11:nv2:-1"),
           std::string("1:a1:11:nl2:-1"),
           std::string("1:a1:11:nl1:1"),
           std::string("1:a1:11:ns5:abc"),
           std::string("\0", 1),
           // Not the shortest spelling of a number: encode never writes it.
           std::string("01:a1:0"),
           std::string("1:a2:00"),
           std::string("1:a2:-0"),
           std::string("1:a1:11:nn2:07"),
           std::string("1:a1:11:nv2:01"),
       }) {
    CAPTURE(text);
    auto const notice = decode_notice(text);
    CHECK(notice.has_error());
    if (notice.has_error()) CHECK(notice.error().code == Errc::invalid);
    CHECK(decode_notices("1:1" + text).has_error());
  }
}

TEST_CASE("no prefix of a stored notice is a stored notice, and nothing may follow one") {
  auto const text = encode(everything());
  for (std::size_t length = 0; length < text.size(); ++length) {
    CAPTURE(length);
    CHECK(decode_notice(std::string_view(text).substr(0, length)).has_error());
  }
  CHECK(decode_notice(text + "0").has_error());
  CHECK(decode_notice(text + text).has_error());
}

TEST_CASE("no argument breaks out of its field") {
  auto const inner = encode(everything());
  Notice const notice = Notice("k").with("text", inner).with(inner, std::string("1:x")).with("who", PersonId{inner});
  CHECK(*decode_notice(encode(notice)) == notice);
  CHECK(*decode_notice(encode(Notice(inner))) == Notice(inner));
}

TEST_CASE("20,000 damaged texts are refused, or read as exactly what would be written for them") {
  constexpr std::uint32_t kSeed = 20'261'123;
  std::mt19937 random(kSeed);
  CAPTURE(kSeed);
  auto const below = [&random](std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random);
  };
  std::vector<std::string> const seeds{encode(everything()), encode(nested(kDeepest)), encode(Notice("a.b")),
                                       encode(std::vector{everything(), nested(2)})};
  constexpr std::string_view kTelling = "0123456789:-stdvpinlx\n";
  std::size_t read = 0;
  for (int round = 0; round < 20'000; ++round) {
    auto text = seeds[below(seeds.size())];
    for (auto changes = 1 + below(4); changes > 0; --changes) {
      auto const at = below(text.size() + 1);
      switch (below(5)) {
        case 0:
          text.insert(at, 1, kTelling[below(kTelling.size())]);
          break;
        case 1:
          text.erase(at, 1 + below(8));
          break;
        case 2:
          if (at < text.size()) text[at] = kTelling[below(kTelling.size())];
          break;
        case 3:
          if (at < text.size()) text[at] = static_cast<char>(below(256));
          break;
        default: {
          auto const& other = seeds[below(seeds.size())];
          text.insert(at, other.substr(below(other.size()), below(40)));
        }
      }
    }
    CAPTURE(round);
    CAPTURE(text);
    if (auto const notice = decode_notice(text)) {
      ++read;
      CHECK(encode(*notice) == text);
    }
    if (auto const notices = decode_notices(text)) {
      ++read;
      CHECK(encode(*notices) == text);
    }
  }
  CHECK(read > 100);  // else the mutations only ever hit the lengths, and this test shows nothing
}

TEST_CASE("asking a refused decision for its value is a bug, not an empty decision") {
  Decided<int> const refused = Notice("refused.x");
  CHECK_THROWS_AS(static_cast<void>(refused.value()), std::logic_error);
}
