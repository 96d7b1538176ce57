// Hostile input: whatever the bytes, the parser returns, and what it returns keeps its promises.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <random>
#include <string>

#include "commands/parser.hpp"
#include "commands/text.hpp"
#include "commands/utf8.hpp"
#include "tests/commands/sample_table.hpp"

using namespace tocsin;

namespace {

constexpr std::uint32_t kSeed = 20231123;
constexpr int kRounds = 20'000;
constexpr std::array kPlaces{"dm", "group", "addressed", "speech", "dm-en"};

bool is_text(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    auto const size = utf8::decode(bytes, at).size;
    if (size == 0) return false;
    at += size;
  }
  return true;
}

bool is_text(Notice const& notice);

struct IsText {
  bool operator()(std::string const& text) const { return is_text(text); }
  bool operator()(std::vector<Notice> const& list) const {
    return std::all_of(list.begin(), list.end(), [](Notice const& one) { return is_text(one); });
  }
  template <class Other>
  bool operator()(Other const&) const {
    return true;
  }
};

bool is_text(Notice const& notice) {
  return std::all_of(notice.args.begin(), notice.args.end(),
                     [](auto const& arg) { return std::visit(IsText{}, arg.second); });
}

/// The first promise that an outcome breaks; empty when it keeps all.
std::string broken_promise(ParseOutcome const& outcome, ParseContext const& here) {
  if (auto const* parsed = std::get_if<Parsed>(&outcome)) {
    if (!is_text(describe(*parsed))) return "arguments that are no text";
    for (auto const& parameter : parsed->command->parameters) {
      if (parameter.required && !parsed->arguments.given(parameter.name)) return "no " + parameter.name;
    }
    return here.from_speech && !parsed->command->voice_safe ? "ran by voice" : "";
  }
  if (auto const* refused = std::get_if<Refused>(&outcome)) {
    if (!refused->notice.key.starts_with("parse.") || !is_text(refused->notice)) return "a notice that says nothing";
    if (refused->suggestions.size() > 3) return "too many suggestions";
    for (auto const& line : refused->suggestions) {
      auto direct = here;
      direct.direct_message = true;
      auto const again = parse(line, sample::table(), direct);
      auto const* parsed = std::get_if<Parsed>(&again);
      if (parsed == nullptr) return "a suggestion that does not run: " + line;
      if (parsed->command->effect == Effect::danger) return "danger suggested";
    }
    return "";
  }
  if (auto const* question = std::get_if<Ambiguous>(&outcome)) {
    if (question->candidates.empty() || !is_text(question->notice)) return "an empty question";
    return "";
  }
  if (std::holds_alternative<Key>(outcome)) return here.direct_message ? "" : "a key in a group";
  return "";
}

class Source {
 public:
  std::size_t below(std::size_t bound) { return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_); }
  char byte() { return static_cast<char>(below(256)); }

 private:
  std::mt19937 random_{kSeed};
};

/// Pieces that mean something to the parser, to get deeper than noise does.
constexpr std::array<std::string_view, 40> kPieces{
    " ",  "--", "—",    "“",    "”",    "'",    "\"",    "=",      ":",      "，",   "。",  "！",    "@", "<@",
    ">",  "|",  "#",    "号",   "P0",   "p零",  "42",    "INC-",   "2小时",  "半",   "到",  "22:00", "-", "/",
    "、", "`",  "张三", "后端", "认领", "新建", "--at ", "\u200B", "\u3000", "\xFF", "ops", "确认"};

std::string mutated(std::string line, Source& source) {
  for (auto changes = 1 + source.below(4); changes > 0; --changes) {
    auto const at = source.below(line.size() + 1);
    switch (source.below(6)) {
      case 0:
        line.insert(at, 1, source.byte());
        break;
      case 1:
        line.insert(at, kPieces[source.below(kPieces.size())]);
        break;
      case 2:
        line.erase(at, 1 + source.below(4));
        break;
      case 3:
        if (at < line.size()) line[at] = source.byte();
        break;
      case 4:
        line += line.substr(at);
        break;
      default:
        line = line.substr(at) + std::string(kPieces[source.below(kPieces.size())]) + line.substr(0, at);
        break;
    }
    if (line.size() > 400) line.resize(400);
  }
  return line;
}

}  // namespace

TEST_CASE("random bytes never crash, and every answer keeps its promises") {
  Source source;
  for (int round = 0; round < kRounds; ++round) {
    std::string line;
    for (auto size = source.below(60); size > 0; --size) line += source.byte();
    auto const here = sample::context(kPlaces[source.below(kPlaces.size())]);
    auto const fault = broken_promise(parse(line, sample::table(), here), here);
    if (!fault.empty()) FAIL("round ", round, ": ", fault, " for ", line);
  }
}

TEST_CASE("random pieces and mutations of good lines never crash, and every answer keeps its promises") {
  Source source;
  auto lines = sample::read_cases("good.tsv");
  for (auto& row : sample::read_cases("malformed.tsv")) lines.push_back(std::move(row));
  for (int round = 0; round < kRounds; ++round) {
    auto const line = mutated(lines[source.below(lines.size())][1], source);
    auto const here = sample::context(kPlaces[source.below(kPlaces.size())]);
    auto const fault = broken_promise(parse(line, sample::table(), here), here);
    if (!fault.empty()) FAIL("round ", round, ": ", fault, " for ", line);
  }
}

TEST_CASE("what a phone adds around a command changes nothing") {
  for (auto const& row : sample::read_cases("good.tsv")) {
    bool const has_text = row[2].find('"') != std::string::npos;
    bool const is_command = row[2] != "nothing" && row[2].find("key") == std::string::npos;
    if (has_text || !is_command) continue;
    auto const here = sample::context(row[0]);
    for (std::string const& line : {" \u00A0" + row[1], "\uFEFF" + row[1] + "\u200B", row[1] + "。", row[1] + " ！",
                                    row[1] + "~", "\u3000" + row[1] + "\n"}) {
      CAPTURE(line);
      CHECK(sample::outcome_of(parse(line, sample::table(), here)) == row[2]);
    }
  }
}

TEST_CASE("the largest line of anything is answered at once") {
  using namespace std::chrono_literals;
  for (std::string_view const piece :
       {"a",    " ",          "@tocsin ",     "@",    "<@",   "<@U0BOT> ", "\"",   "' ",
        "-- ",  "--private ", " --private x", "p0 ",  "P0网", "=",         ",",    "张三 ",
        "认领", "42 ",        "1h",           "半",   "十",   "22:00-",    "确认", "新建 ",
        "`",    "/ops ",      "\xE7\xBD\x91", "日志 "}) {
    for (std::string const start : {"", "新建 P0 ", "拉人 ", "日志 后端 ", "/"}) {
      auto line = start;
      while (line.size() + piece.size() <= kMaxInputBytes) line += piece;
      CAPTURE(piece);
      auto const here = sample::context("dm");
      auto const begin = std::chrono::steady_clock::now();
      auto const outcome = parse(line, sample::table(), here);
      // Wide enough for a sanitizer on a busy machine; what is quadratic is far beyond it.
      CHECK(std::chrono::steady_clock::now() - begin < 1s);
      CHECK(broken_promise(outcome, here) == "");
    }
  }
}
