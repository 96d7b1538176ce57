// A YAML document as a plain tree with positions: the only place that knows the YAML library. Stricter than YAML:
// one document, UTF-8, no tabs before text, no tags, no duplicate keys, scalar keys, and bounds on everything.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/mistake.hpp"

namespace tocsin::yaml {

inline constexpr std::size_t kMaxFileBytes = 1 << 20;
inline constexpr std::size_t kMaxNodes = 50'000;  ///< aliases counted as often as they are used
inline constexpr int kMaxDepth = 32;

struct Entry;

struct Node {
  enum class Kind { null, scalar, list, map } kind = Kind::null;
  int line = 0;    ///< from 1
  int column = 0;  ///< in characters, from 1
  std::string text;
  std::vector<Node> items;
  std::vector<Entry> entries;

  [[nodiscard]] Node const* find(std::string_view key) const noexcept;
};

struct Entry {
  std::string key;
  int line = 0;
  int column = 0;
  Node value;
};

/// The document of `text`; `file` only names it in mistakes. An empty document is a mistake. Never throws for any text.
[[nodiscard]] std::variant<Node, std::vector<Mistake>> parse(std::string_view text, std::string const& file);

}  // namespace tocsin::yaml
