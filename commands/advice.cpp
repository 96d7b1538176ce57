#include "commands/advice.hpp"

#include <algorithm>

#include "commands/questions.hpp"
#include "commands/refusals.hpp"
#include "commands/suggest.hpp"
#include "commands/usage.hpp"
#include "commands/utf8.hpp"
#include "commands/values.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kFollowersColumns = 70;
/// Comparing a long message with every command helps nobody.
constexpr std::size_t kLookedAtBytes = 200;
/// What was typed and what was meant fit into one line together.
constexpr std::size_t kShortAnswerColumns = 34;
/// Behind a clear favourite the others only confuse.
constexpr double kFarBehind = 0.15;

std::string_view cut(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) --bytes;
  return text.substr(0, bytes);
}

bool has_han(std::string_view text) {
  auto const codes = utf8::decode_all(text);
  return std::any_of(codes.begin(), codes.end(), utf8::is_han);
}

struct Suggestion {
  std::string line;
  bool complete = false;  ///< it can be sent as it stands
};

/// What a near phrase stands for: what was typed after it, or, when that is not enough, the row's example (where
/// nothing can happen by trying it) or its usage.
Suggestion suggestion_for(AdviceRequest const& request, std::string const& phrase, Command const& command,
                          Near const& near) {
  auto const after = request.typed.substr(skip_spaces(request.typed, near.to));
  if (!after.empty()) {
    auto line = phrase + " " + std::string(after);
    if (request.runs(line) == &command) return {std::move(line), true};
  }
  if (request.runs(phrase) == &command) return {phrase, true};
  std::string_view const locale = has_han(phrase) ? "zh-CN" : "en";
  bool const shown = std::any_of(command.examples.begin(), command.examples.end(),
                                 [&](Example const& example) { return example.locale == locale; });
  if (command.effect == Effect::read && shown) return {example_of(command, locale), true};
  return {usage_of(command, locale), false};
}

/// 重器后端 may be 重启 后端, because that runs; 重要通知 is no 重启. Where any text would fit, nothing is proved.
bool fits_inside(AdviceRequest const& request, std::string const& phrase, Command const& command, Near const& near) {
  auto const takes_anything = [](Parameter const& parameter) {
    return parameter.type == ParamType::text || parameter.type == ParamType::word;
  };
  if (std::any_of(command.parameters.begin(), command.parameters.end(), takes_anything)) return false;
  return request.runs(phrase + " " + std::string(request.typed.substr(near.to))) == &command;
}

/// `reaching`: what looks like the phrase must go on at least to there.
std::optional<Refused> suggest_from(AdviceRequest const& request, std::vector<Phrase const*> const& phrases,
                                    std::size_t reaching) {
  std::vector<std::string> texts;
  for (auto const* phrase : phrases) texts.push_back(phrase->text);
  auto const rows = request.table.rows();
  std::vector<std::string> lines;
  std::vector<std::string> complete;
  std::vector<std::uint32_t> taken;
  auto const found = nearest_in(request.typed, texts);
  for (auto const& near : found) {
    auto const command = phrases[near.index]->command;
    if (near.inside && !fits_inside(request, texts[near.index], rows[command], near)) continue;
    bool const far_behind = near.likeness < found.front().likeness - kFarBehind;
    if (far_behind || lines.size() == kMaxSuggestions) break;
    if (near.to < reaching) continue;
    if (std::find(taken.begin(), taken.end(), command) != taken.end()) continue;
    taken.push_back(command);
    auto suggestion = suggestion_for(request, texts[near.index], rows[command], near);
    lines.push_back(suggestion.line);
    if (suggestion.complete) complete.push_back(std::move(suggestion.line));
  }
  if (lines.empty()) return {};
  std::size_t columns = 0;
  for (auto& line : lines) {
    line = utf8::one_line(line, share_of_line(lines.size()));
    columns += utf8::columns(line) + 3;
  }
  auto const input = utf8::one_line(request.typed, kQuotedColumns);
  bool const short_enough = utf8::columns(input) + columns <= kShortAnswerColumns;
  Notice notice(short_enough ? "parse.unknown_near" : "parse.unknown_near_long", {{"input", input}});
  Refused out{std::move(notice.with("near", items_of(lines))), nullptr, std::move(complete)};
  keep_usable(out.suggestions, request);
  return out;
}

/// What can follow the word of a group: open, ack, assign… after `incident`; 数据库, 系统 after 诊断.
std::string followers_of(CommandTable const& table, std::string_view group) {
  std::string out;
  for (auto const& phrase : table.phrases()) {
    auto const end = phrase.text.find(' ');
    if (end == phrase.text.npos || folded(phrase.text.substr(0, end)) != folded(group)) continue;
    out += (out.empty() ? "" : " ") + phrase.text.substr(end + 1);
  }
  return out;
}

/// `P0 网站挂了`: what was left out is the verb.
std::optional<Refused> opening(AdviceRequest const& request) {
  auto const severity = read_severity(request.typed, request.context.from_speech);
  auto const* command = request.table.find("incident open");
  if (!severity || command == nullptr || severity->used == request.typed.size()) return {};
  auto line = printed_word(*command, request.context.locale) + " " + std::string(request.typed);
  if (request.runs(line) != command) return {};
  auto const input = utf8::one_line(request.typed, kQuotedColumns);
  Notice notice("parse.unknown_near_long", {{"input", input}});
  notice.with("near", items_of({utf8::one_line(line, share_of_line(1))}));
  return Refused{std::move(notice), nullptr, {std::move(line)}};
}

Refused incomplete(std::string_view typed, std::string_view group, std::string const& followers) {
  return {Notice("parse.incomplete", {{"input", utf8::one_line(typed, kQuotedColumns)},
                                      {"word", utf8::one_line(group, kQuotedColumns)},
                                      {"choices", utf8::one_line(followers, kFollowersColumns)}}),
          nullptr,
          {}};
}

}  // namespace

void keep_usable(std::vector<std::string>& lines, AdviceRequest const& request) {
  std::erase_if(lines, [&](std::string const& line) {
    auto const* command = request.runs(line);
    return command == nullptr || command->effect == Effect::danger;
  });
}

Refused unknown_command(AdviceRequest const& whole) {
  auto request = whole;
  request.typed = cut(whole.typed, kLookedAtBytes);
  if (auto refused = opening(request)) return std::move(*refused);
  auto const group = request.typed.substr(0, word_end(request.typed, 0));
  auto const followers = followers_of(request.table, group);
  std::vector<Phrase const*> phrases;
  auto const prefix = folded(group) + " ";
  for (auto const& phrase : request.table.phrases()) {
    if (followers.empty() || folded(phrase.text).starts_with(prefix)) phrases.push_back(&phrase);
  }
  bool const alone = group.size() == request.typed.size();
  if (followers.empty() || !alone) {
    if (auto refused = suggest_from(request, phrases, 0)) return std::move(*refused);
  }
  if (!followers.empty()) return incomplete(request.typed, group, followers);
  return {Notice("parse.unknown", {{"input", utf8::one_line(request.typed, kQuotedColumns)}}), nullptr, {}};
}

std::optional<Refused> longer_command(AdviceRequest const& whole, std::string_view matched, Command const& command) {
  auto request = whole;
  request.typed = cut(whole.typed, kLookedAtBytes);
  auto const start = folded(matched);
  std::vector<Phrase const*> phrases;
  for (auto const& phrase : request.table.phrases()) {
    auto const key = folded(phrase.text);
    if (key.size() > start.size() && key.starts_with(start)) phrases.push_back(&phrase);
  }
  if (request.typed.size() == matched.size()) return {};
  if (auto refused = suggest_from(request, phrases, matched.size() + 1)) return refused;
  auto const followers = followers_of(request.table, matched);
  if (followers.empty() || !command.parameters.empty()) return {};
  return incomplete(request.typed, matched, followers);
}

}  // namespace tocsin
