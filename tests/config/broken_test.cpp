// Every way to get a configuration wrong that we could think of: tests/config/broken.txt.
#include "config/catalogue.hpp"
#include "tests/config/support.hpp"

using namespace tocsin;
using namespace tocsin::testing;

namespace {

struct Case {
  std::string title;
  std::vector<std::string> expected;  ///< `key line[:column] path`
  std::string text;
};

void replace_all(std::string& text, std::string const& from, std::string const& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

std::vector<Case> cases() {
  std::vector<Case> all;
  std::istringstream in(read_file(source_path("tests/config/broken.txt")));
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("### ")) {
      all.push_back({line.substr(4), {}, ""});
    } else if (all.empty()) {
      continue;  // the explanation in front
    } else if (line.starts_with("> ") && all.back().text.empty()) {
      all.back().expected.push_back(line.substr(2));
    } else {
      all.back().text += line + "\n";
    }
  }
  for (auto& each : all) {
    while (each.text.ends_with("\n\n")) each.text.pop_back();
    if (each.text == "\n") each.text.clear();
    replace_all(each.text, "<TAB>", "\t");
    replace_all(each.text, "<FF>", "\xFF");
    replace_all(each.text, "<ESC>", "\x1B");
    replace_all(each.text, "<LONG>", std::string(1001, 'x'));
  }
  return all;
}

/// As the file writes it; the column only where the file gives one.
std::string written(Mistake const& mistake, bool with_column) {
  auto text = mistake.what.key;
  if (text.starts_with("mistake.")) text.erase(0, 8);
  text += " " + std::to_string(mistake.line);
  if (with_column) text += ":" + std::to_string(mistake.column);
  return text + " " + (mistake.path.empty() ? "-" : mistake.path);
}

}  // namespace

TEST_CASE("each broken configuration is told exactly what is wrong, where, and in both languages") {
  auto const catalogue = Catalogue::shipped();
  auto const all = cases();
  CHECK(all.size() >= 150);
  for (auto const& each : all) {
    CAPTURE(each.title);
    auto const mistakes = mistakes_of(each.text);
    CAPTURE(listed(mistakes));
    CHECK(mistakes.size() == each.expected.size());
    for (std::size_t i = 0; i < std::min(mistakes.size(), each.expected.size()); ++i) {
      bool const with_column = each.expected[i].find(':') < each.expected[i].rfind(' ');
      CHECK(written(mistakes[i], with_column) == each.expected[i]);
      CHECK(mistakes[i].file == "test.yaml");
      for (auto const locale : kLocales) {
        Reader reader;
        reader.locale = locale;
        auto const words = catalogue.render(mistakes[i].what, reader);
        CAPTURE(words);
        CHECK_FALSE(words.starts_with("["));
        CHECK(words.find("hunter2") == std::string::npos);
      }
    }
  }
  CHECK(catalogue.unknown_keys() == 0);
}
