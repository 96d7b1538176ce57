// The templates and the values in them.
#include <doctest/doctest.h>

#include <limits>

#include "config/wording.hpp"
#include "tests/config/catalogue_support.hpp"

using namespace tocsin;
using namespace tocsin::testing;
using namespace std::chrono_literals;

namespace {

using Loaded = std::variant<Catalogue, std::vector<Mistake>>;

/// A catalogue whose only message is `text`, the same in both languages, beside the words that every one needs.
Loaded load(std::string const& text, std::string const& more = "") {
  static std::string zh;
  static std::string en;
  std::string const common = "unknown: \"%\"\nperson: \"{who}\"\nword.open: \"OPEN\"\n" + more;
  auto const words = [](char const* comma, char const* last_or, char const* last_and) {
    return std::string("separator.comma: \"") + comma + "\"\nseparator.pause: \"" + comma +
           "\"\nseparator.semicolon: \"; \"\n" + "separator.or: \"" + last_or + "\"\nseparator.and: \"" + last_and +
           "\"\n";
  };
  zh = common + words("、", " 或 ", "+") + "m: " + text + "\n";
  en = common + words(", ", " or ", " and ") + "m: " + text + "\n";
  return Catalogue::load({{"zh-CN/a.yaml", zh}, {"en/a.yaml", en}});
}

std::string shown(std::string const& text, Notice notice, Reader const& who = reader(Locale::en)) {
  auto loaded = load(text);
  REQUIRE(std::holds_alternative<Catalogue>(loaded));
  notice.key = "m";
  return std::get<Catalogue>(loaded).render(notice, who);
}

Notice with(std::string name, Arg value) { return Notice("m").with(std::move(name), std::move(value)); }

std::vector<Notice> people(std::vector<PersonId> const& ids) {
  std::vector<Notice> list;
  for (auto const& id : ids) list.push_back(Notice("person").with("who", id));
  return list;
}

}  // namespace

TEST_CASE("texts that do not parse are mistakes with their place") {
  for (char const* text :
       {"\"{\"", "\"}\"", "\"{a\"", "\"{}\"", "\"{A}\"", "\"{a b}\"", "\"{a:nonsense}\"", "\"{a:0}\"", "\"{n|one}\"",
        "\"{n|a|b|c}\"", "\"?a\"", "\"? text\"", "\"\"", "\"{a:fit} {b:fit}\"", "[1]", "\"{1a}\""}) {
    CAPTURE(text);
    auto const loaded = load(text);
    REQUIRE(std::holds_alternative<std::vector<Mistake>>(loaded));
    auto const& first = std::get<std::vector<Mistake>>(loaded).front();
    CHECK(first.path == "m");
    CHECK(first.line == 9);
  }
}

TEST_CASE("a key in one language only, in two files, or in no language is a mistake") {
  struct Row {
    std::vector<embedded::File> files;
    char const* mistake;
  };
  for (Row const& row :
       {Row{{{"zh-CN/a.yaml", "a: x\nb: x"}, {"en/a.yaml", "a: x"}}, "mistake.untranslated"},
        Row{{{"zh-CN/a.yaml", "a: x"}, {"zh-CN/b.yaml", "a: x"}, {"en/a.yaml", "a: x"}}, "mistake.name_taken"},
        Row{{{"fr/a.yaml", "a: x"}}, "mistake.catalogue_locale"},
        Row{{{"zh-CN/a.yaml", "a: [x\n"}}, "mistake.syntax"}}) {
    CAPTURE(row.mistake);
    auto const loaded = Catalogue::load(row.files);
    REQUIRE(std::holds_alternative<std::vector<Mistake>>(loaded));
    CHECK(std::get<std::vector<Mistake>>(loaded).front().what.key == row.mistake);
  }
}

TEST_CASE("holes, braces, plurals, conditions") {
  CHECK(shown("\"{{{a}}}\"", with("a", std::string("x"))) == "{x}");
  CHECK(shown("\"{n} {n|check|checks}\"", with("n", std::int64_t{1})) == "1 check");
  CHECK(shown("\"{n} {n|check|checks}\"", with("n", std::int64_t{0})) == "0 checks");
  CHECK(shown("\"{n} {n|check|checks}\"", with("n", std::int64_t{2})) == "2 checks");
  CHECK(shown("\"{l|one|many}\"", with("l", people({zhang_san}))) == "one");
  CHECK(shown("\"{a}\"", Notice("m")) == "%");  // "unknown"
  std::string const lines = "|-\n  first\n  ?a A {a}\n  !a no A\n  ?a ?b both";
  CHECK(shown(lines, Notice("m")) == "first\nno A");
  CHECK(shown(lines, with("a", std::string("x"))) == "first\nA x");
  CHECK(shown(lines, with("a", std::string())) == "first\nno A");
  CHECK(shown(lines, with("a", std::string("x")).with("b", std::int64_t{0})) == "first\nA x\nboth");
  CHECK(shown(lines, with("a", std::vector<Notice>{})) == "first\nno A");
  CHECK(shown(lines, with("a", PersonId{})) == "first\nno A");
}

TEST_CASE("lists") {
  auto const three = with("l", people({zhang_san, li_lei, wang_fang}));
  CHECK(shown("\"{l}\"", three) == "Zhang San · Li Lei · Wang Fang");
  CHECK(shown("\"{l:lines}\"", three) == "Zhang San\nLi Lei\nWang Fang");
  CHECK(shown("\"{l:comma}\"", three) == "Zhang San, Li Lei, Wang Fang");
  CHECK(shown("\"{l:or}\"", three) == "Zhang San, Li Lei or Wang Fang");
  CHECK(shown("\"{l:and}\"", three) == "Zhang San, Li Lei and Wang Fang");
  CHECK(shown("\"{l:semicolon}\"", three) == "Zhang San; Li Lei; Wang Fang");
  CHECK(shown("\"{l:or}\"", three, reader(Locale::zh_cn)) == "张三、李雷 或 王芳");
  CHECK(shown("\"{l}\"", three, reader(Locale::en, Medium::sms)) == "Zhang San, Li Lei, Wang Fang");
}

TEST_CASE("a list that contains itself ends") {
  auto notice = with("l", people({zhang_san}));
  for (int depth = 0; depth < 20; ++depth) notice = with("l", std::vector{notice});
  auto const text = shown("\"<{l}>\"", notice);
  CHECK(text.starts_with("<<<"));
  CHECK(text.size() < 200);
}

TEST_CASE("instants in the reader's zone; the date when it is not today there") {
  struct Row {
    Instant when;
    char const* zone;
    char const* text;
  };
  for (Row const& row : {Row{at(3, 15), "Asia/Shanghai", "03:15"}, Row{at(3, 15) - 24h, "Asia/Shanghai", "11-22 03:15"},
                         Row{at(3, 15) - 24h * 365, "Asia/Shanghai", "2025-11-23 03:15"},
                         Row{at(3, 15), "Europe/Berlin", "20:15"},        // now is the 22nd there as well
                         Row{at(12, 0), "Europe/Berlin", "11-23 05:00"},  // tomorrow there
                         Row{at(3, 15), "No/Such_Zone", "19:15"},         // read as UTC
                         Row{at(24, 0), "Asia/Shanghai", "11-24 00:00"}}) {
    CAPTURE(row.zone);
    auto who = reader(Locale::en);
    who.zone = row.zone;
    CHECK(shown("\"{t}\"", with("t", row.when), who) == row.text);
  }
  CHECK(shown("\"{t:clock}\"", with("t", at(3, 15) - 24h)) == "03:15");
  CHECK(shown("\"{t:date}\"", with("t", at(3, 15))) == "11-23");
  CHECK(shown("\"{t:date}\"", with("t", at(3, 15) - 24h * 365)) == "2025-11-23");
  CHECK(shown("\"{t:full}\"", with("t", at(3, 15))) == "2026-11-23 03:15:00 +08:00");
}

TEST_CASE("daylight saving: both sides of the hour that comes twice") {
  auto who = reader(Locale::en);
  who.zone = "Europe/Berlin";
  using namespace std::chrono;
  Instant const first = sys_days{2026y / 10 / 25} + 0h + 30min;  // 02:30 summer time
  who.now = first;
  CHECK(shown("\"{t:full}\"", with("t", first), who) == "2026-10-25 02:30:00 +02:00");
  CHECK(shown("\"{t:full}\"", with("t", first + 1h), who) == "2026-10-25 02:30:00 +01:00");
}

TEST_CASE("lengths of time as people say them") {
  struct Row {
    Millis length;
    char const* zh;
    char const* en;
  };
  for (Row const& row : {Row{850ms, "850 ms", "850 ms"}, Row{3200ms, "3.2 s", "3.2 s"}, Row{30s, "30 s", "30 s"},
                         Row{130s, "2:10", "2:10"}, Row{5min, "5 分", "5 min"}, Row{27min + 20s, "27 分", "27 min"},
                         Row{65min, "1 小时 5 分", "1 h 5 min"}, Row{2h, "2 小时", "2 h"}, Row{72h, "3 天", "3 days"},
                         Row{24h, "1 天", "1 day"}, Row{27h, "1 天 3 小时", "1 day 3 h"}, Row{-130s, "-2:10", "-2:10"},
                         Row{0ms, "0 ms", "0 ms"}, Row{200h, "8 天", "8 days"}}) {
    CAPTURE(row.en);
    CHECK(worded(row.length, Locale::zh_cn, HoleFormat::usual) == row.zh);
    CHECK(worded(row.length, Locale::en, HoleFormat::usual) == row.en);
  }
  CHECK(worded(Millis{27min + 20s}, Locale::en, HoleFormat::colon) == "27:20");
  CHECK(worded(Millis{65min}, Locale::en, HoleFormat::colon) == "1:05:00");
  CHECK(worded(Millis{10min}, Locale::zh_cn, HoleFormat::spelled) == "10 分钟");
  CHECK_NOTHROW(worded(Millis{std::numeric_limits<std::int64_t>::min()}, Locale::en, HoleFormat::usual));
}

TEST_CASE("numbers, severities, incidents") {
  CHECK(shown("\"{n:percent}\"", with("n", std::int64_t{87})) == "87 %");
  CHECK(shown("\"{n:bytes}\"", with("n", std::int64_t{1'800'000'000})) == "1.8 GB");
  CHECK(shown("\"{n:bytes}\"", with("n", std::int64_t{999})) == "999 B");
  CHECK(shown("\"{n:bytes}\"", with("n", std::int64_t{999'999})) == "1.0 MB");
  CHECK(shown("\"{s} {s:mark}\"", with("s", Severity::p3)) == "P3 🔵");
  CHECK(shown("\"{i}\"", with("i", IncidentId{42})) == "INC-42");
  CHECK(shown("\"{t:bytes}\"", with("t", std::string("text"))) == "text");  // a format that does not apply
  CHECK(shown("\"{t:word}\"", with("t", std::string("open"))) == "OPEN");
  CHECK(shown("\"{t:word}\"", with("t", std::string("odd"))) == "odd");
}

TEST_CASE("foreign text and names pass the platform's escape, fixed words do not") {
  auto who = reader(Locale::en);
  who.escape = [](std::string_view text) { return "<" + std::string(text) + ">"; };
  CHECK(shown("\"*{t}* {p} {n}\"", with("t", std::string("a\nb")).with("p", zhang_san).with("n", std::int64_t{1}),
              who) == "*<a b>* <Zhang San> 1");
  CHECK(shown("\"{t}\"", with("t", std::string(500, 'x')), reader(Locale::en)).size() == 199 + 3);
  CHECK(shown("\"{t:10}\"", with("t", std::string("网站无法访问"))) == "网站无法…");
}

TEST_CASE("a fitted text gives way to what stands around it") {
  auto const text = shown("\"{t:fit} · take it\"", with("t", std::string(200, 'x')));
  CHECK(text.size() == 48 + 3 + 4 + 7 + 1);  // 48 letters, … (3 bytes), " · " (4 bytes), "take it"; 60 columns in all
  CHECK(
      shown("\"{t:fit} " + std::string(80, 'y') + "\"", with("t", std::string(200, 'x'))).starts_with("xxxxxxxxxxx… "));
}

TEST_CASE("an unknown key shows as itself, and is counted") {
  auto loaded = load("\"x\"");
  auto const& catalogue = std::get<Catalogue>(loaded);
  auto const notice =
      Notice("no.such_key").with("who", zhang_san).with("n", std::int64_t{3}).with("l", people({li_lei}));
  CHECK(catalogue.render(notice, reader(Locale::en)) == "[no.such_key who=Zhang San n=3 l=#1]");
  CHECK(catalogue.render(Notice(""), reader(Locale::en)) == "[?]");
  CHECK(catalogue.unknown_keys() == 2);
}

TEST_CASE("marks stand before everything") {
  auto const& catalogue = shipped_catalogue();
  auto const page =
      Notice("page.stay_in_bed").with("incident", IncidentId{42}).with("who", zhang_san).with("at", at(3, 16));
  auto const marked = [&](std::string name, Arg value) { return Notice(page).with(std::move(name), std::move(value)); };
  CHECK(catalogue.render(marked("drill", std::int64_t{1}), reader(Locale::zh_cn)) ==
        "【演练】INC-42 张三 03:16:00 已认领,不用起来");  // the clocks of a drill run in seconds
  CHECK(catalogue.render(marked("drill", std::int64_t{0}), reader(Locale::zh_cn)) ==
        "INC-42 张三 03:16 已认领,不用起来");
  CHECK(catalogue.render(marked("late", at(3, 19)), reader(Locale::en)) ==
        "(late 03:19) INC-42 Zhang San took it 03:16, stay in bed");
  CHECK(catalogue.render(marked("may_repeat", std::int64_t{1}), reader(Locale::zh_cn)) ==
        "(可能重复)INC-42 张三 03:16 已认领,不用起来");
  auto both = marked("late", at(3, 19));
  both.with("drill", std::int64_t{1});
  CHECK(catalogue.render(both, reader(Locale::en)).starts_with("[DRILL] (late 03:19:00) INC-42"));
}

TEST_CASE("rendering never throws and is never empty, whatever the notice holds") {
  for (auto const& key : shipped_catalogue().keys()) {
    Notice hostile(key);
    for (auto const& name : shipped_catalogue().arguments(key, Locale::en))
      hostile.with(name, std::string("\xFF\xE2\x80\xAE{who}%s\n\0x", 13));
    CAPTURE(key);
    CHECK_FALSE(shipped_catalogue().render(hostile, reader(Locale::zh_cn)).empty());
    Notice odd(key);
    for (auto const& name : shipped_catalogue().arguments(key, Locale::en)) odd.with(name, Instant::max());
    CHECK_FALSE(shipped_catalogue().render(odd, reader(Locale::en, Medium::voice)).empty());
  }
}
