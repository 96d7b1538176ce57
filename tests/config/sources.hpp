// Reads the C++ of the tree as far as its message keys need it: string literals, and what stands around them.
#pragma once

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tests/config/support.hpp"

namespace tocsin::testing {

/// One string literal of a source file.
struct Literal {
  std::string file;  ///< relative to the root
  int line = 0;
  std::string text;    ///< between the quotes, escapes as written
  std::string before;  ///< up to 60 characters of code in front, without comments and idle blanks
  char after = '\0';   ///< the next character of code

  [[nodiscard]] std::string where() const { return file + ":" + std::to_string(line); }
  /// "what." + x
  [[nodiscard]] bool goes_on() const { return after == '+'; }
  /// x + "what"
  [[nodiscard]] bool continues() const { return before.ends_with('+'); }
};

/// All string literals of `code` in order; those in comments are none.
inline std::vector<Literal> literals_of(std::string const& file, std::string const& code) {
  constexpr std::size_t kBefore = 60;
  std::vector<Literal> found;
  std::string seen;    // the code so far, without comments and idle blanks, a literal as one quote
  bool waits = false;  // the last literal still wants its `after`
  int line = 1;
  auto const is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  bool apart = false;  // white space stood in front
  auto const put = [&](char c) {
    if (waits) found.back().after = c;
    waits = false;
    if (apart && !seen.empty() && is_word(seen.back()) && is_word(c)) seen += ' ';
    apart = false;
    seen += c;
  };
  // 10'000: the quote stands inside a number.
  auto const in_number = [&] {
    auto at = seen.size();
    while (at > 0 && is_word(seen[at - 1])) --at;
    return at < seen.size() && std::isdigit(static_cast<unsigned char>(seen[at])) != 0;
  };
  for (std::size_t i = 0; i < code.size(); ++i) {
    auto const rest = std::string_view(code).substr(i);
    if (code[i] == '\n') {
      ++line;
      apart = true;
    } else if (rest.starts_with("//")) {
      i += rest.find('\n') - 1;
    } else if (rest.starts_with("/*")) {
      auto const comment = rest.substr(0, rest.find("*/") + 2);
      line += static_cast<int>(std::count(comment.begin(), comment.end(), '\n'));
      i += comment.size() - 1;
    } else if (code[i] == '\'' && !in_number()) {
      auto const end = rest.find('\'', rest.starts_with("'\\") ? 3 : 1);
      put('\'');
      i += end;
    } else if (code[i] == '"') {
      bool const raw = seen.ends_with('R');
      std::size_t end = 1;
      if (raw) {
        auto const closing = ")" + std::string(rest.substr(1, rest.find('(') - 1)) + "\"";
        end = rest.find(closing) + closing.size() - 1;
      } else {
        while (rest[end] != '"') end += rest[end] == '\\' ? 2U : 1U;
      }
      auto const text = std::string(rest.substr(1, end - 1));
      auto const before = seen.size() > kBefore ? seen.substr(seen.size() - kBefore) : seen;
      put('"');
      found.push_back({file, line, text, before, '\0'});
      waits = true;
      line += static_cast<int>(std::count(text.begin(), text.end(), '\n'));
      i += end;
    } else if (code[i] == ' ') {
      apart = true;
    } else {
      put(code[i]);
    }
  }
  return found;
}

/// The literals of all C++ files in `folders` of the tree.
inline std::vector<Literal> literals_in(std::vector<std::string> const& folders) {
  std::vector<Literal> all;
  for (auto const& folder : folders) {
    auto const root = std::filesystem::path(source_path(""));
    for (auto const& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
      auto const extension = entry.path().extension();
      if (extension != ".cpp" && extension != ".hpp") continue;
      auto const found =
          literals_of(std::filesystem::relative(entry.path(), root).string(), read_file(entry.path().string()));
      all.insert(all.end(), found.begin(), found.end());
    }
  }
  return all;
}

}  // namespace tocsin::testing
