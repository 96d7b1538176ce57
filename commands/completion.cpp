#include "commands/completion.hpp"

#include <algorithm>

#include "commands/usage.hpp"
#include "commands/utf8.hpp"

namespace tocsin {
namespace {

constexpr std::string_view kWideSlash = "／";
constexpr std::string_view kWideSpace = "　";

bool begins_like(std::string_view text, std::string_view typed) {
  return text.size() >= typed.size() && utf8::equal_ignoring_case(text.substr(0, typed.size()), typed);
}

class Completer {
 public:
  explicit Completer(Completing const& request) : request_(request), rest_(request.typed) {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.starts_with(kWideSpace)))
      rest_.remove_prefix(rest_.front() == ' ' ? 1 : kWideSpace.size());
    if (rest_.starts_with('/') || rest_.starts_with(kWideSlash)) {
      rest_.remove_prefix(rest_.front() == '/' ? 1 : kWideSlash.size());
      slash_ = "/";
    }
  }

  std::vector<Completion> run() && {
    if (rest_.empty() && slash_.empty()) {
      for (auto const& row : request_.table.rows()) offer(printed_word(row, request_.locale), row);
      return std::move(found_);
    }
    commands();
    arguments();
    return std::move(found_);
  }

 private:
  void offer(std::string const& line, Command const& row) {
    if (request_.role < row.needs || found_.size() >= request_.limit) return;
    auto text = slash_ + line + " ";
    if (text == request_.typed) return;
    if (std::none_of(found_.begin(), found_.end(), [&](auto const& each) { return each.text == text; }))
      found_.push_back({std::move(text), row.summary_key});
  }

  void commands() {
    for (auto const& row : request_.table.rows()) {
      if (slash_.empty()) {
        auto const& first = printed_word(row, request_.locale);
        if (begins_like(first, rest_)) offer(first, row);
      }
      if (begins_like(row.name, rest_)) offer(row.name, row);
    }
    // After a slash the paths are enough, unless nobody types paths in this language.
    if (!slash_.empty() && !found_.empty()) return;
    for (auto const& row : request_.table.rows()) {
      for (auto const& word : row.words) {
        if (begins_like(word, rest_)) offer(word, row);
      }
    }
  }

  void arguments() {
    auto const match = request_.table.longest(rest_);
    if (!match) return;
    auto begin = rest_.size();
    while (begin > match->used && rest_[begin - 1] != ' ') --begin;
    if (begin == match->used) return;  // still in the command's own word
    head_ = rest_.substr(0, begin);
    piece_ = rest_.substr(begin);
    for (auto const& parameter : match->command->parameters) {
      auto const values = values_of(parameter);
      if (!parameter.repeated && given(values)) continue;
      for (auto const& value : values) {
        if (begins_like(value, piece_)) offer(std::string(head_) + value, *match->command);
      }
    }
  }

  /// Does one of them stand in the line already?
  bool given(std::vector<std::string> const& values) const {
    for (std::size_t at = 0; at < head_.size();) {
      auto const end = std::min(head_.find(' ', at), head_.size());
      auto const word = head_.substr(at, end - at);
      if (std::any_of(values.begin(), values.end(),
                      [&](auto const& value) { return !word.empty() && utf8::equal_ignoring_case(value, word); }))
        return true;
      at = end + 1;
    }
    return false;
  }

  std::vector<std::string> values_of(Parameter const& parameter) const {
    std::vector<std::string> values;
    if (piece_.starts_with('-')) {
      if (!parameter.flag_name.empty()) values.push_back("--" + parameter.flag_name);
      return values;
    }
    if (parameter.named_only) return values;
    switch (parameter.type) {
      case ParamType::severity:
        for (auto const severity : kSeverities) values.emplace_back(name_of(severity));
        break;
      case ParamType::incident:
        for (auto const id : request_.incidents) values.push_back(reference(id));
        break;
      case ParamType::person:
        for (auto const& name : request_.vocabulary.names_of_people())
          values.push_back((piece_.starts_with('@') ? "@" : "") + name);
        break;
      case ParamType::choice:
      case ParamType::word:
        values = choices_in(parameter, &request_.vocabulary, request_.locale);
        append(values, parameter.choices);
        if (!parameter.vocabulary.empty()) append(values, request_.vocabulary.words_of(parameter.vocabulary));
        break;
      case ParamType::text:
      case ParamType::number:
      case ParamType::duration:
      case ParamType::time_of_day:
      case ParamType::time_range:
      case ParamType::instant:
      case ParamType::version:
      case ParamType::flag:
        break;
    }
    return values;
  }

  /// Written like what was begun: `42` and `#4` are typed more often than `INC-42`.
  std::string reference(IncidentId id) const {
    auto const number = std::to_string(id.value);
    if (piece_.starts_with('#')) return "#" + number;
    if (!piece_.empty() && utf8::is_ascii_digit(piece_.front())) return number;
    return "INC-" + number;
  }

  static void append(std::vector<std::string>& values, std::vector<std::string> const& more) {
    for (auto const& each : more) {
      if (std::find(values.begin(), values.end(), each) == values.end()) values.push_back(each);
    }
  }

  Completing const& request_;
  std::string_view rest_;  // after blanks and the slash
  std::string slash_;
  std::string_view head_;   // what stands before the piece under the cursor
  std::string_view piece_;  // may be empty
  std::vector<Completion> found_;
};

}  // namespace

std::vector<Completion> complete(Completing const& request) { return Completer(request).run(); }

std::string common_beginning(std::vector<Completion> const& found) {
  if (found.empty()) return {};
  std::string_view common = found.front().text;
  for (auto const& each : found) {
    std::size_t same = 0;
    while (same < common.size() && same < each.text.size() && common[same] == each.text[same]) ++same;
    // Not into the middle of a character.
    while (same < common.size() && (static_cast<unsigned char>(common[same]) & 0xC0) == 0x80) --same;
    common = common.substr(0, same);
  }
  return std::string(common);
}

}  // namespace tocsin
