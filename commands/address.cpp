#include "commands/address.hpp"

#include <algorithm>
#include <array>

#include "commands/utf8.hpp"

namespace tocsin {
namespace {

/// What may stand after a slash before the command itself.
constexpr std::array<std::string_view, 3> kPrefixes{"tocsin", "警钟", "ops"};

class AddressReader {
 public:
  AddressReader(std::string_view text, ParseContext const& context) : text_(text), context_(context) {
    out_.to = text.size();
  }

  Address run() {
    while (take_leading()) {
    }
    while (take_trailing()) {
    }
    out_.to = std::max(out_.to, out_.from);
    return std::move(out_);
  }

 private:
  bool take_leading() {
    auto& at = out_.from;
    while (at < text_.size() && std::string_view(" ,:`").find(text_[at]) != std::string_view::npos) ++at;
    auto const rest = text_.substr(at);
    if (rest.starts_with('/') || rest.starts_with('!')) return take_slash(rest);
    if (rest.starts_with("<@") || rest.starts_with("<!")) return take_markup(rest);
    if (rest.starts_with('@')) return take_mention(rest);
    return false;
  }

  bool take_slash(std::string_view rest) {
    auto const prefix = starts_with_any(rest.substr(1), kPrefixes);
    bool const whole = prefix != 0 && utf8::is_word_end(rest, 1 + prefix);
    out_.spoken_to = true;
    out_.by_name = out_.by_name || whole;
    out_.from += whole ? 1 + prefix : 1;
    return true;
  }

  /// `<@U012ABCDEF>`, `<@U012ABCDEF|jo>`, `<!here>`; an unknown one says nothing and is passed over.
  bool take_markup(std::string_view rest) {
    auto const end = rest.find('>');
    if (end == rest.npos) return false;
    note_mention(rest.substr(2, std::min(rest.find('|'), end) - 2));
    out_.from += end + 1;
    return true;
  }

  bool take_mention(std::string_view rest) {
    auto const name = rest.substr(1);
    auto const* vocabulary = context_.vocabulary;
    if (vocabulary != nullptr) {
      if (auto const self = vocabulary->longest_self(name)) {
        out_.spoken_to = true;
        out_.from += 1 + self;
        return true;
      }
      if (auto const person = vocabulary->longest_person(name)) {
        out_.people.push_back(person->value);
        out_.from += 1 + person->used;
        return true;
      }
    }
    auto const end = name.find(' ');
    if (end == name.npos || end == 0) return false;
    out_.from += 1 + end;  // somebody nobody knows, told about it
    return true;
  }

  void note_mention(std::string_view id) {
    auto const* vocabulary = context_.vocabulary;
    if (vocabulary == nullptr) return;
    if (is_self(id)) {
      out_.spoken_to = true;
    } else if (auto const person = vocabulary->person(id)) {
      out_.people.push_back(*person);
    }
  }

  /// `认领 42 @警钟`, and a closing backtick.
  bool take_trailing() {
    auto& to = out_.to;
    auto const before = to;
    while (to > out_.from && (text_[to - 1] == ' ' || text_[to - 1] == '`')) --to;
    auto const rest = text_.substr(out_.from, to - out_.from);
    auto const sign = rest.rfind('@');
    if (sign == rest.npos) return to != before;
    bool const markup = sign > 0 && rest[sign - 1] == '<' && rest.ends_with('>');
    auto name = rest.substr(sign + 1);
    if (markup) name = name.substr(0, std::min(name.find('|'), name.find('>')));
    auto const start = markup ? sign - 1 : sign;
    bool const stands_alone = start == 0 || !utf8::is_word(utf8::decode_before(rest, start).code);
    if (!is_self(name) || !stands_alone) return to != before;
    to = out_.from + start;
    out_.spoken_to = true;
    return true;
  }

  [[nodiscard]] bool is_self(std::string_view name) const {
    return context_.vocabulary != nullptr && !name.empty() && context_.vocabulary->longest_self(name) == name.size();
  }

  std::string_view text_;
  ParseContext const& context_;
  Address out_;
};

}  // namespace

Address read_address(std::string_view text, ParseContext const& context) { return AddressReader(text, context).run(); }

bool looks_addressed(std::string_view raw) noexcept {
  constexpr std::array<std::string_view, 6> kSigns{"/", "！", "／", "!", "@", "<@"};
  auto const start = raw.find_first_not_of(" \t\r\n");
  if (start == raw.npos) return false;
  return std::any_of(kSigns.begin(), kSigns.end(), [&](auto sign) { return raw.substr(start).starts_with(sign); });
}

}  // namespace tocsin
