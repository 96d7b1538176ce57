#include "commands/command.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>

#include "commands/utf8.hpp"

namespace tocsin {
namespace {

[[noreturn]] void broken(Command const& row, std::string const& what) {
  throw std::logic_error("command \"" + row.name + "\": " + what);
}

void check_parameter(Command const& row, Parameter const& parameter) {
  auto const& name = parameter.name;
  if (name.empty()) broken(row, "a parameter has no name");
  bool const flag = parameter.type == ParamType::flag;
  if (flag && (parameter.flag_name.empty() || parameter.required)) broken(row, name + ": a flag is named and optional");
  if (parameter.named_only && parameter.flag_name.empty()) broken(row, name + ": named only, but without a name");
  if (parameter.type == ParamType::choice && parameter.choices.empty() && parameter.vocabulary.empty()) {
    broken(row, name + ": a choice of nothing");
  }
  if (parameter.repeated && (parameter.type == ParamType::text || flag)) broken(row, name + ": cannot be repeated");
  if (parameter.range && parameter.range->min > parameter.range->max) broken(row, name + ": an empty range");
  for (auto const& [alias, choice] : parameter.aliases) {
    auto const& choices = parameter.choices;
    if (std::find(choices.begin(), choices.end(), choice) == choices.end()) {
      broken(row, name + ": alias " + alias + " means no choice");
    }
  }
}

void check_parameters(Command const& row) {
  std::set<std::string> names;
  std::set<std::string> flags;
  bool text = false;
  bool optional_word = false;
  for (auto const& parameter : row.parameters) {
    check_parameter(row, parameter);
    if (!names.insert(parameter.name).second) broken(row, parameter.name + ": two parameters");
    if (!parameter.flag_name.empty() && !flags.insert(utf8::lower(parameter.flag_name)).second) {
      broken(row, parameter.flag_name + ": two flags");
    }
    if (parameter.type == ParamType::flag || parameter.named_only) continue;
    if (text) broken(row, parameter.name + ": after the text nothing has a place");
    text = parameter.type == ParamType::text;
    bool const word = parameter.type == ParamType::word;
    if (word && parameter.required && optional_word) broken(row, parameter.name + ": which word is it?");
    optional_word = optional_word || (word && (!parameter.required || parameter.repeated));
  }
  for (auto const& group : row.exclusive) {
    for (auto const& name : group) {
      if (!names.contains(name)) broken(row, name + ": excluded, but no parameter");
    }
  }
}

void check_row(Command const& row) {
  if (row.name.empty()) broken(row, "no name");
  if (row.effect == Effect::danger && row.voice_safe) broken(row, "danger is never safe by voice");
  check_parameters(row);
}

constexpr std::array<std::string_view, 2> kConfirm{"incident ack", "run"};
constexpr std::array<std::string_view, 3> kRecover{"incident mitigate", "incident resume", "restore database"};
constexpr std::array<std::string_view, 2> kRollBack{"fix redeploy", "fix rollback"};
constexpr std::array kTwoEdged{
    TwoEdged{"确认", "确认", kConfirm},      TwoEdged{"confirm", "确认", kConfirm},
    TwoEdged{"恢复", "恢复", kRecover},      TwoEdged{"recover", "恢复", kRecover},
    TwoEdged{"recovered", "恢复", kRecover}, TwoEdged{"回滚", "回滚", kRollBack},
    TwoEdged{"rollback", "回滚", kRollBack}, TwoEdged{"roll back", "回滚", kRollBack},
};

}  // namespace

std::string_view name_of(ParamType type) noexcept {
  constexpr std::array<std::string_view, 13> kNames{"word",   "text",     "number",      "severity",   "incident",
                                                    "person", "duration", "time_of_day", "time_range", "instant",
                                                    "choice", "version",  "flag"};
  return kNames[static_cast<std::size_t>(type)];
}

std::span<TwoEdged const> two_edged_words() noexcept { return kTwoEdged; }

CommandTable::CommandTable(std::vector<Command> rows) : rows_(std::move(rows)) {
  for (std::uint32_t i = 0; i < rows_.size(); ++i) {
    auto const& row = rows_[i];
    check_row(row);
    claim(row.name, i);
    for (auto const& word : row.words) claim(word, i);
    auto& lexicons = choices_.emplace_back();
    for (auto const& parameter : row.parameters) {
      auto& lexicon = lexicons.emplace_back();
      std::uint32_t index = 0;
      for (auto const& choice : parameter.choices) {
        if (!lexicon.add(choice, index)) broken(row, choice + ": two choices, or too long");
        for (auto const& [alias, meant] : parameter.aliases) {
          if (meant == choice && !lexicon.add(alias, index)) broken(row, alias + ": two meanings, or too long");
        }
        ++index;
      }
    }
  }
  for (auto const& row : rows_) {
    for (auto const& confusion : row.confusions) {
      if (find(confusion.command) == nullptr) broken(row, confusion.command + ": confused with no command");
    }
  }
}

void CommandTable::claim(std::string const& phrase, std::uint32_t row) {
  auto const& owner = rows_[row];
  auto const key = folded(phrase);
  if (key.size() == 1 && utf8::is_ascii_digit(key[0])) broken(owner, phrase + ": digits are keys");
  for (auto const& word : two_edged_words()) {
    if (key == folded(word.word)) broken(owner, phrase + ": has several meanings");
  }
  if (auto const known = lexicon_.exact(phrase)) {
    auto const& other = rows_[phrases_[*known].command];
    if (&other != &owner) broken(owner, phrase + ": already said for \"" + other.name + "\"");
    return;  // two spellings that fold into one
  }
  if (!lexicon_.add(phrase, static_cast<std::uint32_t>(phrases_.size()))) broken(owner, phrase + ": no word to say");
  phrases_.push_back({phrase, row});
}

std::optional<CommandTable::Match> CommandTable::longest(std::string_view text) const {
  auto const found = lexicon_.longest(text);
  if (!found) return {};
  auto const& phrase = phrases_[found->value];
  return Match{&rows_[phrase.command], phrase.text, found->used};
}

Command const* CommandTable::find(std::string_view phrase) const {
  auto const found = lexicon_.exact(phrase);
  return found ? &rows_[phrases_[*found].command] : nullptr;
}

Lexicon const& CommandTable::choices_of(Command const& command, std::size_t parameter) const {
  auto const row = static_cast<std::size_t>(&command - rows_.data());
  return choices_.at(row).at(parameter);
}

}  // namespace tocsin
