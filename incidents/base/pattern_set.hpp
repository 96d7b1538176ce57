// Many texts looked for at once, in one walk over the bytes whatever their number (Aho and Corasick).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// Compares ASCII letters in either case, everything else byte for byte. Immutable once `finish` was called; any
/// thread.
class PatternSet {
 public:
  /// An empty text is left out. The number of the pattern is what `each` hands back; the same text may come twice.
  void add(std::string_view text, std::uint32_t number);
  /// After the last `add`, before the first search.
  void finish();

  /// Calls `found(number, begin, end)` for every place at which a pattern stands, in the order of their ends, until it
  /// returns false. Linear in the text, plus the places found.
  template <class Found>
  void each(std::string_view text, Found&& found) const {
    std::uint32_t state = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (state == 0) i = next_beginning(text, i);
      state = moves_[state * width_ + class_of_[static_cast<unsigned char>(text[i])]];
      for (auto at = state; at != 0; at = outputs_[at].next) {
        for (auto const& end : outputs_[at].ends) {
          if (!found(end.number, i + 1 - end.size, i + 1)) return;
        }
      }
    }
  }

 private:
  struct End {
    std::uint32_t number = 0;
    std::uint32_t size = 0;
  };
  struct Output {
    std::vector<End> ends;   ///< patterns that end in this state
    std::uint32_t next = 0;  ///< the next shorter state with patterns; 0: none
  };
  struct Pattern {
    std::string text;
    std::uint32_t number = 0;
  };

  void grow(Pattern const& pattern);
  [[nodiscard]] std::size_t class_at(Pattern const& pattern, std::size_t i) const {
    return class_of_[static_cast<unsigned char>(pattern.text[i])];
  }

  /// The first place from `i` on at which a pattern may begin, by its first two bytes; at the latest the last byte. In
  /// most texts nothing begins, and looking at pairs is several times as fast as walking: no step waits for the last.
  [[nodiscard]] std::size_t next_beginning(std::string_view text, std::size_t i) const noexcept {
    if (i + 1 >= text.size()) return i;
    std::size_t row = class_of_[static_cast<unsigned char>(text[i])];
    for (; i + 1 < text.size(); ++i) {
      std::size_t const next = class_of_[static_cast<unsigned char>(text[i + 1])];
      if (beginnings_[row * width_ + next]) break;
      row = next;
    }
    return i;
  }

  std::vector<Pattern> patterns_;
  std::array<std::uint8_t, 256> class_of_{};  ///< bytes that no pattern holds are all the same to us: class 0
  std::size_t width_ = 1;
  std::vector<std::uint8_t> beginnings_{0};  ///< of pairs of classes; 1: a pattern begins with them
  std::vector<std::uint32_t> moves_{0};
  std::vector<Output> outputs_{1};
};

}  // namespace tocsin
