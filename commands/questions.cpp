#include "commands/questions.hpp"

#include <algorithm>

#include "commands/refusals.hpp"
#include "commands/text.hpp"
#include "commands/usage.hpp"
#include "commands/utf8.hpp"
#include "commands/values.hpp"

namespace tocsin {

Ambiguous ask_which(std::string key, std::string const& word, std::vector<Candidate> candidates,
                    ParseContext const& context) {
  std::stable_partition(candidates.begin(), candidates.end(),
                        [](Candidate const& one) { return one.command->effect != Effect::danger; });
  std::vector<Notice> choices;
  for (auto const& candidate : candidates) {
    auto const text = utf8::one_line(candidate.line, share_of_line(candidates.size()));
    if (candidate.command->effect == Effect::danger || !context.direct_message) {
      choices.push_back(Notice("parse.item", {{"text", text}}));
    } else {
      auto const number = static_cast<std::int64_t>(choices.size() + 1);
      choices.push_back(Notice("parse.choice", {{"number", number}, {"text", text}}));
    }
  }
  auto const count = static_cast<std::int64_t>(candidates.size());
  if (!context.direct_message) key += "_in_group";
  Notice notice(std::move(key), {{"word", utf8::one_line(word, kQuotedColumns)}, {"count", count}});
  return {std::move(notice.with("choices", std::move(choices))), std::move(candidates)};
}

Ambiguous ask_number_or_text(BindRequest const& request, BareNumber const& number, std::size_t text_end) {
  auto const& line = request.line;
  auto const before = line.free_text(request.from, number.at);
  auto const digits = line.free_text(number.at, number.end);
  auto const after = line.free_text(number.end, text_end);
  auto const flags = line.free_text(text_end, request.to);
  auto const start = printed_word(request.command, request.context.locale) + (before.empty() ? "" : " " + before) + " ";
  auto const end = flags.empty() ? "" : " " + flags;
  return ask_which("parse.number_or_text", digits,
                   {Candidate{start + number.marked + " " + after + end, &request.command},
                    Candidate{start + as_free_text(digits + " " + after) + end, &request.command}},
                   request.context);
}

std::optional<Ambiguous> ask_if_confused(BindRequest const& request, std::size_t at, std::size_t end) {
  auto const said = std::string_view(request.line.text).substr(at, end - at);
  auto const& locale = request.context.locale;
  Lexicon const no_choices;
  for (auto const& confusion : request.command.confusions) {
    Parameter parameter;
    parameter.type = confusion.shape;
    auto const reading = read_value({parameter, no_choices, request.context, false}, said);
    if (!reading || skip_spaces(said, reading->used) != said.size()) continue;
    auto const* other = request.table.find(confusion.command);
    auto const text = request.line.free_text(at, end);
    auto const here = printed_word(request.command, locale) + " " + as_free_text(text);
    return ask_which("parse.confused", request.line.free_text(request.word_at, end),
                     {Candidate{printed_word(*other, locale) + " " + text, other}, Candidate{here, &request.command}},
                     request.context);
  }
  return {};
}

std::string as_free_text(std::string const& text) {
  auto const plain = normalise(text);
  bool const quotes = !plain || plain->text.find_first_of("\"'") != std::string::npos;
  return quotes ? "-- " + text : '"' + text + '"';
}

}  // namespace tocsin
