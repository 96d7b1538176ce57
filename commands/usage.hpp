// How a command is printed: its word in the reader's language, its usage line, an example. All from its row.
#pragma once

#include <string>
#include <string_view>

#include "commands/command.hpp"
#include "commands/vocabulary.hpp"
#include "incidents/notice.hpp"

namespace tocsin {

/// The first of its words in the script of the locale, else its canonical path: 新建, or `ack`.
[[nodiscard]] std::string const& printed_word(Command const& command, std::string_view locale);

[[nodiscard]] std::string const& label_of(Parameter const& parameter, std::string_view locale);

/// `新建 [级别] <标题>`: required in `<>`, optional in `[]`, what can be repeated with `...`. Without flags: what is
/// printed to be sent has none; the help page shows them.
[[nodiscard]] std::string usage_of(Command const& command, std::string_view locale);

/// `--lines=<行数>`, `--private`: the named parameters, for the help page; empty when there are none.
[[nodiscard]] std::string flags_of(Command const& command, std::string_view locale);

/// A line that can be typed: the row's first example in the locale, else one made from the types of its parameters.
[[nodiscard]] std::string example_of(Command const& command, std::string_view locale);

/// What a parameter takes, as `parse.expect.*`.
[[nodiscard]] Notice expected_of(Parameter const& parameter, Vocabulary const* vocabulary, std::string_view locale);

/// All that a choice takes, as it is printed in the locale: 一级 二级 三级.
[[nodiscard]] std::vector<std::string> choices_in(Parameter const& parameter, Vocabulary const* vocabulary,
                                                  std::string_view locale);

/// The first alias of a choice in the script of the locale (二级, L2), or empty.
[[nodiscard]] std::string alias_in(Parameter const& parameter, std::string_view choice, std::string_view locale);

/// Items of a list argument, as `parse.item`.
[[nodiscard]] std::vector<Notice> items_of(std::vector<std::string> const& texts);

}  // namespace tocsin
