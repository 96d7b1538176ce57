#include "commands/lexicon.hpp"

#include <algorithm>
#include <array>

#include "commands/utf8.hpp"

namespace tocsin {
namespace {

bool is_between_words(char c) { return c == ' ' || c == '-' || c == '_' || c == ','; }

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

/// Folds the beginning of a text into a buffer and remembers where each folded byte came from.
class Folder {
 public:
  explicit Folder(std::string_view text) {
    for (std::size_t at = 0; at < text.size() && size_ + 1 < kRoom;) {
      if (is_between_words(text[at])) {
        auto const start = at;
        while (at < text.size() && is_between_words(text[at])) ++at;
        // A hyphen that begins a word begins a flag: no phrase goes beyond it.
        bool const flag = at > start && text[at - 1] == '-' && (at - start > 1 || start == 0);
        if (flag) break;
        gap_ = size_ != 0;
        continue;
      }
      if (gap_ && is_ascii(last()) && is_ascii(text[at])) put(' ', at);
      gap_ = false;
      put(utf8::lower(text[at]), at + 1);
      ++at;
    }
  }

  [[nodiscard]] std::string_view text() const { return {bytes_.data(), size_}; }
  /// Where in the original the first `length` folded bytes end.
  [[nodiscard]] std::size_t end_of(std::size_t length) const { return ends_[length - 1]; }

 private:
  static constexpr std::size_t kRoom = kMaxPhraseBytes + 8;

  [[nodiscard]] char last() const { return bytes_[size_ - 1]; }
  void put(char c, std::size_t end) {
    bytes_[size_] = c;
    ends_[size_++] = static_cast<std::uint32_t>(end);
  }

  std::array<char, kRoom> bytes_{};
  std::array<std::uint32_t, kRoom> ends_{};
  std::size_t size_ = 0;
  bool gap_ = false;
};

}  // namespace

std::string folded(std::string_view phrase) { return std::string(Folder(phrase).text()); }

bool Lexicon::add(std::string_view phrase, std::uint32_t meaning) {
  if (phrase.size() > kMaxPhraseBytes) return false;
  auto key = folded(phrase);
  if (key.empty()) return false;
  auto const length = key.size();
  auto const [place, fresh] = meanings_.emplace(std::move(key), meaning);
  if (!fresh) return place->second == meaning;
  auto const at = std::lower_bound(lengths_.begin(), lengths_.end(), length, std::greater<>{});
  if (at == lengths_.end() || *at != length) lengths_.insert(at, length);
  return true;
}

std::optional<std::uint32_t> Lexicon::exact(std::string_view phrase) const {
  if (phrase.size() > kMaxPhraseBytes) return {};
  auto const found = meanings_.find(folded(phrase));
  if (found == meanings_.end()) return {};
  return found->second;
}

std::optional<Read<std::uint32_t>> Lexicon::longest(std::string_view text) const {
  if (meanings_.empty()) return {};
  Folder const folder(text);
  for (auto const length : lengths_) {
    if (length > folder.text().size()) continue;
    auto const found = meanings_.find(folder.text().substr(0, length));
    if (found == meanings_.end()) continue;
    auto const end = folder.end_of(length);
    if (utf8::is_word_end(text, end)) return Read<std::uint32_t>{found->second, end};
  }
  return {};
}

}  // namespace tocsin
