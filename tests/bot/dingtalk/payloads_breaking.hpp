// Recorded frames of DingTalk with something else in one place, and what must be true of them then.
#pragma once

#include <string>
#include <vector>

#include "tests/bot/dingtalk/payloads.hpp"

namespace tocsin::test {

struct Whole {
  std::string file;
  Ordered frame;
  std::string text;  ///< as it comes
  Told told;         ///< by that
  Told named;        ///< who and what its places name, whether anything comes of it or not: by `verbatim`

  [[nodiscard]] bool is_system() const;
  [[nodiscard]] bool is_ping() const;
};
/// All that are recorded. They stay where they are: changes point into them.
[[nodiscard]] std::vector<Whole> const& whole_frames();
/// One of each kind: by what it is, its topic and whether anybody did anything.
[[nodiscard]] std::vector<Whole const*> one_of_each_kind();

/// Empty if it is not told.
[[nodiscard]] std::string told_in(Told const& told, std::string const& name);
/// Somebody did something.
[[nodiscard]] bool is_gesture(Told const& told);
/// The place without the way into texts, in one spelling: "headers/topic", "data/text/content".
[[nodiscard]] std::string plain(Pointer const& place);
/// A place whose words must be what is told under this name, unchanged, or nothing; empty: it is no such place.
[[nodiscard]] std::string verbatim(std::string const& plain_place);
/// `data` of a frame that is JSON, as text.
[[nodiscard]] std::string data_in(std::string const& text);

/// What stands in a place instead.
struct Instead {
  enum class Kind : std::uint8_t {
    json,    ///< as somebody could send it
    broken,  ///< a text that is no JSON, or is too deep
    bytes,   ///< no text either
    twice,   ///< what was there, and something else under the same name; or the other way round
    gone,    ///< the place is left out
  };
  std::string text;
  Kind kind = Kind::json;
  std::string value{};  ///< of a JSON text
};
[[nodiscard]] Instead a_text(std::string const& value);

/// Nobody speaks for somebody else, or elsewhere.
void check_who(Whole const& whole, Told const& told);
/// It is answered if it can be, a ping with its very data; it says what it said, but for what that place may change.
void check_changed(Whole const& whole, Pointer const& at, Instead const& instead);

}  // namespace tocsin::test
