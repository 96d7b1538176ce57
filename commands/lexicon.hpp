// Phrases and what they mean, found at the beginning of a text: command names, services, people, choices.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "commands/numerals.hpp"

namespace tocsin {

/// Phrases longer than this are no words anybody types.
inline constexpr std::size_t kMaxPhraseBytes = 96;

/// The form in which phrases are compared: ASCII in lower case; spaces, `-`, `_` and `,` between words are one space;
/// no space beside a Han character. So `false-alarm` is `False Alarm`, and `诊断 数据库` is `诊断数据库`.
[[nodiscard]] std::string folded(std::string_view phrase);

/// Look-up by the longest phrase. Meanings are numbers of the owner's choosing.
class Lexicon {
 public:
  /// False, and nothing changed, when the phrase is empty, too long, or means something else already.
  bool add(std::string_view phrase, std::uint32_t meaning);

  [[nodiscard]] std::optional<std::uint32_t> exact(std::string_view phrase) const;
  /// The longest phrase that `text` begins with and after which a word can end.
  [[nodiscard]] std::optional<Read<std::uint32_t>> longest(std::string_view text) const;
  [[nodiscard]] bool empty() const noexcept { return meanings_.empty(); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> meanings_;
  std::vector<std::size_t> lengths_;  // of the folded phrases, each once, longest first
};

}  // namespace tocsin
