#include "tests/tidy/source.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace tocsin::tidy {
namespace {

constexpr std::array kSkippedFolders{".git", "build", "node_modules", "__pycache__"};

/// Walks C++ text once and copies each character to the text it belongs to.
class Splitter {
 public:
  explicit Splitter(Source& source) : out_(source), text_(source.text) {}

  void run() {
    while (at_ < text_.size()) {
      if (starts("//")) {
        line_comment();
      } else if (starts("/*")) {
        block_comment();
      } else if (text_[at_] == '"' && raw_prefix()) {
        raw_string();
      } else if (text_[at_] == '"') {
        quoted('"', out_.literals);
      } else if (text_[at_] == '\'' && !digit_separator()) {
        quoted('\'', out_.literals);
      } else {
        take(out_.code);
      }
    }
  }

 private:
  [[nodiscard]] bool starts(std::string_view what) const { return text_.compare(at_, what.size(), what) == 0; }
  void take(std::string& into) {
    into[at_] = text_[at_];
    ++at_;
  }
  /// The word that ends right before the current place.
  [[nodiscard]] std::string_view word_before() const {
    auto begin = at_;
    while (begin > 0 && is_word(text_[begin - 1])) --begin;
    return std::string_view(text_).substr(begin, at_ - begin);
  }
  [[nodiscard]] bool raw_prefix() const {
    auto const word = word_before();
    return word == "R" || word == "u8R" || word == "LR" || word == "uR" || word == "UR";
  }
  [[nodiscard]] bool digit_separator() const {
    auto const word = word_before();
    return !word.empty() && word.front() >= '0' && word.front() <= '9';
  }
  void line_comment() {
    while (at_ < text_.size() && (text_[at_] != '\n' || text_[at_ - 1] == '\\')) take(out_.comments);
  }
  void block_comment() {
    auto const end = text_.find("*/", at_ + 2);
    auto const stop = end == std::string::npos ? text_.size() : end + 2;
    while (at_ < stop) take(out_.comments);
  }
  void raw_string() {
    auto const open = text_.find('(', at_);
    if (open == std::string::npos) return take(out_.code);
    auto const close = text_.find(")" + text_.substr(at_ + 1, open - at_ - 1) + "\"", open);
    auto const stop = close == std::string::npos ? text_.size() : close;
    while (at_ <= open) take(out_.code);
    while (at_ < stop) take(out_.literals);
    while (at_ < text_.size() && text_[at_] != '"') take(out_.code);
    if (at_ < text_.size()) take(out_.code);
  }
  void quoted(char quote, std::string& inside) {
    take(out_.code);
    while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n') {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) take(inside);
      take(inside);
    }
    if (at_ < text_.size()) take(out_.code);
  }

  Source& out_;
  std::string const& text_;
  std::size_t at_ = 0;
};

std::string blank(std::string const& text) {
  std::string result(text.size(), ' ');
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') result[i] = '\n';
  }
  return result;
}

std::string read(std::filesystem::path const& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("can't read " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

Source source(std::string path, std::string text) {
  Source result{.path = std::move(path), .text = std::move(text), .code = {}, .literals = {}, .comments = {}};
  result.literals = result.comments = blank(result.text);
  if (is_cpp(result.path)) {
    result.code = blank(result.text);
    Splitter(result).run();
  } else {
    result.code = result.text;
  }
  return result;
}

std::vector<Source> read_tree(std::filesystem::path const& root) {
  std::vector<Source> result;
  for (std::filesystem::recursive_directory_iterator entry(root), end; entry != end; ++entry) {
    auto const name = entry->path().filename().string();
    auto const skipped = std::find(kSkippedFolders.begin(), kSkippedFolders.end(), name) != kSkippedFolders.end();
    // A worktree's .git is a file; a link could lead anywhere.
    if (skipped && !entry->is_symlink() && entry->is_directory()) entry.disable_recursion_pending();
    if (skipped || entry->is_symlink() || !entry->is_regular_file()) continue;
    auto text = read(entry->path());
    if (text.find('\0') != std::string::npos) continue;  // a picture, a database
    result.push_back(source(entry->path().lexically_relative(root).generic_string(), std::move(text)));
  }
  std::sort(result.begin(), result.end(), [](Source const& a, Source const& b) { return a.path < b.path; });
  return result;
}

bool is_header(std::string_view path) { return path.ends_with(".hpp"); }
bool is_cpp(std::string_view path) { return path.ends_with(".cpp") || is_header(path); }

std::size_t line_of(std::string_view text, std::size_t offset) {
  auto const before = text.substr(0, offset);
  return 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> result;
  while (!text.empty()) {
    auto const end = text.find('\n');
    result.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return result;
}

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

std::size_t find_word(std::string_view text, std::string_view word, std::size_t from) {
  for (auto at = text.find(word, from); at != std::string_view::npos; at = text.find(word, at + 1)) {
    auto const end = at + word.size();
    bool const starts = at == 0 || !is_word(text[at - 1]) || !is_word(word.front());
    bool const ends = end == text.size() || !is_word(text[end]) || !is_word(word.back());
    if (starts && ends) return at;
  }
  return std::string_view::npos;
}

std::size_t skip_space(std::string_view text, std::size_t from) {
  auto const at = text.find_first_not_of(" \t\r\n", from);
  return at == std::string_view::npos ? text.size() : at;
}

std::size_t closing(std::string_view code, std::size_t open) {
  constexpr std::string_view kOpening = "([{<";
  constexpr std::string_view kClosing = ")]}>";
  auto const kind = kOpening.find(code[open]);
  std::size_t depth = 0;
  for (auto at = open; at < code.size(); ++at) {
    if (code[at] == kOpening[kind]) ++depth;
    bool const arrow = code[at] == '>' && at > 0 && code[at - 1] == '-';
    if (code[at] == kClosing[kind] && !arrow && --depth == 0) return at;
  }
  return std::string_view::npos;
}

std::vector<Include> includes_of(Source const& source) {
  std::vector<Include> result;
  auto const code = lines_of(source.code);
  auto const text = lines_of(source.text);
  for (std::size_t i = 0; i < code.size(); ++i) {
    auto const hash = skip_space(code[i], 0);
    if (hash >= code[i].size() || code[i][hash] != '#') continue;
    auto const word = skip_space(code[i], hash + 1);
    if (find_word(code[i], "include", word) != word) continue;
    auto const open = skip_space(code[i], word + 7);
    if (open >= code[i].size() || (code[i][open] != '"' && code[i][open] != '<')) continue;
    bool const ours = code[i][open] == '"';
    auto const close = text[i].find(ours ? '"' : '>', open + 1);
    result.push_back({std::string(text[i].substr(open + 1, close - open - 1)), ours, i + 1});
  }
  return result;
}

bool excused(Source const& source, std::size_t line, std::string_view rule) {
  auto const comments = lines_of(source.comments);
  auto const tag = "tidy-allow(" + std::string(rule) + "):";
  for (auto const number : {line, line - 1}) {
    if (number == 0 || number > comments.size()) continue;
    auto const at = comments[number - 1].find(tag);
    if (at == std::string_view::npos) continue;
    auto const reason = skip_space(comments[number - 1], at + tag.size());
    if (comments[number - 1].size() >= reason + 10) return true;
  }
  return false;
}

}  // namespace tocsin::tidy
