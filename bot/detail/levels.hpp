// How deep a JSON text goes, before anybody parses it: walking down a value costs stack.
#pragma once

#include <cstddef>
#include <string_view>

namespace tocsin::detail {

/// Nothing that a chat platform sends comes near.
inline constexpr int kDeepest = 64;

/// How deep in a JSON text one is, and whether inside a string.
struct Levels {
  int depth = 0;
  bool quoted = false;

  /// Passes what stands at `at`, and moves it on.
  void pass(std::string_view text, std::size_t& at) {
    char const c = text[at++];
    if (quoted) {
      if (c == '\\') ++at;
      quoted = c != '"';
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
};

[[nodiscard]] inline bool too_deep(std::string_view text) {
  Levels levels;
  for (std::size_t at = 0; at < text.size(); levels.pass(text, at)) {
    if (levels.depth > kDeepest) return true;
  }
  return levels.depth > kDeepest;
}

}  // namespace tocsin::detail
