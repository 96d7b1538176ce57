#include "commands/text.hpp"

#include <algorithm>
#include <optional>

#include "commands/utf8.hpp"

namespace tocsin {
namespace {

/// Dashes that no keyboard of commands has. U+2500 is what some input methods give for a long one.
bool is_typographic_dash(char32_t code) {
  return (code >= 0x2010 && code <= 0x2015) || code == 0x2212 || code == 0x2500 || code == 0xFE58 || code == 0xFE63;
}

/// A long dash is what phones make of two hyphens.
int hyphens_of(char32_t dash) { return dash == 0x2014 || dash == 0x2015 || dash == 0x2500 || dash == 0xFE58 ? 2 : 1; }

char quote_of(char32_t code) {
  switch (code) {
    case 0x201C:  // “
    case 0x201D:  // ”
    case 0x201E:  // „
    case 0x201F:  // ‟
    case 0x300C:  // 「
    case 0x300D:  // 」
    case 0x300E:  // 『
    case 0x300F:  // 』
    case 0x301D:  // 〝
    case 0x301E:  // 〞
    case 0xFF02:  // ＂
      return '"';
    case 0x2018:  // ‘
    case 0x2019:  // ’
    case 0x201A:  // ‚
    case 0x201B:  // ‛
    case 0xFF07:  // ＇
      return '\'';
    default:
      return '\0';
  }
}

bool is_ending(char c) { return c == '.' || c == '!' || c == '~'; }

/// Builds the matched text one character at a time.
class Normaliser {
 public:
  explicit Normaliser(std::string_view raw) : raw_(raw) {
    out_.text.reserve(raw.size() + 8);
    out_.origin.reserve(raw.size() + 9);
  }

  /// The place of the first byte that is not UTF-8, or nothing when all went well.
  std::optional<std::size_t> run() {
    for (at_ = 0; at_ < raw_.size();) {
      auto const next = utf8::decode(raw_, at_);
      if (next.size == 0) return at_;
      take(next);
    }
    drop_ending();
    return {};
  }

  Normalised finish() {
    out_.raw = raw_;
    out_.origin.push_back(static_cast<std::uint32_t>(raw_.size()));
    return std::move(out_);
  }

 private:
  void take(utf8::Char next) {
    auto const code = next.code;
    if (code > ' ' && code < 0x7F && code != '-') return keep(next);
    if (utf8::is_space(code)) return take_space(next);
    if (utf8::is_invisible(code)) return note(Change::invisible), skip(next);
    if (code == '-' || code == 0xFF0D || is_typographic_dash(code)) return take_dashes();
    if (char const quote = quote_of(code)) return note(Change::quotes), put(quote), skip(next);
    if (code >= 0xFF01 && code <= 0xFF5E) {
      return note(Change::width), put(static_cast<char>(code - 0xFF01 + '!')), skip(next);
    }
    // On a Chinese keyboard the key of `/` types `、`, and that of `.` types `。`.
    if (code == 0x3001) return note(Change::width), put(out_.text.empty() ? '/' : ','), skip(next);
    if (code == 0x3002 && between_letters(next)) return note(Change::width), put('.'), skip(next);
    if (code == 0x301C) return note(Change::width), put('~'), skip(next);
    keep(next);
  }

  void keep(utf8::Char next) {
    for (std::size_t i = 0; i < next.size; ++i) put(raw_[at_ + i]);
    skip(next);
  }

  void take_space(utf8::Char next) {
    if (next.code != ' ') note(Change::spaces);
    if (!out_.text.empty()) put(' ');  // a leading one is never kept
    skip(next);
  }

  /// A run of dashes: hyphens alone stay as they are; with a typographic one among them they become what was meant.
  void take_dashes() {
    auto const start = at_;
    int hyphens = 0;
    bool plain = true;
    std::size_t end = at_;
    while (end < raw_.size()) {
      auto const dash = utf8::decode(raw_, end);
      bool const typographic = dash.size != 0 && (is_typographic_dash(dash.code) || dash.code == 0xFF0D);
      if (dash.code != '-' && !typographic) break;
      plain = plain && !typographic;
      hyphens += hyphens_of(dash.code);
      end += dash.size;
    }
    bool const starts_word = out_.text.empty() || out_.text.back() == ' ' || out_.text.back() == ',';
    if (!plain) {
      note(Change::dashes);
      hyphens = starts_word && letter_at(end) ? std::min(hyphens, 2) : 1;
    }
    for (int i = 0; i < hyphens; ++i) put('-', start);
    at_ = end;
  }

  [[nodiscard]] bool letter_at(std::size_t at) const {
    if (at >= raw_.size()) return false;
    auto const code = utf8::decode(raw_, at).code;
    return (code < 0x80 && utf8::is_ascii_letter(static_cast<char>(code))) || (code >= 0xFF21 && code <= 0xFF3A) ||
           (code >= 0xFF41 && code <= 0xFF5A);
  }

  [[nodiscard]] bool between_letters(utf8::Char next) const {
    auto const after = at_ + next.size;
    if (out_.text.empty() || after >= raw_.size()) return false;
    auto const code = utf8::decode(raw_, after).code;
    bool const word_follows = (code < 0x80 && utf8::is_word(code)) || (code >= 0xFF10 && code <= 0xFF5A);
    auto const before = static_cast<unsigned char>(out_.text.back());
    return word_follows && before < 0x80 && utf8::is_word(before);
  }

  void drop_ending() {
    auto& text = out_.text;
    for (;;) {
      std::size_t keep_bytes = text.size();
      if (!text.empty() && (text.back() == ' ' || is_ending(text.back()))) keep_bytes -= 1;
      if (text.ends_with("。") || text.ends_with("｡")) keep_bytes -= 3;
      if (keep_bytes == text.size()) break;
      if (text.back() != ' ') note(Change::ending);
      text.resize(keep_bytes);
    }
    out_.origin.resize(text.size());
  }

  void put(char c) { put(c, at_); }
  void put(char c, std::size_t from) {
    out_.text += c;
    out_.origin.push_back(static_cast<std::uint32_t>(from));
  }
  void skip(utf8::Char next) { at_ += next.size; }
  void note(Change change) {
    if (std::find(out_.changes.begin(), out_.changes.end(), change) == out_.changes.end()) {
      out_.changes.push_back(change);
    }
  }

  std::string_view raw_;
  std::size_t at_ = 0;
  Normalised out_;
};

/// Joiners and selectors hold emoji and some scripts together, and mislead nobody.
bool may_mislead(char32_t code) {
  if (code == 0x200C || code == 0x200D || code == 0x20E3 || (code >= 0xFE00 && code <= 0xFE0F)) return false;
  return utf8::is_invisible(code);
}

}  // namespace

std::string Normalised::free_text(std::size_t from, std::size_t to) const {
  std::string out;
  std::size_t visible = 0;  // size of `out` up to its last visible character
  for (std::size_t at = origin[from]; at < origin[to];) {
    auto const [code, size] = utf8::decode(raw, at);
    if (size == 0) break;
    bool const blank = utf8::is_space(code);
    bool const half_break = code == '\r' && at + 1 < raw.size() && raw[at + 1] == '\n';
    if (!may_mislead(code) && !(blank && out.empty()) && !half_break) {
      out.append(raw, at, size);
      if (!blank) visible = out.size();
    }
    at += size;
  }
  out.resize(visible);
  return out;
}

Decided<Normalised> normalise(std::string_view raw) {
  if (raw.size() > kMaxInputBytes) {
    return Notice("parse.too_long",
                  {{"bytes", static_cast<std::int64_t>(raw.size())}, {"limit", std::int64_t{kMaxInputBytes}}});
  }
  Normaliser work(raw);
  if (auto const bad = work.run()) {
    return Notice("parse.not_text", {{"at", static_cast<std::int64_t>(*bad + 1)}});
  }
  return work.finish();
}

}  // namespace tocsin
