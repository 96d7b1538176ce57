// The recorded frames of DingTalk, as they come and changed in one place, and what the bot makes of one.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bot/chat/recorded.hpp"

namespace tocsin::test {

/// All of tests/bot/dingtalk/payloads. `{"json": X}` in a file stands for a text that holds X as JSON: DingTalk nests
/// them up to three deep, which nobody can read.
[[nodiscard]] std::vector<Recorded> recorded_dingtalk();

/// One place in a frame that is not as it was recorded.
struct Change {
  Ordered const* place = nullptr;
  std::optional<std::string> text = std::nullopt;  ///< stands there, and need not be JSON; nothing: it is left out
};
/// As it comes over a stream.
[[nodiscard]] std::string wire(Ordered const& frame, Change const& change = {});
/// As a JSON text; bytes that are no UTF-8 stay.
[[nodiscard]] std::string in_quotes(std::string_view text);

/// What a text is for the bot, by the names of the members; those that are empty or false are left out. `is`: noise,
/// farewell, answer (sent at once), callback or event (`what` says which gesture).
using Told = std::map<std::string, std::string>;
[[nodiscard]] Told told_by(std::string_view text);
/// For messages of a test that fails.
[[nodiscard]] std::string shown(Told const& told);

}  // namespace tocsin::test
