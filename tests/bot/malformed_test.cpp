// What nobody can understand, through a whole bot: refused in the reader's language, and nothing is stored.
#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

#include "tests/bot/stage.hpp"
#include "tests/commands/cases.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

/// Every row of every table, as text.
std::map<std::string, std::vector<std::string>> content_of(Database& database) {
  std::vector<std::pair<std::string, int>> tables;
  database.each(
      "SELECT m.name, count(*) FROM sqlite_master m, pragma_table_info(m.name) WHERE m.type = 'table' GROUP BY 1", {},
      [&](Row const& row) { tables.emplace_back(row.string(0), static_cast<int>(row.integer(1))); });
  std::map<std::string, std::vector<std::string>> content;
  for (auto const& [table, columns] : tables) {
    auto& rows = content[table];
    database.each("SELECT * FROM " + table + " ORDER BY 1, 2", {}, [&, count = columns](Row const& row) {
      auto& line = rows.emplace_back();
      for (int i = 0; i < count; ++i) line += row.null(i) ? "-\t" : row.string(i) + "\t";
    });
  }
  return content;
}

std::map<std::string, std::vector<std::string>> content_of(Stage& stage) {
  std::map<std::string, std::vector<std::string>> content;
  stage.unit([&](Database& database, Instant) { content = content_of(database); });
  return content;
}

bool ends_in(std::string text, Locale locale) {
  while (text.ends_with('\n')) text.pop_back();
  // Every refusal ends so, in its language: tests/commands/parser_messages_test.cpp.
  return locale == Locale::zh_cn ? text.ends_with("什么都没变") || text.ends_with("什么都没做")
                                 : text.ends_with("othing changed") || text.ends_with("othing was done");
}

using Rows = std::vector<std::vector<std::string>>;

struct Told {
  Rows refused;
  Rows understood;  ///< the table was written for a larger bot with other words
  int ignored = 0;
};

/// A demo with two open incidents; `who` types the lines, each in a room of its own, so that no suggestion of one line
/// is picked by the next.
class Typing {
 public:
  explicit Typing(Locale locale) : locale_(locale), stage(in(locale)) {
    stage.say("alice", "新建 P0 网站无法访问");
    stage.say("alice", "新建 P2 搜索慢");
  }

  Told type(Rows const& rows, std::string const& who) {
    Told told;
    for (auto const& row : rows) {
      CAPTURE(row[0]);
      CAPTURE(row[1]);
      Inbound inbound;
      inbound.direct = !row[0].starts_with("group");
      inbound.from_speech = row[0].starts_with("speech");
      inbound.text = row[1];
      inbound.room.conversation = "room-" + std::to_string(++lines_);
      auto const reply = stage.send("web", who, std::move(inbound));
      if (reply.state == Reply::State::nothing) {
        // By that name the bot is known on a platform this one is not on.
        bool const somebody_else = row[1] == "<@U0BOT>";
        bool const meant_so = row[2] == "nothing" || row[0] == "addressed" || somebody_else;
        CHECK(meant_so);
        ++told.ignored;
      } else if (!Stage::key(reply).starts_with("parse.")) {
        told.understood.push_back(row);
      } else {
        auto const text = stage.worded(reply);
        CAPTURE(text);
        CHECK(reply.state == Reply::State::refused);
        CHECK(ends_in(text, locale_));
        told.refused.push_back(row);
      }
    }
    return told;
  }

 private:
  static Config in(Locale locale) {
    auto config = shipped_config("demo.yaml");
    config.locale = locale;
    config.guard.rate_limit.reset();
    return config;
  }

  Locale locale_;
  int lines_ = 0;

 public:
  Stage stage;
};

}  // namespace

TEST_CASE("300 malformed commands: each a clear answer in the right language, and nothing at all is stored") {
  auto const all = sample::read_cases("malformed.tsv");
  for (auto const locale : kLocales) {
    for (std::string const who : {"bob", "stranger"}) {
      CAPTURE(name_of(locale));
      CAPTURE(who);
      auto const told = Typing(locale).type(all, who);
      CHECK(told.refused.size() >= 500);
      CHECK(told.understood.size() <= 30);
      Typing again(locale);
      auto const before = content_of(again.stage);
      REQUIRE(before.at("incidents").size() == 2);
      REQUIRE(before.at("audit").size() == 2);
      CHECK(again.type(told.refused, who).refused.size() == told.refused.size());
      auto const after = content_of(again.stage);
      for (auto const& [table, rows] : before) {
        CAPTURE(table);
        CHECK(after.at(table) == rows);
      }
      MESSAGE(name_of(locale) << " " << who << ": " << told.refused.size() << " refused, " << told.ignored
                              << " not for the bot, " << told.understood.size() << " mean something here");
    }
  }
}
