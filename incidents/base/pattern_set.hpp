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

  std::vector<Pattern> patterns_;
  std::array<std::uint8_t, 256> class_of_{};  ///< bytes that no pattern holds are all the same to us: class 0
  std::size_t width_ = 1;
  std::vector<std::uint32_t> moves_{0};
  std::vector<Output> outputs_{1};
};

}  // namespace tocsin
