// All texts of one language as one block of bytes, which the build packs and the binary carries: to look one up,
// nothing is parsed or copied.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tocsin {

using TextsByKey = std::map<std::string, std::string, std::less<>>;

/// Keys and texts in turns, each ended by a zero byte, sorted by key. Throws std::logic_error for a text with such a
/// byte in it, which YAML does not let in.
[[nodiscard]] std::string pack(TextsByKey const& texts);

/// Refers to what it was made from.
class Words {
 public:
  Words() = default;
  /// Throws std::logic_error if `packed` is nothing that `pack` makes.
  explicit Words(std::string_view packed);

  [[nodiscard]] std::optional<std::string_view> find(std::string_view key) const noexcept;
  [[nodiscard]] std::vector<std::string> keys() const;

 private:
  std::vector<std::pair<std::string_view, std::string_view>> texts_;
};

}  // namespace tocsin
