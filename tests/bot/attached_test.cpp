#include "bot/attached.hpp"

#include <doctest/doctest.h>

using namespace tocsin;

TEST_CASE("words that are no command become a note of what came with them, of the incident that they name") {
  CHECK(note_of("", "[picture]") == "/note -- [picture]");
  CHECK(note_of("502 again", "[picture]") == "/note -- 502 again [picture]");
  CHECK(note_of("INC-5 look at this", "[picture]") == "/note INC-5 -- look at this [picture]");
  CHECK(note_of("inc-5", "[file a.log]") == "/note INC-5 -- [file a.log]");
  CHECK(note_of("INC- what", "[picture]") == "/note -- INC- what [picture]");
  CHECK(note_of("INC-5x what", "[picture]") == "/note -- INC-5x what [picture]");
  CHECK(note_of("--severity=P0 -- x", "[picture]") == "/note -- --severity=P0 -- x [picture]");
}

TEST_CASE("what begins as a command is none of a picture's") {
  CHECK_FALSE(note_of("/akc INC-5", "[picture]").has_value());
  CHECK_FALSE(note_of("／akc", "[picture]").has_value());
}
