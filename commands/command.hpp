// What can be typed, as data: one row per command. The parser, the help, completion, the Slack manifest and the
// reference page are made from the rows. Rows come from the tables of `verbs/` and, for declared actions, from the
// configuration.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "commands/lexicon.hpp"
#include "commands/message.hpp"
#include "config/rights.hpp"

namespace tocsin {

struct Call;  // one run of a command: who, where, with which arguments; declared by the verbs

using Handler = std::function<Message(Call&)>;

enum class ParamType : std::uint8_t {
  word,         ///< one word; never begins with `-`
  text,         ///< the rest of the line, as typed
  number,       ///< a whole number, 100行 and 一百 included
  severity,     ///< P0..P3
  incident,     ///< INC-42, #42, 42号, 42
  person,       ///< @who, or a known name
  duration,     ///< 30m, 两个半小时
  time_of_day,  ///< 03:15, 下午3点
  time_range,   ///< 22:00-08:00
  instant,      ///< 03:15, 昨天 22:00, 10分钟前
  choice,       ///< one of `choices`, or of a list of the vocabulary
  version,      ///< v2.8.1
  flag,         ///< given or not: `--private`
};

[[nodiscard]] std::string_view name_of(ParamType type) noexcept;

/// Bounds, both included: of a number itself, of a duration in milliseconds, of a text in characters.
struct Range {
  std::int64_t min = 0;
  std::int64_t max = 0;
};

struct Parameter {
  std::string name{};  ///< for the handler: `args.severity("severity")`
  ParamType type = ParamType::word;
  bool required = true;                          ///< never true for a flag
  std::vector<std::string> choices{};            ///< canonical values
  std::map<std::string, std::string> aliases{};  ///< other ways to say one of `choices`: 二级 → 2
  std::string vocabulary{};  ///< a list of the vocabulary, e.g. "service"; a choice accepts its words only, a word any
  std::string help_key{};    ///< of the catalogue
  std::optional<Range> range{};
  std::string flag_name{};  ///< also accepted as `--flag value`, `--flag=value`, `flag=value`; a flag must have one
  bool named_only = false;  ///< only so, never by its place
  bool repeated = false;    ///< takes all that fit, at most kMaxRepeated
  std::vector<std::string> leads{};             ///< words that may stand before the value: `for` 24h, `到` 08:00
  std::map<std::string, std::string> labels{};  ///< locale → name in usage lines; else `name`
};

inline constexpr std::size_t kMaxRepeated = 20;

/// Something to type and what it must mean: run as a test.
struct Example {
  std::string text;
  std::string locale;  ///< "zh-CN" or "en"
  std::string means;   ///< as `describe` writes it, e.g. `incident open severity=P0 title="网站无法访问"`
};

/// When the free text of a command is nothing but a value of `shape`, `command` may have been meant: 升级 P1 is more
/// likely 改级 P1. The parser asks.
struct Confusion {
  ParamType shape = ParamType::severity;
  std::string command{};
};

/// Which incidents a command without a number may mean; beside those that are open, if it says so.
enum class Bare : std::uint8_t {
  open,      ///< whatever stops, pages or changes a course
  recorded,  ///< writes something down: where nothing is open, what ended within a day
  resolved,  ///< what is resolved and waits to be closed, before anything open
  ended,     ///< what ended within a day or is mitigated, before anything else
  undoable,  ///< what this person did last and may still take back
};

struct Command {
  std::string name{};                ///< canonical path, e.g. "incident open", "ping"
  std::vector<std::string> words{};  ///< other ways to say it; the first of a script is the one printed in its locale
  Effect effect = Effect::read;
  Role needs = Role::viewer;
  Bare bare = Bare::open;
  bool instant = false;                 ///< done and answered within the acknowledgement, in one transaction
  bool voice_safe = false;              ///< may come from speech recognition; never true for danger
  std::vector<Parameter> parameters{};  ///< in order of their places; at most one text, last
  std::vector<std::vector<std::string>> exclusive{};  ///< groups of parameters of which at most one may be given
  std::vector<Confusion> confusions{};
  std::string summary_key{};                    ///< of the catalogue
  bool declared = false;                        ///< an action of the configuration
  std::map<std::string, std::string> titles{};  ///< of a declared one: locale → title
  std::vector<Example> examples{};
  Handler run{};
};

/// One way to say a command.
struct Phrase {
  std::string text;
  std::uint32_t command = 0;  ///< index into rows()
};

/// All rows and the look-up by what is said. Built once, then only read, from any thread.
class CommandTable {
 public:
  /// Throws std::logic_error that names the row: two rows that claim the same word (a canonical path is one), a word
  /// that is a key (a digit) or has two meanings (确认 恢复 回滚), parameters that no line could fill.
  explicit CommandTable(std::vector<Command> rows);

  struct Match {
    Command const* command = nullptr;
    std::string_view phrase;  ///< as the row has it
    std::size_t used = 0;     ///< bytes of the text
  };
  /// The longest phrase that `text` begins with.
  [[nodiscard]] std::optional<Match> longest(std::string_view text) const;
  /// By canonical path or any other phrase, whole; null when there is none.
  [[nodiscard]] Command const* find(std::string_view phrase) const;

  [[nodiscard]] std::span<Command const> rows() const noexcept { return rows_; }
  [[nodiscard]] std::span<Phrase const> phrases() const noexcept { return phrases_; }
  /// The choices of a parameter by all their names; a meaning is an index into `choices`. `command` is a row of this
  /// table.
  [[nodiscard]] Lexicon const& choices_of(Command const& command, std::size_t parameter) const;

 private:
  void claim(std::string const& phrase, std::uint32_t row);

  std::vector<Command> rows_;
  std::vector<Phrase> phrases_;
  Lexicon lexicon_;                            // meanings are indices into phrases_
  std::vector<std::vector<Lexicon>> choices_;  // by row and parameter
};

/// A word that means several things until the conversation says which. Never printed as the word to send.
struct TwoEdged {
  std::string_view word;
  std::string_view group;                      ///< 确认, 恢复 or 回滚: the key of ParseContext::meanings
  std::span<std::string_view const> commands;  ///< canonical paths that it may mean
};

/// 确认, 恢复, 回滚 and their English kin.
[[nodiscard]] std::span<TwoEdged const> two_edged_words() noexcept;

}  // namespace tocsin
