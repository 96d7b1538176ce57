// Declared actions: a diagnosis or a remedy as data. The engine in `commands/` runs them; nothing here does.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/describe.hpp"
#include "config/locale.hpp"
#include "config/rights.hpp"
#include "config/scalars.hpp"

namespace tocsin {

enum class ParameterType : std::uint8_t { word, number, choice, service, log, text };
template <>
struct Names<ParameterType> {
  static constexpr std::array<std::string_view, 6> kAll{"word", "number", "choice", "service", "log", "text"};
};

/// What a parameter of type `text` may consist of. None admits a path, a leading dash or a control character.
enum class CharacterClass : std::uint8_t {
  identifier,  ///< ASCII letters, digits, _
  version,     ///< those and . + -
  plain,       ///< any printable text without / and backslash
};
template <>
struct Names<CharacterClass> {
  static constexpr std::array<std::string_view, 3> kAll{"identifier", "version", "plain"};
};

/// What a user may fill in. Its value never becomes part of a program's text: see Argument.
struct ActionParameter {
  std::string name;
  Localized title;
  ParameterType type = ParameterType::word;
  CharacterClass characters = CharacterClass::identifier;
  std::optional<std::int64_t> min;
  std::optional<std::int64_t> max;
  std::vector<std::string> choices;
  std::int64_t max_length = 64;
  bool required = true;
  std::optional<std::string> fallback;
  friend bool operator==(ActionParameter const&, ActionParameter const&) = default;
};

template <class V>
void describe(V& v, ActionParameter& it) {
  v.key("name", it.name, "The word that steps name it by, in braces.", {.required = true, .form = Form::word});
  v.key("title", it.title, "How it is called in a question; left out: the name.");
  v.key("type", it.type,
        "word: letters, digits, . _ -; number: whole; choice: one of `choices`; service, log: a name "
        "or alias of those lists; text: see `characters`.");
  v.key("characters", it.characters,
        "For `text`. identifier: letters, digits, _; version: those and . + -; plain: any "
        "printable text without / and backslash. Never a leading dash.");
  v.key("min", it.min, "For `number`: the least value; left out: 0.", {.min = 0});
  v.key("max", it.max, "For `number`: the greatest value; left out: 1000000.", {.min = 0});
  v.key("choices", it.choices, "For `choice`: the values.", {.max = 50, .form = Form::alias});
  v.key("max_length", it.max_length, "For `word` and `text`: how many characters at most.", {.min = 1, .max = 500});
  v.key("required", it.required, "Must it be given? With a default it need not be.");
  v.key("default", it.fallback, "The value when it is not given.", {.max = 500});
}

inline constexpr std::int64_t kGreatestNumber = 1'000'000;

/// One argument of a program: fixed text, then at most one parameter. The fixed text before a parameter is empty or
/// one of the action's `flags`, so a value can never turn into an option of its own or a part of a path.
struct Argument {
  std::string literal;
  std::string parameter;  ///< empty: no parameter
  friend bool operator==(Argument const&, Argument const&) = default;
};

/// `{lines}`, `--since={when}`, `text`; `{{` and `}}` stand for a brace. None: braces that fit none of these.
[[nodiscard]] std::optional<Argument> parse_argument(std::string_view text);
[[nodiscard]] std::string print(Argument const& argument);
/// The parameters named in a text such as `service:{service}`; none when its braces do not pair.
[[nodiscard]] std::optional<std::vector<std::string>> parameters_in(std::string_view text);

struct RunStep {
  static constexpr std::string_view kKey = "run";
  std::vector<Argument> run;
  friend bool operator==(RunStep const&, RunStep const&) = default;
};

template <class V>
void describe(V& v, RunStep& it) {
  v.key("run", it.run,
        "A program and its arguments, started in the workdir without a shell. The program is an "
        "absolute path or ./…; a `{parameter}` stands as a whole argument or right after one of `flags`.",
        {.required = true, .min = 1, .max = 64});
}

struct HttpStep {
  static constexpr std::string_view kKey = "http";
  std::string http;
  friend bool operator==(HttpStep const&, HttpStep const&) = default;
};

template <class V>
void describe(V& v, HttpStep& it) {
  v.key("http", it.http, "A check of `health` that must pass.", {.required = true, .form = Form::word});
}

enum class HostProbe : std::uint8_t { system, network };
template <>
struct Names<HostProbe> {
  static constexpr std::array<std::string_view, 2> kAll{"system", "network"};
};

struct HostStep {
  static constexpr std::string_view kKey = "host";
  HostProbe host = HostProbe::system;
  friend bool operator==(HostStep const&, HostStep const&) = default;
};

template <class V>
void describe(V& v, HostStep& it) {
  v.key("host", it.host,
        "system: processor, memory, disks against `limits`; network: listeners and the distance to "
        "the hosts of `network`.",
        {.required = true});
}

using ActionStep = std::variant<RunStep, HttpStep, HostStep>;

struct ActionSpec {
  std::string name;
  std::vector<std::string> aliases;
  Localized title;
  Effect effect = Effect::read;
  std::vector<std::string> loses_data;
  std::vector<std::string> loses_service;
  std::optional<Role> needs;
  std::string target;
  std::vector<ActionParameter> parameters;
  std::vector<std::string> flags;
  std::vector<ActionStep> steps;
  std::vector<ActionStep> verify;
  std::vector<ActionStep> undo;
  std::vector<std::string> environment{"LANG", "LC_*", "PATH"};
  Millis timeout = std::chrono::seconds{60};
  Bytes output_limit = mebibytes(1);
  std::vector<std::string> failure_lines;
  std::vector<std::string> success_lines;
  friend bool operator==(ActionSpec const&, ActionSpec const&) = default;

  /// Who may run it: `needs`, or responder for `read` and operator for the others.
  [[nodiscard]] Role role() const noexcept {
    return needs.value_or(effect == Effect::read ? Role::responder : Role::operator_);
  }
  [[nodiscard]] ActionParameter const* parameter(std::string_view wanted) const noexcept;
};

template <class V>
void describe(V& v, ActionSpec& it) {
  v.key("name", it.name, "The word that runs it.", {.required = true, .form = Form::word});
  v.key("aliases", it.aliases, "Other words for it, in any language.", {.max = 20, .form = Form::alias});
  v.key("title", it.title, "What it does, as people read it.", {.required = true});
  v.key("effect", it.effect,
        "read looks only; change alters the running system and is confirmed; danger can lose "
        "data or service and is guarded by what it can lose.",
        {.required = true});
  v.key("loses_data", it.loses_data,
        "The data sets it can lose: needs a fresh verified backup of each, and a second "
        "person.",
        {.max = 20, .form = Form::word});
  v.key("loses_service", it.loses_service, "The services it can interrupt: needs a second person.",
        {.max = 50, .form = Form::word});
  v.key("needs", it.needs, "The least role; left out: responder for read, operator for the others.");
  v.key("target", it.target,
        "What it works on, such as `service:{service}`: two actions on the same target never run "
        "side by side. Left out: the action's name.",
        {.max = 200});
  v.key("parameters", it.parameters, "What can be filled in, in the order it is typed.", {.max = 10});
  v.key("flags", it.flags, "Option prefixes such as `--since=` after which a parameter may stand in one argument.",
        {.max = 20, .form = Form::flag_prefix});
  v.key("steps", it.steps, "What is done, one after the other; the first failure ends it.",
        {.required = true, .min = 1, .max = 20});
  v.key("verify", it.verify, "What must pass afterwards before it counts as done.", {.max = 10});
  v.key("undo", it.undo, "What takes it back.", {.max = 10});
  v.key("environment", it.environment, "Environment variables its programs see; a * at the end stands for the rest.",
        {.max = 50, .form = Form::variable});
  v.key("timeout", it.timeout, "The longest time for all steps together.", {.min = 100, .max = 86'400'000});
  v.key("output_limit", it.output_limit, "Output beyond this is cut, keeping the end.",
        {.min = 1024, .max = 64LL << 20});
  v.key("failure_lines", it.failure_lines,
        "A line of output that contains one of these is a failure, whatever the "
        "exit code says.",
        {.max = 20});
  v.key("success_lines", it.success_lines, "When given, one line of output must contain one of these.", {.max = 20});
}

}  // namespace tocsin
