// From what somebody typed to a command of the table with its arguments, or to a clear answer why not.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "commands/arguments.hpp"
#include "commands/command.hpp"
#include "commands/vocabulary.hpp"
#include "incidents/notice.hpp"

namespace tocsin {

/// Where a line was typed, and what its words mean there.
struct ParseContext {
  std::string locale = "zh-CN";            ///< of usage lines and examples in refusals: "zh-CN" or "en"
  bool direct_message = false;             ///< words alone are commands, digits are keys
  bool addressed = false;                  ///< the platform has already taken the mention or the slash away
  bool from_speech = false;                ///< speech recognition: only what is safe by voice
  Vocabulary const* vocabulary = nullptr;  ///< null: no names are known
  std::vector<std::string> suggestions{};  ///< of the bot's last message to this person here, for the keys 1-3
  /// Whom the platform says the line mentions, when its text may not show them (DingTalk takes mentions out of it).
  std::vector<PersonId> mentioned{};
  /// For 确认, 恢复, 回滚 (which stand for their English kin, too): the canonical commands that each can mean here and
  /// now. A word that is missing can mean any of its commands, one with an empty list none.
  std::map<std::string, std::vector<std::string>, std::less<>> meanings{};
};

/// To be run, if the guard lets it. `command` is a row of the table that was handed in.
struct Parsed {
  Command const* command = nullptr;
  Arguments arguments;
};

/// Not run; `notice` says so, why, and what to type instead. `command` is the row it got as far as, or null.
struct Refused {
  Notice notice;
  Command const* command = nullptr;
  std::vector<std::string> suggestions{};  ///< lines for the keys 1-3: they parse, and none is danger
};

/// `4` `6` `8` `9`, or `1`-`3` with the line it picks.
struct Key {
  char digit = '\0';
  std::string suggestion{};
};

struct Candidate {
  std::string line;  ///< to be parsed again when it is picked; danger can only be typed
  Command const* command = nullptr;
};

/// Several meanings. `notice` asks, with the candidates numbered from 1; those of danger come after them, unnumbered.
struct Ambiguous {
  Notice notice;
  std::vector<Candidate> candidates;
};

/// Not for the bot.
struct Nothing {};

using ParseOutcome = std::variant<Parsed, Refused, Key, Ambiguous, Nothing>;

/// Never throws on any bytes. Keys of the notices and their arguments: commands/README.md.
[[nodiscard]] ParseOutcome parse(std::string_view raw, CommandTable const& table, ParseContext const& context);

/// The canonical line of a command, e.g. `incident open severity=P0 title="网站无法访问"`; equal for equal meaning.
[[nodiscard]] std::string describe(Parsed const& parsed);

/// Runs an example of `command`: empty when it parses to what it must, else what it did instead.
[[nodiscard]] std::string failure_of(Example const& example, Command const& command, CommandTable const& table,
                                     ParseContext context);

}  // namespace tocsin
