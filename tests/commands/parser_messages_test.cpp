// Every answer of the parser has words in both catalogues, and they keep to the limits of a phone.
#include <doctest/doctest.h>
#include <yaml-cpp/yaml.h>

#include <map>
#include <set>
#include <sstream>
#include <string>

#include "commands/parser.hpp"
#include "commands/utf8.hpp"
#include "tests/commands/sample_table.hpp"

using namespace tocsin;

namespace {

using Catalogue = std::map<std::string, std::string>;

Catalogue catalogue(std::string const& locale) {
  auto const file = std::string(TOCSIN_SOURCE_DIR) + "/config/messages/" + locale + "/parse.yaml";
  Catalogue out;
  for (auto const& entry : YAML::LoadFile(file)) out[entry.first.as<std::string>()] = entry.second.as<std::string>();
  return out;
}

std::set<std::string> placeholders(std::string const& text) {
  std::set<std::string> out;
  for (auto at = text.find('{'); at != text.npos; at = text.find('{', at + 1)) {
    out.insert(text.substr(at + 1, text.find('}', at) - at - 1));
  }
  return out;
}

std::string rendered(Notice const& notice, Catalogue const& words);

struct Render {
  Catalogue const& words;
  std::string operator()(std::string const& text) const { return text; }
  std::string operator()(std::int64_t number) const { return std::to_string(number); }
  std::string operator()(Instant) const { return "11-23 03:15"; }
  std::string operator()(Millis) const { return "23:59:59"; }
  std::string operator()(Severity severity) const { return std::string(name_of(severity)); }
  std::string operator()(PersonId const& person) const { return person.value; }
  std::string operator()(IncidentId id) const { return "INC-" + std::to_string(id.value); }
  std::string operator()(std::vector<Notice> const& list) const {
    std::string out;
    for (auto const& notice : list) out += (out.empty() ? "" : " · ") + rendered(notice, words);
    return out;
  }
};

std::string rendered(Notice const& notice, Catalogue const& words) {
  auto const found = words.find(notice.key);
  if (found == words.end()) return "NO WORDS FOR " + notice.key;
  std::string out;
  auto const& text = found->second;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '{') {
      out += text[at++];
      continue;
    }
    auto const end = text.find('}', at);
    auto const name = text.substr(at + 1, end - at - 1);
    auto const* value = notice.find(name);
    if (name != "@") out += value == nullptr ? "NO ARGUMENT " + name : std::visit(Render{words}, *value);
    at = end + 1;
  }
  return out;
}

Notice const* notice_of(ParseOutcome const& outcome) {
  if (auto const* refused = std::get_if<Refused>(&outcome)) return &refused->notice;
  if (auto const* question = std::get_if<Ambiguous>(&outcome)) return &question->notice;
  return nullptr;
}

/// What is wrong with a message as somebody would read it; empty when nothing is.
std::string fault_of(std::string const& message) {
  if (message.find("NO ") != message.npos) return "words or arguments are missing";
  std::istringstream in(message);
  std::size_t lines = 0;
  for (std::string line; std::getline(in, line); ++lines) {
    if (utf8::columns(line) > 80) return "a line of " + std::to_string(utf8::columns(line)) + " columns";
  }
  return lines > 8 ? std::to_string(lines) + " lines" : "";
}

}  // namespace

TEST_CASE("every refusal and question is worded in both languages, within eight lines of eighty columns") {
  for (std::string const locale : {"zh-CN", "en"}) {
    auto const words = catalogue(locale);
    for (auto const& row : sample::read_cases("malformed.tsv")) {
      auto here = sample::context(row[0]);
      here.locale = locale;
      auto const outcome = parse(row[1], sample::table(), here);
      auto const* notice = notice_of(outcome);
      if (notice == nullptr) continue;
      auto const message = rendered(*notice, words);
      CAPTURE(message);
      CHECK(fault_of(message) == "");
    }
  }
}

TEST_CASE("long names, titles and inputs stay within the limits of a message") {
  auto const words = catalogue("zh-CN");
  std::string const han = [] {
    std::string out;
    for (int i = 0; i < 600; ++i) out += "网";
    return out;
  }();
  for (std::string const& typed :
       {"新建 P0 " + han, han, "重启 " + han, "日志 后端 " + han, "认领 --" + han, "升级" + han, "记录 42 " + han,
        std::string("升级 P1"), "执行 K9 " + han, "incident " + han, "清单 “" + han, "指派 @" + han, "回滚 " + han,
        "静默 " + han.substr(0, 240) + " 5", std::string(200, 'x'), "看日志 " + han}) {
    auto const outcome = parse(typed, sample::table(), sample::context("dm"));
    auto const* notice = notice_of(outcome);
    REQUIRE(notice != nullptr);
    auto const message = rendered(*notice, words);
    CAPTURE(message);
    CHECK(fault_of(message) == "");
  }
}

TEST_CASE("both catalogues have the same keys with the same arguments, and keep the tone") {
  auto const chinese = catalogue("zh-CN");
  auto const english = catalogue("en");
  CHECK(chinese.size() == english.size());
  for (auto const& [key, text] : chinese) {
    CAPTURE(key);
    REQUIRE(english.contains(key));
    CHECK(placeholders(text) == placeholders(english.at(key)));
    CHECK(text.find("您") == text.npos);
    for (auto const& words : {text, english.at(key)}) {
      CHECK(words.find('!') == words.npos);
      CHECK(words.find("！") == words.npos);
      CHECK(words.find("lease") == words.npos);
    }
    bool const sentence = key != "parse.item" && key != "parse.choice" && !key.starts_with("parse.expect.");
    bool const ends_so = text.ends_with("什么都没变") || text.ends_with("什么都没做");
    CHECK(ends_so == sentence);
    auto const& other = english.at(key);
    CHECK((other.ends_with("othing changed") || other.ends_with("othing was done")) == sentence);
  }
}
