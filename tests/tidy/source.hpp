// The text under review: the files of the tree, each with its comments and literals told apart from its code.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::tidy {

/// One file. The four texts have the same length and the same line ends, so an offset means the same place in each.
struct Source {
  std::string path;      ///< from the root, with '/', e.g. "incidents/duty.hpp"
  std::string text;      ///< as it stands in the file
  std::string code;      ///< comments and the insides of literals are blanks; equal to `text` for other languages
  std::string literals;  ///< the insides of string literals; all else is blanks
  std::string comments;  ///< the insides of comments; all else is blanks
};

/// What a rule found. `line` counts from 1; 0 means the whole file.
struct Finding {
  std::string path;
  std::size_t line = 0;
  std::string rule;
  std::string detail;
};
using Findings = std::vector<Finding>;

/// Takes the text apart; C++ by the path's ending (.hpp, .cpp).
[[nodiscard]] Source source(std::string path, std::string text);

/// Every text file below `root` but what is built, fetched or Git's own. Throws when one can't be read.
[[nodiscard]] std::vector<Source> read_tree(std::filesystem::path const& root);

[[nodiscard]] bool is_cpp(std::string_view path);     ///< .cpp or .hpp
[[nodiscard]] bool is_header(std::string_view path);  ///< .hpp

/// The line of an offset, from 1.
[[nodiscard]] std::size_t line_of(std::string_view text, std::size_t offset);
/// The lines of a text, without their ends.
[[nodiscard]] std::vector<std::string_view> lines_of(std::string_view text);

/// May this character stand in an identifier?
[[nodiscard]] bool is_word(char c);
/// The next place at or after `from` where `word` stands, not as part of a longer identifier; npos if none.
[[nodiscard]] std::size_t find_word(std::string_view text, std::string_view word, std::size_t from = 0);
/// The first place at or after `from` that is not white space; the text's size if none.
[[nodiscard]] std::size_t skip_space(std::string_view text, std::size_t from);
/// The bracket that closes the one at `open` ('(', '[', '{' or '<'); npos if none does.
[[nodiscard]] std::size_t closing(std::string_view code, std::size_t open);

/// An #include of ours ("…") or of others (<…>).
struct Include {
  std::string path;
  bool ours = false;
  std::size_t line = 0;
};
[[nodiscard]] std::vector<Include> includes_of(Source const& source);

/// Is the finding at `line` excused by a comment `tidy-allow(RULE): REASON` there or on the line above? Without a
/// reason it is no excuse.
[[nodiscard]] bool excused(Source const& source, std::size_t line, std::string_view rule);

}  // namespace tocsin::tidy
