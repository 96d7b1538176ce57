#include "commands/parser.hpp"

#include <algorithm>

#include "commands/address.hpp"
#include "commands/advice.hpp"
#include "commands/binder.hpp"
#include "commands/questions.hpp"
#include "commands/refusals.hpp"
#include "commands/text.hpp"
#include "commands/usage.hpp"
#include "commands/utf8.hpp"
#include "commands/values.hpp"

namespace tocsin {
namespace {

/// A suggestion is itself parsed, to see that it works; that look must not ask for suggestions again.
enum class Advice { give, withhold };

ParseOutcome parse_line(std::string_view raw, CommandTable const& table, ParseContext const& context, Advice advice);

Lexicon const& two_edged_lexicon() {
  static Lexicon const lexicon = [] {
    Lexicon out;
    std::uint32_t index = 0;
    for (auto const& word : two_edged_words()) out.add(word.word, index++);
    return out;
  }();
  return lexicon;
}

bool takes(Command const& row, ParamType type) {
  return std::any_of(row.parameters.begin(), row.parameters.end(), [&](auto const& p) { return p.type == type; });
}

/// One line that is known to be for the bot.
class LineParser {
 public:
  LineParser(Normalised const& line, Address const& address, CommandTable const& table, ParseContext const& context,
             Advice advice)
      : line_(line),
        address_(address),
        text_(std::string_view(line.text).substr(0, address.to)),
        table_(table),
        context_(context),
        advice_(advice),
        at_(address.from) {}

  ParseOutcome run() {
    if (rest().empty()) {
      if (!address_.spoken_to && !context_.addressed) return Nothing{};
      // `/ops` alone asks what there is.
      if (auto const* help = table_.find("help"); help != nullptr && address_.by_name) return command(*help, at_, at_);
      return Refused{Notice("parse.empty"), nullptr, {}};
    }
    if (auto const digit = digit_alone()) return key(*digit);
    if (auto const reference = read_reference(rest())) {
      incident_ = reference->value;
      auto const next = text_.find_first_not_of(" ,:", at_ + reference->used);
      if (next == text_.npos) return Refused{Notice("parse.reference_alone", {{"incident", *incident_}}), nullptr, {}};
      at_ = next;
    }
    auto const match = table_.longest(rest());
    auto const two_edged = two_edged_lexicon().longest(rest());
    if (two_edged && (!match || two_edged->used > match->used)) return two_edged_word(*two_edged);
    if (match) return command(*match->command, at_, at_ + match->used);
    if (auto const within = word_of_family()) return *within;
    if (auto const split = letters_and_digits()) return *split;
    return unknown();
  }

 private:
  [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }

  /// `4`, and in speech 四.
  [[nodiscard]] std::optional<char> digit_alone() const {
    if (rest().size() == 1 && utf8::is_ascii_digit(rest()[0])) return rest()[0];
    if (!context_.from_speech) return {};
    auto const spoken = read_numeral(rest());
    if (!spoken || spoken->used != rest().size() || spoken->value > 9) return {};
    return static_cast<char>('0' + spoken->value);
  }

  [[nodiscard]] ParseOutcome key(char digit) const {
    if (!context_.direct_message) return Nothing{};
    // A question with four answers, such as that for the severity, has the 4 for as long as it is the last word.
    constexpr std::size_t kFour = 4;
    if (digit == '4' && context_.suggestions.size() == kFour) return Key{digit, context_.suggestions.back()};
    if (digit == '4' || digit == '6' || digit == '8' || digit == '9') return Key{digit, {}};
    std::vector<std::pair<std::string, Arg>> const args{{"key", std::string(1, digit)}};
    if (digit < '1' || digit > '3') return Refused{Notice("parse.unknown_key", args), nullptr, {}};
    auto const index = static_cast<std::size_t>(digit - '1');
    if (index < context_.suggestions.size()) return Key{digit, context_.suggestions[index]};
    return Refused{Notice("parse.no_suggestion", args), nullptr, {}};
  }

  ParseOutcome two_edged_word(Read<std::uint32_t> const& found) {
    auto const& word = two_edged_words()[found.value];
    auto const known = context_.meanings.find(word.group);
    std::vector<Command const*> meant;
    auto const add = [&](std::string_view name) {
      if (auto const* row = table_.find(name)) meant.push_back(row);
    };
    if (known != context_.meanings.end()) {
      std::for_each(known->second.begin(), known->second.end(), add);
    } else {
      std::for_each(word.commands.begin(), word.commands.end(), add);
    }
    auto const end = at_ + found.used;
    if (known != context_.meanings.end() && meant.size() == 1) return command(*meant.front(), at_, end);
    auto const typed = line_.free_text(at_, end);
    if (meant.empty()) return Refused{Notice("parse.no_meaning", {{"word", typed}}), nullptr, {}};
    std::vector<Candidate> candidates;
    auto const after = line_.free_text(end, text_.size());
    for (auto const* row : meant) {
      auto line = printed_word(*row, context_.locale);
      if (incident_ && takes(*row, ParamType::incident)) line += " #" + std::to_string(incident_->value);
      if (!after.empty()) line += " " + after;
      candidates.push_back({std::move(line), row});
    }
    return ask_which("parse.ambiguous", typed, std::move(candidates), context_);
  }

  ParseOutcome command(Command const& row, std::size_t word_at, std::size_t word_end) {
    if (context_.from_speech && !row.voice_safe) {
      return Refused{Notice("parse.voice", {{"command", printed_word(row, context_.locale)}}), &row, {}};
    }
    bool const han_before = utf8::is_han(utf8::decode_before(text_, word_end).code);
    bool const han_after = word_end < text_.size() && utf8::is_han(utf8::decode(text_, word_end).code);
    auto people = address_.people;
    people.insert(people.end(), context_.mentioned.begin(), context_.mentioned.end());
    auto outcome = bind({row, table_, context_, line_, word_at, word_end, text_.size(), han_before && han_after,
                         incident_, std::move(people)});
    if (auto* arguments = std::get_if<Arguments>(&outcome)) return Parsed{&row, std::move(*arguments)};
    if (auto* question = std::get_if<Ambiguous>(&outcome)) return std::move(*question);
    return refused(std::move(std::get<Refused>(outcome)), text_.substr(word_at, word_end - word_at));
  }

  /// A refusal because of what follows the word may really be about a longer word.
  ParseOutcome refused(Refused why, std::string_view matched) const {
    if (advice_ == Advice::withhold) return why;
    auto const& key = why.notice.key;
    if (key == "parse.too_many" || key == "parse.wrong") {
      if (auto better = longer_command(advice_request(), matched, *why.command)) return std::move(*better);
    }
    keep_usable(why.suggestions, advice_request());
    return why;
  }

  /// `incident status`: behind the word of a family, what its commands are called elsewhere is known, too.
  std::optional<ParseOutcome> word_of_family() {
    auto const end = rest().find(' ');
    if (end == std::string_view::npos) return {};
    auto const match = table_.longest(rest().substr(end + 1));
    if (!match) return {};
    auto const family = folded(rest().substr(0, end)) + ' ';
    if (!folded(match->command->name).starts_with(family)) return {};
    auto const word_at = at_ + end + 1;
    return command(*match->command, word_at, word_at + match->used);
  }

  /// `ack42`: no command has such a name, but one has the letters, and takes a number.
  std::optional<ParseOutcome> letters_and_digits() {
    auto const letters = static_cast<std::size_t>(
        std::find_if_not(rest().begin(), rest().end(), utf8::is_ascii_letter) - rest().begin());
    if (letters == 0 || letters == rest().size() || !utf8::is_ascii_digit(rest()[letters])) return {};
    auto const* row = table_.find(rest().substr(0, letters));
    if (row == nullptr || !(takes(*row, ParamType::incident) || takes(*row, ParamType::number))) return {};
    return command(*row, at_, at_ + letters);
  }

  [[nodiscard]] ParseOutcome unknown() const {
    if (advice_ == Advice::give) return unknown_command(advice_request());
    return Refused{Notice("parse.unknown", {{"input", utf8::one_line(rest(), kQuotedColumns)}}), nullptr, {}};
  }

  [[nodiscard]] AdviceRequest advice_request() const {
    auto const runs = [this](std::string const& line) -> Command const* {
      auto direct = context_;
      direct.direct_message = true;
      auto const outcome = parse_line(line, table_, direct, Advice::withhold);
      auto const* parsed = std::get_if<Parsed>(&outcome);
      return parsed == nullptr ? nullptr : parsed->command;
    };
    return {rest(), table_, context_, runs};
  }

  Normalised const& line_;
  Address const& address_;
  std::string_view text_;  // ends where the command ends
  CommandTable const& table_;
  ParseContext const& context_;
  Advice advice_;
  std::size_t at_;
  std::optional<IncidentId> incident_;  // said before the command: INC-42 认领
};

ParseOutcome parse_line(std::string_view raw, CommandTable const& table, ParseContext const& context, Advice advice) {
  bool const always = context.direct_message || context.addressed;
  auto const line = normalise(raw);
  if (!line) {
    if (!always && !looks_addressed(raw)) return Nothing{};
    return Refused{line.error(), nullptr, {}};
  }
  auto const address = read_address(line->text, context);
  if (!always && !address.spoken_to) return Nothing{};
  return LineParser(*line, address, table, context, advice).run();
}

}  // namespace

ParseOutcome parse(std::string_view raw, CommandTable const& table, ParseContext const& context) {
  return parse_line(raw, table, context, Advice::give);
}

std::string describe(Parsed const& parsed) {
  auto const arguments = parsed.arguments.describe();
  return arguments.empty() ? parsed.command->name : parsed.command->name + " " + arguments;
}

std::string failure_of(Example const& example, Command const& command, CommandTable const& table,
                       ParseContext context) {
  context.locale = example.locale;
  context.direct_message = true;
  auto const outcome = parse(example.text, table, context);
  auto const* parsed = std::get_if<Parsed>(&outcome);
  if (parsed == nullptr) {
    auto const* refused = std::get_if<Refused>(&outcome);
    return "\"" + example.text +
           "\" is not run: " + (refused != nullptr ? refused->notice.key : "a question, or nothing");
  }
  auto const means = describe(*parsed);
  if (parsed->command == &command && means == example.means) return {};
  return "\"" + example.text + "\" means " + means + ", not " + example.means;
}

}  // namespace tocsin
