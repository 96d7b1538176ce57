#include "commands/values.hpp"

#include <algorithm>
#include <array>

#include "commands/duration.hpp"
#include "commands/markup.hpp"
#include "commands/utf8.hpp"

namespace tocsin {
namespace {

bool han_at(std::string_view text, std::size_t at) {
  return at < text.size() && utf8::is_han(utf8::decode(text, at).code);
}

template <class T>
std::optional<Reading> distinctive(std::optional<Read<T>> const& read) {
  if (!read) return {};
  return Reading{read->value, read->used, true};
}

std::optional<Reading> read_number(std::string_view text) {
  constexpr std::array<std::string_view, 11> kMeasures{"行",    "条",   "个",   "次",      "级",   "份",
                                                       "lines", "line", "rows", "entries", "times"};
  bool const negative = text.starts_with('-');
  auto const count = read_count(text.substr(negative ? 1 : 0));
  if (!count) return {};
  auto at = count->used + (negative ? 1 : 0);
  auto const spaced = skip_spaces(text, at);
  auto const measure = starts_with_any(text.substr(spaced), kMeasures);
  bool const key = spaced + measure < text.size() && text[spaced + measure] == '=';  // `lines=5 lines=6`
  bool const measured = measure != 0 && !key && utf8::is_word_end(text, spaced + measure);
  if (measured) at = spaced + measure;
  if (!utf8::is_word_end(text, at) || han_at(text, at)) return {};
  return Reading{negative ? -count->value : count->value, at, measured};
}

/// A bare number may count something; with a colon behind it, it addresses: `42: 已重启`.
std::optional<Reading> read_incident(std::string_view text) {
  if (auto const reference = read_reference(text)) return distinctive(std::optional(*reference));
  auto const digits = read_digits(text);
  if (!digits || digits->value == 0) return {};
  auto const at = digits->used;
  IncidentId const id{digits->value};
  bool const colon =
      at < text.size() && text[at] == ':' && (at + 1 == text.size() || !utf8::is_ascii_digit(text[at + 1]));
  if (colon) return Reading{id, at + 1, true};
  if (!utf8::is_word_end(text, at) || han_at(text, at)) return {};
  return Reading{id, at, false};
}

/// `@name`, `<@ID>`, `<@ID|name>`, a bare known name. A name that goes on in Han may be another, longer name.
std::optional<Reading> read_person(std::string_view text, Vocabulary const* vocabulary) {
  if (vocabulary == nullptr) return {};
  if (text.starts_with("<@")) {
    auto const end = text.find('>');
    if (end == text.npos) return {};
    auto const person = vocabulary->person(text.substr(2, std::min(text.find('|'), end) - 2));
    if (!person) return {};
    return Reading{*person, end + 1, true};
  }
  std::size_t const sign = text.starts_with('@') ? 1 : 0;
  auto const person = vocabulary->longest_person(text.substr(sign));
  if (!person || han_at(text, sign + person->used)) return {};
  return Reading{person->value, sign + person->used, true};
}

std::optional<Reading> read_choice(ReadRequest const& request, std::string_view text) {
  std::optional<Reading> best;
  if (auto const choice = request.choices.longest(text)) {
    best = Reading{request.parameter.choices[choice->value], choice->used, true};
  }
  auto const* vocabulary = request.context.vocabulary;
  if (vocabulary == nullptr || request.parameter.vocabulary.empty()) return best;
  auto const word = vocabulary->longest_word(request.parameter.vocabulary, text);
  if (!word || (best && best->used >= word->used)) return best;
  if (request.text_follows && han_at(text, word->used)) return best;
  return Reading{word->value, word->used, true};
}

std::optional<Reading> read_word(ReadRequest const& request, std::string_view text) {
  auto const end = word_end(text, 0);
  if (auto known = read_choice(request, text); known && known->used >= end) return known;
  auto const word = address_of(text.substr(0, end));
  // A word that looks like an option could become one on the command line of some program.
  if (word.empty() || word.size() > kMaxWordBytes || word.starts_with('-')) return {};
  return Reading{std::string(word), end, false};
}

std::optional<Reading> read_version(std::string_view text) {
  std::size_t at = 0;
  bool digit = false;
  bool plain = true;  // v2.8.1: digits and dots after an optional v
  while (at < text.size()) {
    char const c = text[at];
    bool const is_digit = utf8::is_ascii_digit(c);
    if (!is_digit && !utf8::is_ascii_letter(c) && std::string_view("._+-").find(c) == std::string_view::npos) break;
    digit = digit || is_digit;
    plain = plain && (is_digit || c == '.' || (at == 0 && utf8::lower(c) == 'v'));
    ++at;
  }
  auto const version = text.substr(0, at);
  if (!digit || at > 128 || text[0] == '-' || text[0] == '.' || word_end(text, 0) != at) return {};
  return Reading{std::string(version), at, plain && version.find('.') != version.npos};
}

std::optional<Reading> read_length(std::string_view text) {
  constexpr std::array<std::string_view, 6> kNotALength{"以前", "之前", "以后", "之后", "前", "后"};
  auto const length = read_duration(text);
  if (!length || !utf8::is_word_end(text, length->used)) return {};
  if (starts_with_any(text.substr(length->used), kNotALength) != 0) return {};
  return Reading{length->value, length->used, true};
}

}  // namespace

std::size_t word_end(std::string_view text, std::size_t at) noexcept {
  return std::min(text.find_first_of(" ,", at), text.size());
}

std::optional<Range> bounds_of(Parameter const& parameter) {
  if (parameter.range || parameter.type != ParamType::duration) return parameter.range;
  return Range{kMinDuration.count(), kMaxDuration.count()};
}

bool in_bounds(Parameter const& parameter, ArgValue const& value) {
  auto const bounds = bounds_of(parameter);
  if (!bounds) return true;
  auto const* length = std::get_if<Millis>(&value);
  auto const* number = std::get_if<std::int64_t>(&value);
  if (length == nullptr && number == nullptr) return true;
  auto const size = length != nullptr ? length->count() : *number;
  return size >= bounds->min && size <= bounds->max;
}

std::optional<Read<Severity>> read_severity(std::string_view text, bool from_speech) {
  constexpr std::array<std::string_view, 5> kDigits{"零", "一", "二", "三", "〇"};
  if (text.empty() || utf8::lower(text[0]) != 'p') return {};
  std::size_t at = from_speech ? skip_spaces(text, 1) : 1;
  if (at >= text.size()) return {};
  std::size_t level = kSeverities.size();
  if (text[at] >= '0' && text[at] <= '3') {
    level = static_cast<std::size_t>(text[at++] - '0');
  } else {
    for (std::size_t i = 0; i < kDigits.size(); ++i) {
      if (!text.substr(at).starts_with(kDigits[i])) continue;
      level = i % 4;
      at += kDigits[i].size();
      break;
    }
  }
  if (level == kSeverities.size() || !utf8::is_word_end(text, at)) return {};
  at += starts_with_any(text.substr(at), std::array<std::string_view, 2>{"级别", "级"});
  return Read<Severity>{kSeverities[level], at};
}

std::optional<Read<IncidentId>> read_reference(std::string_view text) {
  constexpr std::string_view kNumber = "号";
  constexpr std::array<std::string_view, 3> kNouns{"事件", "故障", "单"};
  std::size_t at = 0;
  bool marked = false;
  if (starts_with_any(text, std::array<std::string_view, 1>{"inc"}) != 0) {
    at = 3;
    if (at < text.size() && (text[at] == '-' || text[at] == ' ' || text[at] == '#' || text[at] == '_')) ++at;
    marked = true;
  } else if (text.starts_with('#')) {
    at = 1;
    marked = true;
  } else if (text.starts_with("第")) {
    at = std::string_view("第").size();
  }
  auto const count = marked ? read_digits(text.substr(at)) : read_count(text.substr(at));
  if (!count || count->value == 0) return {};
  at += count->used;
  bool const named = text.substr(at).starts_with(kNumber);
  if (named) {
    at += kNumber.size();
    at += starts_with_any(text.substr(at), kNouns);
  }
  if (!(marked || named) || !utf8::is_word_end(text, at)) return {};
  return Read<IncidentId>{IncidentId{count->value}, at};
}

std::optional<Reading> read_value(ReadRequest const& request, std::string_view text) {
  if (text.empty()) return {};
  switch (request.parameter.type) {
    case ParamType::word:
      return read_word(request, text);
    case ParamType::number:
      return read_number(text);
    case ParamType::severity:
      return distinctive(read_severity(text, request.context.from_speech));
    case ParamType::incident:
      return read_incident(text);
    case ParamType::person:
      return read_person(text, request.context.vocabulary);
    case ParamType::duration:
      return read_length(text);
    case ParamType::time_of_day:
      return distinctive(read_time_of_day(text));
    case ParamType::time_range:
      return distinctive(read_time_range(text));
    case ParamType::instant:
      return distinctive(read_moment(text));
    case ParamType::choice:
      return read_choice(request, text);
    case ParamType::version:
      return read_version(text);
    case ParamType::text:
    case ParamType::flag:
      return {};
  }
  return {};
}

}  // namespace tocsin
