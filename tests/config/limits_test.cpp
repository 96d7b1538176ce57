// Every message, in both languages, with typical arguments: does it keep to the rules of the voice?
#include <array>
#include <set>
#include <sstream>

#include "config/text.hpp"
#include "tests/config/arguments.hpp"

using namespace tocsin;
using namespace tocsin::testing;

namespace {

constexpr std::size_t kMaxLines = 8;

/// Lines that the message rules themselves print longer than their limit; each no longer than it is printed there.
struct LongLine {
  char const* key;
  Locale locale;
  std::size_t columns;
};
constexpr std::array kLongLines{
    LongLine{"incident.taken", Locale::en, 100}, LongLine{"incident.attack", Locale::en, 100},
    LongLine{"incident.attack", Locale::zh_cn, 86}, LongLine{"approval.glass_broken", Locale::en, 120},
    LongLine{"bot.disk_full", Locale::en, 115}, LongLine{"bot.chat_back", Locale::en, 90},
    LongLine{"page.sms_chat_lost", Locale::en, 120}, LongLine{"page.sms", Locale::en, 160},
    LongLine{"page.sms_next", Locale::en, 160}, LongLine{"refused.too_late", Locale::en, 82},
    // Not lines of a message in a room: a link, a note in a document, an answer whose words were fixed elsewhere.
    LongLine{"page.how_to_answer", Locale::en, 90}, LongLine{"parse.number_or_text", Locale::en, 90},
    // A line of the document, with whole instants: nobody reads it on a telephone at night.
    LongLine{"postmortem.paused", Locale::zh_cn, 90}, LongLine{"postmortem.paused", Locale::en, 110}};

std::size_t allowed_columns(std::string const& key, Locale locale) {
  for (auto const& row : kLongLines) {
    if (row.key == key && row.locale == locale) return row.columns;
  }
  return kLineColumns;
}

std::vector<std::string> lines_of(std::string const& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

bool looks_like_emoji(char32_t c) {
  bool const arrow_or_dash = c == U'→' || c == U'…' || c == U'·';
  return !arrow_or_dash && ((c >= 0x2190 && c <= 0x2BFF) || (c >= 0x1F000 && c <= 0x1FAFF));
}

/// The first thing wrong with the emoji of a message; empty: nothing.
std::string wrong_emoji(std::string_view text) {
  bool first = true;
  while (!text.empty()) {
    auto const c = take_character(text);
    if (c && looks_like_emoji(*c)) {
      if (!is_message_emoji(*c)) return "not of the list";
      if (!first) return "not in front";
    }
    first = false;
  }
  return {};
}

std::string lowered(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

}  // namespace

TEST_CASE("both languages have the same keys and the same arguments") {
  auto const& catalogue = shipped_catalogue();  // loading refuses a key that one language lacks
  CHECK(catalogue.keys().size() > 300);
  for (auto const& key : catalogue.keys()) {
    CAPTURE(key);
    CHECK(catalogue.arguments(key, Locale::zh_cn) == catalogue.arguments(key, Locale::en));
  }
}

TEST_CASE("every argument has a declared type, and every declared type an argument") {
  ArgumentTypes const types;
  std::set<std::string> const known{"text", "number", "instant", "length", "severity", "person", "incident", "list"};
  std::set<std::string> used{"drill", "late", "may_repeat"};
  for (auto const& key : shipped_catalogue().keys()) {
    for (auto const& name : shipped_catalogue().arguments(key, Locale::en)) {
      CAPTURE(key);
      CAPTURE(name);
      auto const type = types.of(key, name);
      CHECK(known.count(type.substr(0, type.find(' '))) == 1);
      std::istringstream items(type.starts_with("list ") ? type.substr(5) : "");
      for (std::string item; items >> item;) CHECK_MESSAGE(shipped_catalogue().has(item), item);
      used.insert(name);
      used.insert(key + "." + name);
    }
  }
  for (auto const& entry : types.entries()) {
    CAPTURE(entry.key);
    CHECK(used.count(entry.key) == 1);
  }
}

TEST_CASE("every message keeps its size, its emoji and its words") {
  ArgumentTypes const types;
  for (auto const& key : shipped_catalogue().keys()) {
    // A separator is glue between words, not a message.
    if (key.starts_with("separator.")) continue;
    for (auto const locale : kLocales) {
      CAPTURE(key);
      CAPTURE(name_of(locale));
      auto const text = shipped_catalogue().render(typical_notice(key, locale, types), reader(locale));
      CAPTURE(text);
      auto const lines = lines_of(text);
      CHECK(lines.size() >= 1);
      CHECK(lines.size() <= kMaxLines);
      for (auto const& line : lines) CHECK(columns(line) <= allowed_columns(key, locale));
      CHECK(wrong_emoji(text) == "");
      if (key != "mistake.argument") CHECK(text.find('{') == std::string::npos);  // that one explains braces
      auto const unknown = shipped_catalogue().render(Notice(key), reader(locale));
      for (auto const& each : {text, unknown}) {
        auto words = lowered(each);
        // The rules print these two as facts of a log: how many log-ins went through.
        if (key == "incident.attack") {
          for (char const* fact : {"登录成功", "successes"}) {
            if (auto const at = words.find(fact); at != std::string::npos) words.erase(at, std::string(fact).size());
          }
        }
        for (char const* banned : {"成功", "success", "您", "please", "sorry", "抱歉", "!", "！"})
          CHECK_MESSAGE(words.find(banned) == std::string::npos, banned);
      }
      for (auto const medium : {Medium::plain, Medium::subject, Medium::sms, Medium::voice}) {
        auto const shown = shipped_catalogue().render(typical_notice(key, locale, types), reader(locale, medium));
        CHECK_FALSE(shown.empty());
        if (medium == Medium::plain) {
          CHECK(shown == text);
        } else {
          CHECK(shown == without_emoji(shown));
        }
      }
    }
  }
  CHECK(shipped_catalogue().unknown_keys() == 0);
}

TEST_CASE("a locked screen shows the symptom and the ask whole, however long the title") {
  ArgumentTypes const types;
  for (char const* key : {"incident.card",
                          "incident.opened",
                          "incident.reopened",
                          "page.first",
                          "page.next",
                          "page.recovery_near",
                          "page.recovery_lapsed",
                          "page.idle",
                          "page.called",
                          "page.instead",
                          "page.subject",
                          "card.head_open",
                          "card.head_acknowledged",
                          "card.head_mitigated",
                          "card.head_resolved",
                          "card.head_closed",
                          "card.head_false_alarm",
                          "card.head_merged",
                          "warning.response",
                          "warning.recovery",
                          "warning.update_due"}) {
    for (auto const locale : kLocales) {
      CAPTURE(key);
      auto notice = typical_notice(key, locale, types);
      for (auto& [name, argument] : notice.args) {
        if (name == "title") argument = "网站 down " + std::string(300, 'x');
        if (name == "state") argument = std::vector{Notice("state.open").with("by", at(3, 15))};
      }
      // Nobody has paused it: the head shows the deadline.
      std::erase_if(notice.args, [](auto const& argument) { return argument.first == "paused"; });
      auto const text = shipped_catalogue().render(notice, reader(locale));
      CAPTURE(text);
      auto const first = text.substr(0, text.find('\n'));
      CHECK(columns(first) <= kAskColumns);
      CHECK(first.find("网站") != std::string::npos);
      // Those who stand in for somebody, or are called by name, read the deadline in the second line.
      std::string_view const which(key);
      bool const over = which == "card.head_closed" || which == "card.head_false_alarm" || which == "card.head_merged";
      if (which != "page.called" && which != "page.instead" && !over) CHECK(first.find("03:15") != std::string::npos);
    }
  }
}

TEST_CASE("a refusal says first that it was not run, and last that nothing changed or that it is recorded") {
  ArgumentTypes const types;
  // Reasons that stand inside a refusal.
  std::set<std::string> const reasons{"refused.is_backup", "refused.not_blocking", "refused.needs_role"};
  // The rules print these two with another end.
  std::set<std::string> const printed{"refused.too_late", "refused.not_understood"};
  for (auto const& key : shipped_catalogue().keys()) {
    if (!key.starts_with("refused.") && key != "approval.denied" && key != "refusal") continue;
    if (reasons.count(key) > 0 || printed.count(key) > 0) continue;
    CAPTURE(key);
    for (bool const bare : {false, true}) {
      auto const shown = [&](Locale locale) {
        return shipped_catalogue().render(bare ? Notice(key) : typical_notice(key, locale, types), reader(locale));
      };
      auto const zh = shown(Locale::zh_cn);
      CAPTURE(zh);
      CHECK(zh.starts_with("⛔ 没有执行"));
      CHECK((zh.ends_with("什么都没变") || zh.ends_with("已记录")));
      auto const en = lowered(shown(Locale::en));
      CAPTURE(en);
      CHECK(en.starts_with("⛔ not run"));
      CHECK((en.ends_with("nothing changed") || en.ends_with("recorded")));
    }
  }
}

TEST_CASE("whatever says that it was not run has the sign in front and says at its end what changed") {
  ArgumentTypes const types;
  // The rules print these with another end, or they stand inside a refusal.
  std::set<std::string> const printed{"refused.too_late"};
  std::size_t refusals = 0;
  for (auto const& key : shipped_catalogue().keys()) {
    CAPTURE(key);
    auto const zh = shipped_catalogue().render(typical_notice(key, Locale::zh_cn, types), reader(Locale::zh_cn));
    auto const en = lowered(shipped_catalogue().render(typical_notice(key, Locale::en, types), reader(Locale::en)));
    bool const parameter = key.starts_with("parameter.");
    bool const says_so = zh.starts_with("没有执行") || zh.starts_with("⛔") || en.starts_with("not run") ||
                         en.starts_with("⛔") || parameter;
    if (!says_so) continue;
    ++refusals;
    CAPTURE(zh);
    CAPTURE(en);
    CHECK(zh.starts_with("⛔ 没有执行"));
    CHECK(en.starts_with("⛔ not run"));
    if (printed.count(key) > 0) continue;
    CHECK((zh.ends_with("什么都没变") || zh.ends_with("已记录")));
    CHECK((en.ends_with("nothing changed") || en.ends_with("recorded")));
  }
  CHECK(refusals > 100);
}

TEST_CASE("words with two meanings are never printed as the word to send, and the bot does nothing by itself") {
  ArgumentTypes const types;
  for (auto const& key : shipped_catalogue().keys()) {
    for (auto const locale : kLocales) {
      CAPTURE(key);
      auto const text = lowered(shipped_catalogue().render(typical_notice(key, locale, types), reader(locale)));
      CAPTURE(text);
      for (char const* banned :
           {"发 确认",       "发 恢复",      "发 回滚",      "[确认]",        "[恢复]",         "[回滚]",
            "send confirm",  "send recover", "send restore", "send rollback", "send roll back", "[confirm]",
            "[recover]",     "[rollback]",   "系统已",       "系统将",        "权限不足",       "permission denied",
            "unfortunately", "oops",         "很遗憾",       "不好意思",      "马上",           " very ",
            "thank",         "谢谢"})
        CHECK_MESSAGE(text.find(banned) == std::string::npos, banned);
      // A button says one verb, and it is none of the three.
      if (!key.starts_with("button.")) continue;
      for (char const* banned : {"确认", "恢复", "回滚", "confirm", "recover", "rollback"}) CHECK(text != banned);
    }
  }
}

TEST_CASE("what is left out by the code is left out of the text") {
  struct Row {
    Notice notice;
    char const* zh;
    char const* en;
  };
  Notice const detail = Notice("card.detail").with("at", at(3, 10));
  for (Row const& row : {
           Row{detail, "03:10 由告警打开", "Opened 03:10 by an alert"},
           Row{Notice("cell").with("value", std::string()), "-", "-"},
           Row{Notice("delivery.accepted"), "已发出", "sent"},
           Row{Notice("timeline.denied")
                   .with("code", "K7")
                   .with("what", std::vector{Notice("what.pause").with("incident", IncidentId{42})})
                   .with("reason", std::string()),
               "拒绝 K7:暂停 INC-42 的计时", "Denied K7: Pause the clocks of INC-42"},
           Row{Notice("refused.nothing_to_run").with("code", std::string()),
               "⛔ 没有执行:没有等你执行的;危险操作要带编号。什么都没变",
               "⛔ Not run: nothing waits for you; a danger takes its code. Nothing changed"},
           Row{Notice("card.coming").with("at", at(3, 20)).with("people", std::vector<Notice>{}), "03:20 没有人",
               "03:20 nobody"},
       }) {
    CAPTURE(row.notice.key);
    CHECK(shipped_catalogue().render(row.notice, reader(Locale::zh_cn)) == row.zh);
    CHECK(shipped_catalogue().render(row.notice, reader(Locale::en)) == row.en);
  }
}

TEST_CASE("the card and its chain as the code makes them") {
  using namespace std::chrono_literals;
  auto const head = Notice("card.head_acknowledged")
                        .with("severity", Severity::p0)
                        .with("incident", IncidentId{42})
                        .with("title", std::string("网站无法访问"))
                        .with("who", zhang_san)
                        .with("at", at(3, 12))
                        .with("by", at(3, 15))
                        .with("recover_by", at(3, 40));
  CHECK(shipped_catalogue().render(head, reader(Locale::zh_cn)) ==
        "🔴 P0 INC-42 网站无法访问 · 张三 03:12 认领,恢复 03:40 前");
  auto const paged = Notice("card.paged_accepted")
                         .with("who", zhang_san)
                         .with("at", at(3, 10))
                         .with("channel", std::vector{Notice("channel.email")});
  auto const coming =
      Notice("card.coming").with("at", at(3, 15)).with("people", std::vector{Notice("person").with("who", li_lei)});
  auto const detail = Notice("card.detail")
                          .with("at", at(3, 10))
                          .with("who", zhao_min)
                          .with("recover_by", at(3, 40))
                          .with("chain", std::vector{paged, coming});
  CHECK(shipped_catalogue().render(detail, reader(Locale::zh_cn)) ==
        "恢复:03:40 前 · 03:10 由赵敏打开\n呼叫:张三 邮件 03:10 发出 · 03:15 李雷\n私聊发 4 认领,6 升级,8 状态");
  CHECK(shipped_catalogue().render(detail, reader(Locale::en)) ==
        "Recover by 03:40 · opened 03:10 by Zhao Min\nPaging: Zhang San, e-mail sent 03:10 · 03:15 Li Lei\n"
        "DM 4 take, 6 escalate, 8 status");
}

TEST_CASE("a page by SMS fits one segment") {
  ArgumentTypes const types;
  for (char const* key : {"page.sms", "page.sms_next", "page.sms_chat_lost"}) {
    CAPTURE(key);
    std::size_t characters = 0;
    auto const zh =
        shipped_catalogue().render(typical_notice(key, Locale::zh_cn, types), reader(Locale::zh_cn, Medium::sms));
    for (std::string_view rest = zh; !rest.empty(); ++characters) static_cast<void>(take_character(rest));
    CHECK(characters <= 60);  // of 70, with a signature in front
    auto const en = shipped_catalogue().render(typical_notice(key, Locale::en, types), reader(Locale::en, Medium::sms));
    CHECK(en.size() <= 150);
    CHECK(std::all_of(en.begin(), en.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
  }
}
