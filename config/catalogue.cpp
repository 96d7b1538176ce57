#include "config/catalogue.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "config/text.hpp"
#include "config/wording.hpp"
#include "config/yaml_tree.hpp"

namespace tocsin {
namespace {

constexpr int kMaxNesting = 8;
constexpr std::size_t kMaxShownArguments = 20;
constexpr std::array<std::string_view, 4> kSeverityMarks{"🔴", "🟠", "🟡", "🔵"};
/// Arguments that put a mark in front of the whole message, in this order, when they are there and not zero.
constexpr std::array<std::string_view, 3> kMarks{"drill", "late", "may_repeat"};

struct IsEmpty {
  bool operator()(std::string const& text) const { return text.empty(); }
  bool operator()(PersonId const& person) const { return person.empty(); }
  bool operator()(IncidentId id) const { return !id; }
  bool operator()(std::vector<Notice> const& list) const { return list.empty(); }
  template <class T>
  bool operator()(T const&) const {
    return false;
  }
};

/// There, and not zero.
bool is_set(Notice const& notice, std::string_view name) {
  auto const* argument = notice.find(name);
  auto const* number = argument != nullptr ? std::get_if<std::int64_t>(argument) : nullptr;
  return argument != nullptr && (number == nullptr || *number != 0);
}

bool is_empty(Arg const* argument) { return argument == nullptr || std::visit(IsEmpty{}, *argument); }

std::optional<Locale> locale_of_file(std::string_view name) {
  auto const folder = name.substr(0, name.find('/'));
  for (auto const locale : kLocales) {
    if (folder == name_of(locale)) return locale;
  }
  return std::nullopt;
}

}  // namespace

/// One call of `render`.
class Rendering {
 public:
  Rendering(Catalogue const& catalogue, Reader const& reader, Notice const& whole)
      : catalogue_(catalogue), reader_(reader), seconds_(is_set(whole, "drill") || is_set(whole, "speed")) {}

  std::string message(Notice const& notice, int depth) const {
    auto const text = catalogue_.find(notice.key, reader_.locale);
    if (!text || depth > kMaxNesting) {
      catalogue_.unknown_->fetch_add(1);
      return unknown(notice, depth);
    }
    auto const parsed = parse_template(*text);
    std::string out;
    for (auto const& line : parsed->lines) {
      auto const empty = [&](std::string const& name) { return is_empty(notice.find(name)); };
      if (std::any_of(line.needs.begin(), line.needs.end(), empty)) continue;
      if (!std::all_of(line.refuses.begin(), line.refuses.end(), empty)) continue;
      auto const limit = out.empty() && depth == 0 ? kAskColumns : kLineColumns;
      if (!out.empty()) out += '\n';
      out += line_of(line, notice, limit, depth);
    }
    return out.empty() ? unknown(notice, depth) : out;
  }

  std::string marks(Notice const& notice) const {
    std::string out;
    for (auto const name : kMarks) {
      auto const* argument = notice.find(name);
      if (is_empty(argument) || !is_set(notice, name)) continue;
      out += message(Notice("mark." + std::string(name)).with(std::string(name), *argument), 1);
    }
    return out;
  }

 private:
  std::string line_of(TemplateLine const& line, Notice const& notice, std::size_t limit, int depth) const {
    std::vector<std::string> parts;
    Arg const* fitted = nullptr;
    std::size_t fitted_at = 0;
    std::size_t used = 0;
    for (auto const& piece : line.pieces) {
      parts.push_back(piece.text);
      used += columns(piece.text);
      // A line is measured without it: where it is needed, lines may be longer.
      if (piece.hole.address) parts.push_back(reader_.address);
      if (piece.hole.argument.empty()) continue;
      auto const* argument = notice.find(piece.hole.argument);
      if (piece.hole.format == HoleFormat::fit && argument != nullptr &&
          std::holds_alternative<std::string>(*argument)) {
        fitted = argument;
        fitted_at = parts.size();
        parts.emplace_back();
        continue;
      }
      parts.push_back(value(argument, piece.hole, depth));
      used += columns(parts.back());
    }
    if (fitted != nullptr) {
      auto const room = std::max(kLeastFitColumns, limit > used ? limit - used : 0);
      parts[fitted_at] = escaped(cut_columns(harmless(std::get<std::string>(*fitted)), room));
    }
    std::string out;
    for (auto const& part : parts) out += part;
    return out;
  }

  std::string value(Arg const* argument, Hole const& hole, int depth) const {
    if (is_empty(argument)) return word("unknown", depth);
    if (hole.plural) return number_of(*argument) == 1 ? hole.one : hole.many;
    return std::visit([&](auto const& each) { return shown(each, hole, depth); }, *argument);
  }

  static std::int64_t number_of(Arg const& argument) {
    if (auto const* number = std::get_if<std::int64_t>(&argument)) return *number;
    if (auto const* list = std::get_if<std::vector<Notice>>(&argument)) return static_cast<std::int64_t>(list->size());
    return 0;
  }

  std::string shown(std::string const& text, Hole const& hole, int depth) const {
    if (hole.format == HoleFormat::word) {
      auto const key = "word." + text;
      if (catalogue_.find(key, reader_.locale)) return message(Notice(key), depth + 1);
    }
    auto const clean = harmless(text, reader_.foreign);
    return escaped(hole.format == HoleFormat::columns ? cut_columns(clean, hole.columns) : clean);
  }
  std::string shown(std::int64_t number, Hole const& hole, int) const {
    if (hole.format == HoleFormat::percent) return std::to_string(number) + " %";
    if (hole.format == HoleFormat::bytes) return worded_bytes(number);
    return std::to_string(number);
  }
  std::string shown(Instant at, Hole const& hole, int) const {
    auto const plain = worded(at, reader_.now, reader_.zone, hole.format, seconds_);
    bool const of_the_day = hole.format != HoleFormat::date && hole.format != HoleFormat::full;
    return reader_.instants && of_the_day ? reader_.instants(at, plain) : plain;
  }
  std::string shown(Millis length, Hole const& hole, int) const { return worded(length, reader_.locale, hole.format); }
  std::string shown(Severity severity, Hole const& hole, int) const {
    auto const index = static_cast<std::size_t>(severity);
    if (hole.format == HoleFormat::mark) return std::string(kSeverityMarks[index]);
    return std::string(name_of(severity));
  }
  std::string shown(PersonId const& person, Hole const& hole, int) const {
    auto name = reader_.names ? reader_.names(person) : std::string();
    auto const clean = harmless(name.empty() ? person.value : name, 60);
    return escaped(hole.format == HoleFormat::columns ? cut_columns(clean, hole.columns) : clean);
  }
  std::string shown(IncidentId id, Hole const&, int) const { return "INC-" + std::to_string(id.value); }
  std::string shown(std::vector<Notice> const& list, Hole const& hole, int depth) const {
    std::string out;
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (i > 0) out += separator(hole.format, i + 1 == list.size(), depth);
      out += message(list[i], depth + 1);
    }
    return out;
  }

  std::string separator(HoleFormat format, bool last, int depth) const {
    bool const spoken = reader_.medium == Medium::sms || reader_.medium == Medium::voice;
    switch (format) {
      case HoleFormat::lines:
        return "\n";
      case HoleFormat::comma:
        return word("separator.comma", depth);
      case HoleFormat::pause:
        return word("separator.pause", depth);
      case HoleFormat::semicolon:
        return word("separator.semicolon", depth);
      case HoleFormat::any_of:
        return word(last ? "separator.or" : "separator.pause", depth);
      case HoleFormat::all_of:
        return word(last ? "separator.and" : "separator.pause", depth);
      default:
        return spoken ? word("separator.comma", depth) : " · ";
    }
  }

  std::string word(char const* key, int depth) const { return message(Notice(key), depth + 1); }

  std::string escaped(std::string const& text) const { return reader_.escape ? reader_.escape(text) : text; }

  /// `[key name=value …]`: ugly on purpose, and still of use to whoever reads it.
  std::string unknown(Notice const& notice, int depth) const {
    std::string out = "[" + escaped(harmless(notice.key.empty() ? "?" : notice.key, 80));
    for (std::size_t i = 0; i < std::min(notice.args.size(), kMaxShownArguments); ++i) {
      auto const& [name, argument] = notice.args[i];
      out += ' ' + escaped(harmless(name, 40)) + '=';
      if (auto const* list = std::get_if<std::vector<Notice>>(&argument)) {
        out += '#' + std::to_string(list->size());
      } else {
        out += is_empty(&argument) ? "" : value(&argument, Hole{}, depth);
      }
    }
    return out + "]";
  }

  Catalogue const& catalogue_;
  Reader const& reader_;
  bool seconds_;  // the clocks of a drill run in seconds: a minute says nothing there
};

std::variant<Catalogue, std::vector<Mistake>> Catalogue::load(std::vector<embedded::File> const& files) {
  std::array<TextsByKey, kLocales.size()> all;
  std::vector<Mistake> mistakes;
  std::map<std::string, Mistake, std::less<>> places;
  for (auto const& file : files) {
    std::string const name(file.name);
    auto const locale = locale_of_file(file.name);
    if (!locale) {
      mistakes.push_back({name, 0, 0, "", Notice("mistake.catalogue_locale")});
      continue;
    }
    auto parsed = yaml::parse(file.text, name);
    if (auto* wrong = std::get_if<std::vector<Mistake>>(&parsed)) {
      mistakes.insert(mistakes.end(), wrong->begin(), wrong->end());
      continue;
    }
    for (auto const& entry : std::get<yaml::Node>(parsed).entries) {
      auto const complain = [&](Notice what) {
        mistakes.push_back({name, entry.line, entry.column, entry.key, std::move(what)});
      };
      if (entry.value.kind != yaml::Node::Kind::scalar) {
        complain(Notice("mistake.expected_value"));
        continue;
      }
      if (auto const text = parse_template(entry.value.text); !text) {
        complain(Notice("mistake.template").with("detail", text.error().detail));
        continue;
      }
      auto const is_new = all[static_cast<std::size_t>(*locale)].emplace(entry.key, entry.value.text).second;
      if (!is_new) complain(Notice("mistake.name_taken").with("name", entry.key));
      places.emplace(entry.key, Mistake{name, entry.line, entry.column, entry.key, Notice("mistake.untranslated")});
    }
  }
  for (auto const& [key, place] : places) {
    bool const everywhere =
        std::all_of(all.begin(), all.end(), [&](TextsByKey const& texts) { return texts.count(key) > 0; });
    if (!everywhere) mistakes.push_back(place);
  }
  if (!mistakes.empty()) return mistakes;
  auto const owned = std::make_shared<Packed>();
  std::transform(all.begin(), all.end(), owned->begin(), pack);
  return Catalogue({(*owned)[0], (*owned)[1]}, owned);
}

Catalogue::Catalogue(std::array<std::string_view, kLocales.size()> const& packed, std::shared_ptr<Packed const> owned)
    : owned_(std::move(owned)) {
  for (std::size_t index = 0; index < packed.size(); ++index) words_[index] = Words(packed[index]);
}

std::string Catalogue::packed_name(Locale locale) { return std::string(name_of(locale)) + ".words"; }

std::string Catalogue::packed(Locale locale) const {
  auto const& words = words_[static_cast<std::size_t>(locale)];
  TextsByKey texts;
  for (auto const& key : words.keys()) texts.emplace(key, *words.find(key));
  return pack(texts);
}

std::optional<std::string_view> Catalogue::find(std::string_view key, Locale locale) const noexcept {
  auto const wanted = static_cast<std::size_t>(locale);
  auto const found = words_[wanted].find(key);
  return found ? found : words_[1 - wanted].find(key);
}

std::string Catalogue::render(Notice const& notice, Reader const& reader) const {
  Rendering const rendering(*this, reader, notice);
  auto text = rendering.marks(notice) + rendering.message(notice, 0);
  bool const bare = reader.medium == Medium::sms || reader.medium == Medium::voice || reader.medium == Medium::subject;
  return bare ? without_emoji(text) : text;
}

bool Catalogue::has(std::string_view key) const noexcept { return find(key, Locale::zh_cn).has_value(); }

std::vector<std::string> Catalogue::keys() const { return words_.front().keys(); }

std::set<std::string> Catalogue::arguments(std::string_view key, Locale locale) const {
  auto const text = words_[static_cast<std::size_t>(locale)].find(key);
  return text ? parse_template(*text)->arguments() : std::set<std::string>{};
}

}  // namespace tocsin
