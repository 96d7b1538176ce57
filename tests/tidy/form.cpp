#include <algorithm>
#include <array>
#include <string>

#include "tests/tidy/rules.hpp"

namespace tocsin::tidy {
namespace {

constexpr std::size_t kMostColumns = 120;

enum class Kind {
  program,  ///< ours, written by hand, read in an editor
  prose,    ///< tables and long values can't be wrapped
  other,    ///< recorded from outside, kept as it came
};

Kind kind_of(std::string_view path) {
  constexpr std::array kPrograms{".cpp", ".hpp", ".cmake", ".py", ".js", ".mjs", ".css", ".html", ".sql", ".service"};
  constexpr std::array kProse{".md", ".yaml", ".yml", ".json", ".svg"};
  auto const ends = [path](std::string_view ending) { return path.ends_with(ending); };
  auto const name = path.substr(path.rfind('/') + 1);
  bool const script = name.find('.') == std::string_view::npos;
  if (script || name == "CMakeLists.txt" || std::any_of(kPrograms.begin(), kPrograms.end(), ends)) return Kind::program;
  return std::any_of(kProse.begin(), kProse.end(), ends) ? Kind::prose : Kind::other;
}

/// Characters, of UTF-8: continuation bytes don't count.
std::size_t columns(std::string_view line) {
  return static_cast<std::size_t>(
      std::count_if(line.begin(), line.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

void find_in_lines(Source const& source, Kind kind, Findings& found) {
  std::size_t number = 0;
  for (auto const line : lines_of(source.text)) {
    ++number;
    auto const add = [&](std::string detail) { found.push_back({source.path, number, "form", std::move(detail)}); };
    // A line break inside Chinese text is a blank on the page, so the sentences of HTML keep theirs.
    bool const measured = kind == Kind::program && !source.path.ends_with(".html");
    if (measured && columns(line) > kMostColumns) add(std::to_string(columns(line)) + " columns");
    if (line.find('\t') != std::string_view::npos) add("a tab");
    if (line.ends_with(' ') || line.ends_with('\r')) add("space at the end of the line");
  }
}

/// "data/x/" and "$top/x/" name no place at the top.
bool inside_another_path(std::string_view text, std::size_t at) {
  return at > 0 && (is_word(text[at - 1]) || std::string_view(".}>-~").find(text[at - 1]) != std::string_view::npos);
}

/// Does the path go on below a folder, as one to a file of somebody's does, and a mount point in a sample does not?
bool leads_on(std::string_view text, std::size_t at) {
  while (at < text.size() && (is_word(text[at]) || text[at] == '-' || text[at] == '.')) ++at;
  return at < text.size() && text[at] == '/';
}

/// Words that this file itself may not contain are put together here.
void find_words(Source const& source, Kind kind, Findings& found) {
  static std::array const kUnfinished{std::string("TO") + "DO", std::string("FIX") + "ME"};
  static std::string const kPeople = std::string("/ho") + "me/";
  static std::array const kMachines{std::string("/wo") + "rk/", std::string("/tmp/") + "wt", kPeople};
  static std::array const kRegistries{std::string("npm") + "js.",
                                      std::string("deb.deb") + "ian.org",
                                      std::string("security.deb") + "ian.org",
                                      std::string("snapshot.deb") + "ian.org",
                                      std::string("pyp") + "i.org",
                                      std::string("python") + "hosted.org",
                                      std::string("crat") + "es.io",
                                      std::string("proxy.go") + "lang.org",
                                      std::string("node") + "source.com"};
  std::string_view const text = source.text;
  auto const add = [&](std::size_t at, std::string detail) {
    found.push_back({source.path, line_of(text, at), "form", std::move(detail)});
  };
  for (auto const& word : kUnfinished) {
    auto const at = find_word(text, word);
    if (kind != Kind::other && at != std::string_view::npos) add(at, "unfinished: " + word);
  }
  for (auto const& path : kMachines) {
    for (auto at = text.find(path); at != std::string_view::npos; at = text.find(path, at + 1)) {
      if (inside_another_path(text, at) || (path == kPeople && !leads_on(text, at + path.size()))) continue;
      add(at, "a place on one machine: " + path);
    }
  }
  for (auto const& host : kRegistries) {
    if (auto const at = text.find(host); at != std::string_view::npos) add(at, "a package registry: " + host);
  }
}

}  // namespace

bool is_long(Source const& source) {
  return kind_of(source.path) == Kind::program && lines_of(source.text).size() > kManyLines;
}

Findings form(Source const& source) {
  Findings found;
  auto const kind = kind_of(source.path);
  find_words(source, kind, found);
  if (kind == Kind::other) return found;
  find_in_lines(source, kind, found);
  auto const add = [&](std::string detail) { found.push_back({source.path, 0, "form", std::move(detail)}); };
  auto const lines = lines_of(source.text).size();
  if (kind == Kind::program && lines > kMostLines) add(std::to_string(lines) + " lines: split it");
  if (!source.text.empty() && !source.text.ends_with('\n')) add("no line end at the end of the file");
  if (is_header(source.path) && find_word(source.code, "#pragma once") == std::string::npos) add("no #pragma once");
  return found;
}

}  // namespace tocsin::tidy
