#include <doctest/doctest.h>

#include <string>

#include "integrations/net/http.hpp"

namespace tocsin::net {
namespace {

TEST_CASE("a form is split and decoded once") {
  struct Row {
    std::string name;
    char const* text;
    Fields wanted;
  };
  for (Row const& row : {
           Row{"nothing", "", {}},
           Row{"one pair", "a=1", {{"a", "1"}}},
           Row{"the same name twice, in order", "a=1&a=2", {{"a", "1"}, {"a", "2"}}},
           Row{"a plus is a blank, %2B is a plus", "q=a+b%2Bc", {{"q", "a b+c"}}},
           Row{"decoded once only", "q=%2525", {{"q", "%25"}}},
           Row{"Chinese, escaped and raw", "q=%E7%BD%91&r=站", {{"q", "网"}, {"r", "站"}}},
           Row{"a name without a value", "flag&b=", {{"flag", ""}, {"b", ""}}},
           Row{"empty pieces", "&&a=1&", {{"a", "1"}}},
           Row{"an equals sign in the value", "a=b=c", {{"a", "b=c"}}},
       }) {
    CAPTURE(row.name);
    auto const decoded = decode_form(row.text);
    REQUIRE(decoded.has_value());
    CHECK(*decoded == row.wanted);
  }
}

TEST_CASE("a form that can't be read is refused") {
  for (char const* text : {"a=%", "a=%4", "a=%zz", "%=1", "a=%00"}) {
    CAPTURE(text);
    auto const decoded = decode_form(text);
    REQUIRE(decoded.has_error());
    CHECK(decoded.error().code == Errc::invalid);
  }
}

TEST_CASE("a form holds 256 pairs and not one more") {
  std::string text = "a";
  for (int i = 1; i < 256; ++i) text += "&a";
  CHECK(decode_form(text)->size() == 256);
  auto const more = decode_form(text + "&a");
  REQUIRE(more.has_error());
  CHECK(more.error().code == Errc::too_large);
}

TEST_CASE("percent encoding leaves only unreserved characters and comes back whole") {
  CHECK(percent_encode("aZ09-._~") == "aZ09-._~");
  CHECK(percent_encode("a b/网+") == "a%20b%2F%E7%BD%91%2B");
  std::string every;
  for (int c = 1; c < 256; ++c) every += static_cast<char>(c);
  CHECK(percent_decode(percent_encode(every)).value() == every);
  Fields const pairs{{"名", "a&b=c"}, {"x", ""}};
  CHECK(decode_form(encode_form(pairs)).value() == pairs);
}

TEST_CASE("a field that could split a message is not sendable") {
  CHECK(is_sendable("x-name", "any value, 值"));
  CHECK_FALSE(is_sendable("", "v"));
  CHECK_FALSE(is_sendable("a b", "v"));
  CHECK_FALSE(is_sendable("a:", "v"));
  CHECK_FALSE(is_sendable("a", "v\r\nb: c"));
  CHECK_FALSE(is_sendable("a", "v\nb"));
  CHECK_FALSE(is_sendable("a", std::string_view("v\0w", 3)));
}

TEST_CASE("reasons are named where RFC 9110 names them") {
  CHECK(reason_of(404) == "Not Found");
  CHECK(reason_of(299) == "Unknown");
  CHECK(reason_of(-1) == "Unknown");
}

}  // namespace
}  // namespace tocsin::net
