#include "config/words.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

#include "config/catalogue.hpp"

using namespace tocsin;
using namespace std::string_literals;

TEST_CASE("words: what was packed is found by its key, and nothing else") {
  auto const packed = pack({{"a", "one"}, {"a.b", ""}, {"b", "二\nlines"}});
  Words const words(packed);
  CHECK(words.find("a") == "one");
  CHECK(words.find("a.b") == "");
  CHECK(words.find("b") == "二\nlines");
  for (auto const* key : {"", "A", "a.", "a.c", "c", "one"}) CHECK_FALSE(words.find(key));
  CHECK(words.keys() == std::vector<std::string>{"a", "a.b", "b"});
  CHECK_FALSE(Words("").find(""));
}

TEST_CASE("words: what nobody packed is refused") {
  CHECK_THROWS_AS(pack({{"a", "x\0y"s}}), std::logic_error);
  for (auto const& packed : {"a"s, "a\0"s, "a\0b"s, "b\0x\0a\0y\0"s, "a\0x\0a\0y\0"s})
    CHECK_THROWS_AS(Words{packed}, std::logic_error);
}

TEST_CASE("words: the binary carries what the catalogues say") {
  auto const shipped = Catalogue::shipped();
  for (auto const locale : kLocales) {
    auto const packed = shipped.packed(locale);
    Words const words(packed);
    CHECK(words.keys().size() > 500);
    CHECK(words.keys() == shipped.keys());
  }
}
