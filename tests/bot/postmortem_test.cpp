// The draft of a postmortem, on a night as it happens: all its parts in both languages, and nothing that anybody typed
// or a program printed can break the document.
#include "commands/postmortem.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "incidents/due.hpp"
#include "incidents/store/incidents.hpp"
#include "incidents/store/upkeep.hpp"
#include "integrations/process/runner.hpp"
#include "tests/bot/stage.hpp"

using namespace tocsin;
using namespace tocsin::test;
using namespace std::chrono_literals;

namespace {

char const* const kHostile =
    "a|b `c` <script>x</script> [t](http://evil.example) **b** _i_ ~~s~~ # h &lt; @all !\\\\| www.evil.example";

std::vector<std::string> lines_of(std::string const& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// Bars that end a cell: those not escaped.
std::size_t bars(std::string const& line) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\') {
      ++i;
    } else if (line[i] == '|') {
      ++count;
    }
  }
  return count;
}

/// What a parser of Markdown still sees as its own: a backslash takes the next character out of its hands.
std::string without_escaped(std::string const& line) {
  std::string live;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\') {
      ++i;
    } else {
      live += line[i];
    }
  }
  return live;
}

void let_time_act(Stage& stage) {
  stage.unit([&](Database& database, Instant now) {
    Desk const desk{database, stage.setup->directory, now};
    static_cast<void>(advance_due(desk, 100));
    for (auto const& job : take_pages(desk, 100)) {
      bool const mail = job.channel == "email";
      report_page(
          desk, job.page, job.position,
          {mail ? Outcome::Kind::rejected : Outcome::Kind::accepted, std::nullopt, mail ? "550 no|such\nuser <b>" : ""},
          0.5);
    }
  });
}

/// A P0 with everything a postmortem tells about.
IncidentId a_night(Stage& stage) {
  stage.say("alice", std::string("新建 P0 ") + kHostile);
  let_time_act(stage);
  stage.clock.move(6min);
  let_time_act(stage);
  stage.say("bob", "认领");
  stage.say("bob", "角色 指挥 @alice");
  stage.say("bob", "改级 P1");
  stage.say("bob", "暂停计时 等供应商");
  stage.clock.move(10min);
  stage.say("bob", "继续计时");
  stage.say("bob", std::string("备注 ") + kHostile);
  stage.say("bob", "链接 https://monitor.lawsker.com/d/1?a=b 错误率");
  stage.say("bob", std::string("待办 ") + kHostile);
  stage.say("bob", "/diag health");
  stage.unit([](Database& database, Instant now) {
    store::Run run;
    run.incident = IncidentId{1};
    run.action = "look|at";
    run.target = "x";
    run.parameters = "name=a|b\n# not a heading";
    run.effect = "read";
    run.person = PersonId{"bob"};
    run.started_at = now;
    run.id = store::insert_run(database, run);
    run.ended_at = now + 3s;
    run.state = "failed";
    run.exit_code = 2;
    for (int i = 0; i < 40; ++i) run.output += "line " + std::to_string(i) + " ```` </details> | # x\n";
    store::finish_run(database, run);
  });
  stage.clock.move(3min);
  stage.say("bob", "解决 切走了流量");
  return IncidentId{1};
}

std::string document(Stage& stage, IncidentId id, Locale locale) {
  std::string text;
  stage.unit([&](Database& database, Instant now) {
    auto reader = stage.setup->reader_of({}, now, Medium::plain);
    reader.locale = locale;
    text = postmortem_markdown(database, *store::load_incident(database, id), *stage.setup->catalogue, reader);
  });
  return text;
}

/// The document without what stands inside fences.
std::vector<std::string> outside_fences(std::string const& text) {
  std::vector<std::string> kept;
  std::string fence;
  for (auto const& line : lines_of(text)) {
    if (fence.empty() && line.starts_with("```")) {
      fence = line;
    } else if (line == fence) {
      fence.clear();
    } else if (fence.empty()) {
      kept.push_back(line);
    }
  }
  CHECK(fence.empty());
  return kept;
}

}  // namespace

TEST_CASE("a postmortem has all its parts, in both languages, and tells what happened") {
  Stage stage(shipped_config("demo.yaml"));
  auto const id = a_night(stage);
  auto const zh = document(stage, id, Locale::zh_cn);
  auto const en = document(stage, id, Locale::en);
  std::vector<std::string> headings;
  for (auto const& line : outside_fences(zh)) {
    if (line.starts_with("## ")) headings.push_back(line);
  }
  CHECK(headings == std::vector<std::string>{"## 概要", "## 影响", "## 人员", "## 时限", "## 时间线", "## 执行过的操作",
                                             "## 呼叫", "## 原因", "## 做得好的和不好的", "## 后续待办"});
  headings.clear();
  for (auto const& line : outside_fences(en)) {
    if (line.starts_with("## ")) headings.push_back(line);
  }
  CHECK(headings == std::vector<std::string>{"## Summary", "## Impact", "## People", "## Targets", "## Timeline",
                                             "## Actions that were run", "## Pages", "## Cause",
                                             "## What went well and what did not", "## To do"});
  for (std::string const fact :
       {"- **打开**: 2026-11-23 11:10:00 +08:00 (Alice)", "- **认领**: 2026-11-23 11:16:00 +08:00 (Bob)",
        "- **持续**: 19 分 (2026-11-23 11:10:00 +08:00 – 2026-11-23 11:29:00 +08:00)", "- **负责人**: Bob",
        "- **指挥**: Alice", "| 响应 | 5 分 | 6 分 | 超时 |", "| 恢复 | 2 小时 | 9 分 | 守住 |",
        "- 暂停 2026-11-23 11:16:00 +08:00 到 2026-11-23 11:26:00 +08:00,共 10 分(Bob:等供应商)",
        "<https://monitor.lawsker.com/d/1?a=b>", "diag health", "<details><summary>输出 40 行</summary>",
        "Bob · 失败 · 3 s", "- [ ] 1. ", "切走了流量", "> _待写"}) {
    CAPTURE(fact);
    CHECK(zh.find(fact) != std::string::npos);
  }
  // What came of each page: the mail that was refused, the inbox that took it.
  auto const pages = en.substr(en.find("## Pages"));
  CHECK(pages.find("| inbox sent |") != std::string::npos);
}

TEST_CASE("nothing foreign breaks the document: every row has its cells, every fence its end, no markup gets through") {
  auto config = shipped_config("lawsker.yaml");
  for (auto& person : config.people) {
    if (person.id.value == "devops") person.identities.web = "alice";
    if (person.id.value == "lead") person.identities.web = "bob";
  }
  for (auto const locale : kLocales) {
    Stage stage(config);
    a_night(stage);
    auto const text = document(stage, IncidentId{1}, locale);
    CAPTURE(text);
    std::size_t width = 0;
    std::size_t tables = 0;
    bool folded = false;
    for (auto const& line : outside_fences(text)) {
      CAPTURE(line);
      if (line.starts_with("| ") || line.starts_with("|-")) {
        if (width == 0) {
          width = bars(line);
          ++tables;
        }
        CHECK(bars(line) == width);
      } else {
        width = 0;
      }
      auto const live = without_escaped(line);
      for (std::string const markup : {"<script", "](", "~~", "`", "http://evil", "www.evil", "@all", "&lt;"}) {
        CAPTURE(markup);
        CHECK(live.find(markup) == live.npos);
      }
      CHECK((line.starts_with("# ") || line.starts_with("## ") || line.starts_with("### ") || !line.starts_with("#")));
      if (line.starts_with("<details>")) folded = true;
    }
    CHECK(tables == 3);
    CHECK(folded);
    CHECK(text.find("550 no\\|such user \\<b\\>") != std::string::npos);
  }
}

TEST_CASE("whoever reads it sees what was typed: the parser of GitHub's Markdown agrees about tables and text") {
  if (!std::filesystem::exists("/usr/bin/cmark-gfm")) {
    MESSAGE("skipped: there is no cmark-gfm");
    return;
  }
  Stage stage(shipped_config("demo.yaml"));
  a_night(stage);
  auto const file = stage.folder / "postmortem.md";
  std::ofstream(file) << document(stage, IncidentId{1}, Locale::en);
  process::ProcessSpec parser;
  parser.argv = {"/usr/bin/cmark-gfm", "--unsafe", "-e",       "table",      "-e", "autolink", "-e",
                 "strikethrough",      "-e",       "tasklist", file.string()};
  parser.timeout = 10s;
  parser.output_limit_bytes = 1024 * 1024;
  auto const outcome = process::run(parser, std::stop_token{}, [](std::string_view) {});
  REQUIRE(outcome.ending == process::Ending::exited);
  REQUIRE(outcome.exit_code == 0);
  auto const& html = outcome.output;
  CAPTURE(html);
  auto const count = [&html](std::string const& part) {
    std::size_t found = 0;
    for (auto at = html.find(part); at != std::string::npos; at = html.find(part, at + 1)) ++found;
    return found;
  };
  CHECK(count("<table>") == 3);
  CHECK(count("<script>") == 0);
  CHECK(count("<a href=\"http://evil") == 0);
  CHECK(count("<a href=\"http://www.evil") == 0);
  CHECK(count("<del>") == 0);
  CHECK(count("<details>") == 1);
  CHECK(count("</details>") == 1);
  CHECK(count("<h1>") == 1);
  // As typed, entities and backslashes included: title, note, to-do.
  CHECK(count("a|b `c` &lt;script&gt;x&lt;/script&gt; [t](http://evil.example) **b** _i_ ~~s~~ # h &amp;lt; @all") >=
        3);
  CHECK(count("<a href=\"https://monitor.lawsker.com/d/1?a=b\">") == 1);
}
