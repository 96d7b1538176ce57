#include "commands/binder.hpp"

#include <algorithm>
#include <array>

#include "commands/flags.hpp"
#include "commands/free_text.hpp"
#include "commands/markup.hpp"
#include "commands/places.hpp"
#include "commands/questions.hpp"
#include "commands/refusals.hpp"
#include "commands/usage.hpp"
#include "commands/utf8.hpp"
#include "commands/values.hpp"

namespace tocsin {
namespace {

using Stop = std::variant<Refused, Ambiguous>;

bool is_separator(char c) { return c == ' ' || c == ','; }

std::size_t characters_of(std::string_view text) { return utf8::decode_all(text).size(); }

/// What those mentioned outside of the arguments are for: what the line itself leaves open, or the first place.
enum class People { fill_gaps, come_first };

/// Walks over the line once, from left to right, and gives each piece to the parameter that it fits.
class Binder {
 public:
  Binder(BindRequest const& request, People people)
      : request_(request),
        people_(people),
        refuse_(request),
        text_(std::string_view(request.line.text).substr(0, request.to)),
        at_(request.from),
        places_(request.command) {}

  BindOutcome run() {
    if (request_.incident && !put_first(ParamType::incident, *request_.incident)) stop(refuse_.too_many(0));
    if (people_ == People::come_first) put_people();
    while (!stop_ && skip_separators()) step();
    if (!stop_) finish();
    if (!stop_) return places_.take();
    return std::visit([](auto& stop) { return BindOutcome(std::move(stop)); }, *stop_);
  }

 private:
  [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }

  bool skip_separators() {
    // 新建：P0：网站… A colon that stands alone begins something else, :smile: for one.
    if (at_ < text_.size() && text_[at_] == ':' && at_ > 0 && !is_separator(text_[at_ - 1])) ++at_;
    while (at_ < text_.size() && is_separator(text_[at_])) ++at_;
    return at_ < text_.size();
  }

  void step() {
    bool const glued = request_.glued && at_ == request_.from;
    if (take_end_of_flags() || (!flags_over_ && take_flag())) return;
    if (take_quoted()) return;
    if (take_distinctive() || take_loose(glued)) return;
    if (auto const failed =
            places_.first_open([](Parameter const& p) { return p.required && p.type != ParamType::text; })) {
      return stop(refuse_.wrong(places_[*failed], at_, piece_end()));
    }
    if (auto const text = places_.open_text()) {
      if (glued && !places_[*text].required) return stop(refuse_.glued(at_));
      return take_text(*text);
    }
    refuse_piece(glued);
  }

  void refuse_piece(bool glued) {
    if (auto const again = already_given()) return stop(refuse_.twice(places_[*again], at_, piece_end()));
    if (glued) return stop(refuse_.glued(at_));
    auto const open = places_.first_open([](Parameter const& p) { return p.type != ParamType::text; });
    auto const key = rest().substr(0, word_end(rest(), 0));
    if (auto const sign = key.find('='); sign != key.npos && sign != 0) {
      return stop(refuse_.unknown_flag(key.substr(0, sign)));
    }
    if (open) return stop(refuse_.wrong(places_[*open], at_, piece_end()));
    stop(refuse_.too_many(at_));
  }

  /// One past the piece at hand, for quoting it in a refusal.
  [[nodiscard]] std::size_t piece_end() const { return std::max(word_end(text_, at_), at_ + 1); }

  /// `--`: what follows is free text, or at least no flag.
  bool take_end_of_flags() {
    if (flags_over_ || !rest().starts_with("--") || (rest().size() > 2 && rest()[2] != ' ')) return false;
    flags_over_ = true;
    at_ += 2;
    if (auto const text = places_.open_text(); text && skip_separators()) put_text(*text, at_, text_.size());
    return true;
  }

  bool take_flag() {
    auto const flag = read_flag(request_.command, rest());
    if (!flag) return false;
    if (flag->parameter == kUnknownFlag) {
      // A single dash before a letter begins a flag only where there is one of that name.
      if (!rest().starts_with("--") && places_.open_text()) return false;
      stop(refuse_.unknown_flag(flag->name));
      return true;
    }
    auto const& parameter = places_[flag->parameter];
    auto const value_at = at_ + flag->value_at;
    if (places_.count(flag->parameter) != 0 && !parameter.repeated) {
      stop(refuse_.twice(parameter, at_, at_ + flag->used));
    } else if (flag->open_quote) {
      stop(refuse_.open_quote(value_at));
    } else if (parameter.type == ParamType::flag) {
      take_switch(flag->parameter, *flag);
    } else if (flag->value_size == 0) {
      stop(refuse_.flag_needs_value(parameter));
    } else if (parameter.type == ParamType::text) {
      auto const end = at_ + flag->used;
      put_text(flag->parameter, value_at, value_at + flag->value_size);
      at_ = end;
    } else {
      take_flag_value(flag->parameter, *flag);
    }
    return true;
  }

  void take_switch(std::size_t index, Flag const& flag) {
    auto const on = flag.joined ? switch_of(text_.substr(at_ + flag.value_at, flag.value_size)) : true;
    auto const end = at_ + flag.used;
    if (!on) return stop(refuse_.flag_takes_no_value(places_[index], at_ + flag.value_at, end));
    put(index, *on, at_, end);
    at_ = end;
  }

  void take_flag_value(std::size_t index, Flag const& flag) {
    auto const value_at = at_ + flag.value_at;
    auto const seen = flag.quoted || flag.joined ? text_.substr(value_at, flag.value_size) : text_.substr(value_at);
    auto const reading = flag.quoted ? read_quoted(index, seen) : read(index, seen);
    bool const whole = reading && (reading->used == seen.size() || is_separator(seen[reading->used]));
    if (!whole) return stop(refuse_.wrong(places_[index], value_at, value_at + flag.value_size));
    put(index, reading->value, value_at, value_at + reading->used);
    at_ = flag.quoted ? at_ + flag.used : value_at + reading->used;
  }

  /// A quoted piece: a word with spaces in it, or the whole of the free text.
  bool take_quoted() {
    char const quote = rest()[0];
    if (quote != '"' && quote != '\'') return false;
    auto const close = text_.find(quote, at_ + 1);
    if (close == text_.npos) {
      if (quote == '\'') return false;  // 'tis
      stop(refuse_.open_quote(at_));
      return true;
    }
    auto const inside = text_.substr(at_ + 1, close - at_ - 1);
    bool const word_ends = close + 1 == text_.size() || is_separator(text_[close + 1]);
    for (std::size_t i = 0; word_ends && i < places_.size(); ++i) {
      auto const& parameter = places_[i];
      bool const may_be_text = places_.open_text() && !parameter.required && parameter.type != ParamType::word;
      if (!places_.takes_more(i) || may_be_text) continue;
      auto const reading = read_quoted(i, inside);
      if (!reading || reading->used != inside.size()) continue;
      put(i, reading->value, at_, close + 1);
      at_ = close + 1;
      return true;
    }
    return false;
  }

  [[nodiscard]] std::optional<Reading> read_quoted(std::size_t index, std::string_view inside) const {
    bool const word = places_[index].type == ParamType::word;
    bool const plain = !inside.empty() && inside.size() <= kMaxWordBytes && inside[0] != '-';
    if (word) return plain ? std::optional(Reading{std::string(inside), inside.size(), false}) : std::nullopt;
    return read(index, inside);
  }

  bool take_distinctive() {
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (!places_.takes_more(i)) continue;
      if (auto const reading = read(i, rest()); reading && reading->distinctive) return take(i, *reading), true;
      if (take_after_lead(i)) return true;
    }
    return false;
  }

  bool take_after_lead(std::size_t index) {
    for (auto const& lead : places_[index].leads) {
      if (starts_with_any(rest(), std::array<std::string_view, 1>{lead}) == 0) continue;
      if (!utf8::is_word_end(rest(), lead.size())) continue;
      auto const value_at = skip_spaces(text_, at_ + lead.size());
      auto const reading = read(index, text_.substr(value_at));
      if (!reading) continue;
      at_ = value_at;
      return take(index, *reading), true;
    }
    return false;
  }

  bool take_loose(bool glued) {
    for (std::size_t i = 0; i < places_.size(); ++i) {
      auto const& parameter = places_[i];
      if (!places_.takes_more(i) || (glued && !parameter.required)) continue;
      auto const reading = read(i, rest());
      if (!reading) continue;
      return take(i, *reading), true;
    }
    return false;
  }

  void take(std::size_t index, Reading const& reading) {
    auto const end = at_ + reading.used;
    auto const piece = text_.substr(at_, reading.used);
    if (!places_[index].required && std::all_of(piece.begin(), piece.end(), utf8::is_ascii_digit)) {
      bare_number_ = BareNumber{at_, end, unmistakable(places_[index], reading.value)};
    }
    put(index, reading.value, at_, end);
    at_ = end;
  }

  /// A way to say the value that is no bare number: #42, 二级; empty when there is none.
  [[nodiscard]] std::string unmistakable(Parameter const& parameter, ArgValue const& value) const {
    if (auto const* incident = std::get_if<IncidentId>(&value)) return "#" + std::to_string(incident->value);
    auto const* choice = std::get_if<std::string>(&value);
    if (choice == nullptr || parameter.type != ParamType::choice) return {};
    return alias_in(parameter, *choice, request_.context.locale);
  }

  [[nodiscard]] std::optional<Reading> read(std::size_t index, std::string_view text) const {
    auto const& choices = request_.table.choices_of(request_.command, index);
    return read_value({places_[index], choices, request_.context, places_.open_text().has_value()}, text);
  }

  /// A second value of a kind that is taken: `ack #42 #43`.
  [[nodiscard]] std::optional<std::size_t> already_given() const {
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (places_.count(i) == 0 || places_[i].repeated) continue;
      if (auto const reading = read(i, rest()); reading && reading->distinctive) return i;
    }
    return {};
  }

  void take_text(std::size_t index) {
    auto const severity = places_.index_of(ParamType::severity);
    if (severity && places_.count(*severity) != 0) {
      // Two at the front can't both be meant; one further on is part of the text.
      if (auto const again = read(*severity, rest())) {
        return stop(refuse_.twice(places_[*severity], at_, at_ + again->used));
      }
    }
    if (severity && places_.count(*severity) == 0 &&
        looks_like_severity(text_.substr(at_, word_end(text_, at_) - at_))) {
      return stop(refuse_.wrong(places_[*severity], at_, piece_end()));
    }
    // 静默 DiskWarn 5: five of what? Not a reason.
    if (auto const length = places_.first_open([](Parameter const& p) { return p.type == ParamType::duration; })) {
      auto const digits = read_digits(rest());
      if (digits && at_ + digits->used == word_end(text_, at_)) {
        return stop(refuse_.wrong(places_[*length], at_, piece_end()));
      }
    }
    auto const end = flags_over_ ? text_.size() : at_ + trailing_flags(request_.command, rest());
    bool const quoted = text_[at_] == '"';
    if (!quoted && bare_number_ && !bare_number_->marked.empty() && after_separators(bare_number_->end) == at_) {
      return stop(ask_number_or_text(request_, *bare_number_, end));
    }
    if (auto other = ask_if_confused(request_, at_, end)) return stop(std::move(*other));
    if (quoted_whole(index, end)) return;
    if (severity && places_.count(*severity) == 0 && cut_severity(*severity, index, end)) return;
    if (!stop_) put_text(index, at_, end);
  }

  /// Quotes around all of the text are no part of it; quotes inside are.
  bool quoted_whole(std::size_t index, std::size_t end) {
    char const quote = text_[at_];
    if (quote != '"' && quote != '\'') return false;
    auto last = end;
    while (last > at_ + 1 && text_[last - 1] == ' ') --last;
    auto const close = text_.find(quote, at_ + 1);
    if (close == text_.npos || close >= end) {
      if (quote == '"') stop(refuse_.open_quote(at_));
      return quote == '"';
    }
    if (close + 1 != last) return false;
    put_text(index, at_ + 1, close);
    at_ = end;
    return true;
  }

  /// A severity anywhere in the text of a command that still wants one is taken out of it.
  bool cut_severity(std::size_t severity, std::size_t index, std::size_t end) {
    auto found = severity_in(request_.line, at_, end, request_.context.from_speech);
    if (!found) return false;
    if (found->other_end != 0) {
      stop(refuse_.twice(places_[severity], found->other_at, found->other_end));
      return true;
    }
    put(severity, found->severity, at_, end);
    put_whole_text(index, std::move(found->rest));
    at_ = end;
    return true;
  }

  void put_text(std::size_t index, std::size_t from, std::size_t to) {
    put_whole_text(index, request_.line.free_text(from, to));
    at_ = std::max(at_, to);
  }

  void put_whole_text(std::size_t index, std::string text) {
    auto const& parameter = places_[index];
    text = without_markup(text, request_.context.vocabulary);
    if (text.empty()) return;
    auto const size = static_cast<std::int64_t>(characters_of(text));
    if (parameter.range && (size < parameter.range->min || size > parameter.range->max)) {
      return stop(refuse_.too_long(parameter, characters_of(text)));
    }
    places_.put(index, std::move(text));
  }

  void put(std::size_t index, ArgValue const& value, std::size_t from, std::size_t to) {
    auto const& parameter = places_[index];
    if (!in_bounds(parameter, value)) return stop(refuse_.out_of_range(parameter, value));
    if (places_.count(index) == kMaxRepeated) return stop(refuse_.too_many_values(parameter));
    if (places_.count(index) != 0 && !parameter.repeated) return stop(refuse_.twice(parameter, from, to));
    if (auto const* person = std::get_if<PersonId>(&value)) placed_.push_back(*person);
    places_.put(index, value);
  }

  void finish() {
    if (people_ == People::fill_gaps) put_people();
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (places_[i].required && places_.count(i) == 0) return stop(refuse_.missing(places_[i]));
    }
    for (auto const& group : request_.command.exclusive) {
      Parameter const* first = nullptr;
      for (std::size_t i = 0; i < places_.size(); ++i) {
        bool const named = std::find(group.begin(), group.end(), places_[i].name) != group.end();
        if (!named || places_.count(i) == 0) continue;
        if (first != nullptr) return stop(refuse_.together(*first, places_[i]));
        first = &places_[i];
      }
    }
  }

  /// Somebody may simply have been told about the command: then there is no place for them, and no harm.
  void put_people() {
    for (auto const& person : request_.people) {
      bool const has_place = std::find(placed_.begin(), placed_.end(), person) != placed_.end();
      if (!has_place) put_first(ParamType::person, person);
    }
  }

  /// Gives a value to the first parameter of its type that is open.
  bool put_first(ParamType type, ArgValue const& value) {
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (places_[i].type != type || !places_.takes_more(i)) continue;
      put(i, value, request_.word_at, request_.word_at);
      return true;
    }
    return false;
  }

  [[nodiscard]] std::size_t after_separators(std::size_t at) const {
    while (at < text_.size() && is_separator(text_[at])) ++at;
    return at;
  }

  void stop(Stop why) {
    if (!stop_) stop_ = std::move(why);
  }

  BindRequest const& request_;
  People people_;
  Refusals refuse_;
  std::string_view text_;
  std::size_t at_;
  Places places_;
  std::optional<Stop> stop_;
  std::optional<BareNumber> bare_number_;
  std::vector<PersonId> placed_;
  bool flags_over_ = false;
};

}  // namespace

BindOutcome bind(BindRequest const& request) {
  auto outcome = Binder(request, People::fill_gaps).run();
  if (request.people.empty() || !std::holds_alternative<Refused>(outcome)) return outcome;
  // `@李雷 呼叫 数据库起不来`: who was mentioned before the word is whom it is about.
  auto other = Binder(request, People::come_first).run();
  return std::holds_alternative<Arguments>(other) ? other : outcome;
}

}  // namespace tocsin
