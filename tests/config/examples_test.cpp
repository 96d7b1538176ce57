// The examples of the message rules, word for word, from typed arguments.
#include <doctest/doctest.h>

#include "tests/config/catalogue_support.hpp"

using namespace tocsin;
using namespace tocsin::testing;
using namespace std::chrono_literals;

namespace {

using Notices = std::vector<Notice>;

struct Example {
  char const* name;
  Notice notice;
  std::string zh;
  std::string en;
  Medium medium = Medium::chat;
};

void check(Example const& row) {
  CAPTURE(row.name);
  CHECK(shipped_catalogue().render(row.notice, reader(Locale::zh_cn, row.medium)) == row.zh);
  CHECK(shipped_catalogue().render(row.notice, reader(Locale::en, row.medium)) == row.en);
}

Notice inc42(std::string key, std::string title) {
  return Notice(std::move(key))
      .with("severity", Severity::p0)
      .with("incident", IncidentId{42})
      .with("title", std::move(title));
}

Notice person(PersonId const& who) { return Notice("person").with("who", who); }
Notice time(Instant when) { return Notice("time").with("at", when); }

Notice card(std::string title, Notice state) {
  return inc42("incident.card", std::move(title))
      .with("state", Notices{std::move(state)})
      .with("recover_by", at(3, 40))
      .with("opened", Notices{Notice("opened.by_alert").with("at", at(3, 10)).with("alert", "BackendDown")})
      .with("symptom", Notices{Notice("evidence.http").with("path", "/health").with("status", std::int64_t{502}),
                               Notice("evidence.restarts")
                                   .with("service", "backend")
                                   .with("window", Millis{6min})
                                   .with("count", std::int64_t{9})})
      .with("change",
            Notices{Notice("change.deployed").with("at", at(2, 58)).with("version", "v2.8.1").with("who", zhao_min)})
      .with("chain", Notices{Notice("chain.paging")
                                 .with("who", zhang_san)
                                 .with("channel", Notices{Notice("channel.phone")})
                                 .with("state", Notices{Notice("page_state.ringing")}),
                             Notice("chain.next").with("at", at(3, 15)).with("who", li_lei),
                             Notice("chain.next").with("at", at(3, 20)).with("who", wang_fang)});
}

}  // namespace

TEST_CASE("1. incident card: as printed, and with the state in place of the ask") {
  auto const open = Notice("state.open").with("by", at(3, 15));
  CHECK(shipped_catalogue().render(card("网站无法访问", open), reader(Locale::zh_cn)) ==
        "🔴 P0 INC-42 网站无法访问 · 03:15 前认领\n"
        "恢复:03:40 前 · 03:10 由告警 BackendDown 打开\n"
        "现象:/health 502;backend 6 分钟重启 9 次\n"
        "变更:02:58 部署 v2.8.1(赵敏)\n"
        "呼叫:张三 电话响铃 · 03:15 李雷 · 03:20 王芳");
  CHECK(shipped_catalogue().render(card("Website down", open), reader(Locale::en)) ==
        "🔴 P0 INC-42 Website down · take it by 03:15\n"
        "Recover by 03:40 · opened 03:10 by alert BackendDown\n"
        "Symptom: /health 502; backend restarted 9 times in 6 min\n"
        "Change: 02:58 deployed v2.8.1 (Zhao Min)\n"
        "Paging: Zhang San, phone ringing · 03:15 Li Lei · 03:20 Wang Fang");
  check({"the line of buttons in words", Notice("incident.card_keys"),
         "[认领] [拿不准] [诊断] [改级] · 或私聊发 4 认领,6 升级",
         "[Take] [Unsure] [Diagnose] [Severity] · or DM 4 take, 6 escalate"});

  auto const taken = Notice("state.taken").with("who", zhang_san).with("at", at(3, 12)).with("recover_by", at(3, 40));
  auto const after = shipped_catalogue().render(card("网站无法访问", taken), reader(Locale::zh_cn));
  CHECK(after.substr(0, after.find('\n')) == "🔴 P0 INC-42 网站无法访问 · 张三 03:12 认领,恢复 03:40 前");
}

TEST_CASE("1. incident card: what is not known has no line of its own") {
  auto const bare =
      inc42("incident.card", "网站无法访问")
          .with("state", Notices{Notice("state.open").with("by", at(3, 15))})
          .with("recover_by", at(3, 40))
          .with("opened", Notices{Notice("opened.by_person").with("at", at(3, 10)).with("who", zhang_san)});
  CHECK(shipped_catalogue().render(bare, reader(Locale::zh_cn)) ==
        "🔴 P0 INC-42 网站无法访问 · 03:15 前认领\n恢复:03:40 前 · 03:10 由张三打开");
}

TEST_CASE("2. page by SMS") {
  auto const zh = [](std::string key) { return inc42(std::move(key), "网站无法访问"); };
  auto const en = [](std::string key) { return inc42(std::move(key), "Website down"); };
  auto const sms = [](Notice const& notice, Locale locale) {
    return shipped_catalogue().render(notice, reader(locale, Medium::sms));
  };
  auto const first = [](Notice notice) { return std::move(notice).with("who", zhang_san).with("by", at(3, 15)); };
  auto const next = [](Notice notice) { return std::move(notice).with("who", li_lei).with("by", at(3, 15)); };
  CHECK(sms(first(zh("page.sms")), Locale::zh_cn) == "P0 INC-42 网站无法访问，张三请在03:15前认领，回4认领，回6升级");
  CHECK(sms(first(en("page.sms")), Locale::en) ==
        "P0 INC-42 Website down. Zhang San take it by 03:15. Reply 4=take 6=escalate");
  CHECK(sms(next(zh("page.sms_next")), Locale::zh_cn) ==
        "P0 INC-42 网站无法访问，轮到李雷，03:15无人认领，回4认领，回6升级");
  CHECK(sms(next(en("page.sms_next")), Locale::en) ==
        "P0 INC-42 Website down. Li Lei your turn, nobody took it by 03:15. Reply 4=take 6=escalate");
}

TEST_CASE("3. page by e-mail: the subjects") {
  auto const subject = [](Notice const& notice, Locale locale) {
    return shipped_catalogue().render(notice, reader(locale, Medium::subject));
  };
  auto const asks = [](std::string title) {
    return inc42("page.subject", std::move(title)).with("who", zhang_san).with("by", at(3, 15));
  };
  auto const taken = [](std::string title) {
    return inc42("page.subject_taken", std::move(title)).with("who", zhang_san).with("at", at(3, 12));
  };
  CHECK(subject(asks("网站无法访问"), Locale::zh_cn) == "P0 INC-42 网站无法访问 · 张三 03:15 前认领");
  CHECK(subject(asks("Website down"), Locale::en) == "P0 INC-42 Website down · Zhang San, take it by 03:15");
  CHECK(subject(taken("网站无法访问"), Locale::zh_cn) == "已认领 P0 INC-42 网站无法访问 · 张三 03:12");
  CHECK(subject(taken("Website down"), Locale::en) == "Taken P0 INC-42 Website down · Zhang San 03:12");
}

TEST_CASE("9. refusal") {
  check({"ending the backup's connection",
         Notice("refusal")
             .with("what", Notices{Notice("act.end_connection").with("pid", std::int64_t{8831})})
             .with("incident", IncidentId{57})
             .with("reason", Notices{Notice("refused.is_backup")
                                         .with("pid", std::int64_t{8831})
                                         .with("at", at(2, 0))
                                         .with("age", Millis{31min}),
                                     Notice("refused.not_blocking")
                                         .with("pid", std::int64_t{4711})
                                         .with("service", "backend")
                                         .with("age", Millis{26min})})
             .with("instead", Notices{Notice("act.end_connection").with("pid", std::int64_t{4711})}),
         "⛔ 没有执行:结束连接 8831(INC-57)\n"
         "8831 是 02:00 的备份(已 31 分),结束它今天就没有备份\n"
         "它不在阻塞链上;堵的是 4711(backend,空闲事务 26 分)\n"
         "可发 结束连接 4711 · 什么都没变,已记录",
         "⛔ Not run: end connection 8831 (INC-57)\n"
         "8831 is the 02:00 backup (31 min in); ending it leaves no backup today\n"
         "It blocks nobody; 4711 does (backend, idle in transaction 26 min)\n"
         "You can send end connection 4711 · nothing changed, recorded"});
}

TEST_CASE("10. lapse notice, and the word that lets people sleep on") {
  Notices const delivery{
      Notice("delivery.person")
          .with("who", zhang_san)
          .with("facts",
                Notices{Notice("delivery.calls_unanswered").with("times", Notices{time(at(3, 10)), time(at(3, 12))}),
                        Notice("delivery.sms_delivered").with("at", at(3, 11))})};
  Notices const chain{Notice("chain.calling")
                          .with("who", li_lei)
                          .with("channels", Notices{Notice("channel.phone"), Notice("channel.ding")}),
                      Notice("chain.next").with("at", at(3, 20)).with("who", wang_fang)};
  check({"nobody took it",
         inc42("lapse.response", "网站无法访问")
             .with("by", at(3, 15))
             .with("recover_by", at(3, 40))
             .with("next", Notices{person(li_lei)})
             .with("delivery", delivery)
             .with("chain", chain),
         "⏰ P0 INC-42 03:15 无人认领,响应超时 · 轮到李雷\n"
         "张三:03:10、03:12 电话未接,短信 03:11 送达\n"
         "正在呼叫 李雷 电话+DING · 03:20 王芳\n"
         "恢复仍是 03:40 前 · 谁先看到谁点 [认领] 或私聊发 4",
         "⏰ P0 INC-42 nobody took it by 03:15, response missed · Li Lei's turn\n"
         "Zhang San: calls 03:10, 03:12 unanswered, SMS delivered 03:11\n"
         "Calling Li Lei, phone and DING · 03:20 Wang Fang\n"
         "Recovery still by 03:40 · first to read this: [Take] or DM 4"});
  check({"woken for nothing", inc42("page.stay_in_bed", "网站无法访问").with("who", zhang_san).with("at", at(3, 16)),
         "INC-42 张三 03:16 已认领,不用起来", "INC-42 Zhang San took it 03:16, stay in bed"});
}

TEST_CASE("small ones that nights depend on") {
  auto const reason = [](std::string text) {
    return Notice("approval.glass_broken")
        .with("who", zhang_san)
        .with("code", "K7")
        .with("reason", std::move(text))
        .with("approver", li_lei)
        .with("incident", IncidentId{57});
  };
  check({"taken",
         inc42("incident.taken", "网站无法访问")
             .with("who", zhang_san)
             .with("after", Millis{130s})
             .with("recover_by", at(3, 40))
             .with("idle", Millis{10min}),
         "✅ 张三认领 INC-42(2:10)。停止呼叫;恢复 03:40 前;10 分钟无动静再叫你",
         "✅ Zhang San has INC-42 (2:10). Paging stops\nRecover by 03:40; 10 min idle and you are paged again"});
  auto const which = [](std::string first, std::string second) {
    auto const choice = [](std::int64_t number, Severity severity, std::int64_t id, std::string title) {
      return Notice("ask.incident")
          .with("number", number)
          .with("severity", severity)
          .with("incident", IncidentId{id})
          .with("title", std::move(title));
    };
    return Notice("ask.which_incident")
        .with("n", std::int64_t{2})
        .with("choices",
              Notices{choice(1, Severity::p0, 42, std::move(first)), choice(2, Severity::p1, 57, std::move(second))})
        .with("send", Notices{Notice("ask.number").with("number", std::int64_t{1}),
                              Notice("ask.number").with("number", std::int64_t{2})});
  };
  CHECK(shipped_catalogue().render(which("网站", "数据库"), reader(Locale::zh_cn)) ==
        "有 2 个:1 P0 INC-42 网站 · 2 P1 INC-57 数据库。发 1 或 2");
  CHECK(shipped_catalogue().render(which("website", "database"), reader(Locale::en)) ==
        "There are 2: 1 P0 INC-42 website · 2 P1 INC-57 database. Send 1 or 2");
  check({"too late",
         Notice("refused.too_late")
             .with("what", Notices{Notice("act.restart").with("service", "postgres")})
             .with("at", at(2, 17))
             .with("age", Millis{35min}),
         "⛔ 没有执行:重启 postgres。这是 02:17 发的,已过 35 分。要做请再发",
         "⛔ Not run: restart postgres. Sent 02:17, 35 min ago. Send it again if you mean it"});
  CHECK(shipped_catalogue().render(reason("登录全断,李雷 3 分未应"), reader(Locale::zh_cn)) ==
        "⚠️ 张三破窗 K7:「登录全断,李雷 3 分未应」。已呼叫李雷;复核前 INC-57 不能关闭");
  CHECK(shipped_catalogue().render(reason("logins down, Li Lei silent 3 min"), reader(Locale::en)) ==
        "⚠️ Zhang San broke the glass on K7: \"logins down, Li Lei silent 3 min\". Li Lei paged; INC-57 stays open "
        "until reviewed");
  check(
      {"disk full", Notice("bot.disk_full").with("path", "/").with("percent", std::int64_t{100}),
       "🆘 警钟写不了盘(/ 100 %)。计时、呼叫照常。现在只能:认领 升级 诊断 清日志",
       "🆘 Tocsin cannot write (/ 100 %). Clocks and pages go on. For now only: take, escalate, diagnose, clean logs"});
  check({"chat lost",
         Notice("page.sms_chat_lost")
             .with("severity", Severity::p1)
             .with("incident", IncidentId{57})
             .with("platform", "Slack")
             .with("since", at(2, 12)),
         "P1 INC-57 Slack 02:12起中断，计时呼叫照常，回4认领，回6升级，回8状态",
         "P1 INC-57 Slack is down since 02:12. Clocks and pages go on. Reply 4=take 6=escalate 8=status", Medium::sms});
  check({"chat back",
         Notice("bot.chat_back")
             .with("platform", "Slack")
             .with("at", at(2, 52))
             .with("length", Millis{40min})
             .with("events", std::int64_t{6})
             .with("commands", std::int64_t{3}),
         "✅ Slack 02:52 恢复,断 40 分。期间 6 件事在线程里;积压 3 条指令未执行",
         "✅ Slack back 02:52 after 40 min. 6 events in the thread; 3 late commands not run"});
  check({"attack",
         Notice("incident.attack")
             .with("severity", Severity::p1)
             .with("incident", IncidentId{58})
             .with("ips", std::int64_t{2})
             .with("window", Millis{10min})
             .with("failures", std::int64_t{640})
             .with("logins", std::int64_t{0})
             .with("by", at(2, 45)),
         "🟠 P1 INC-58 登录爆破 2 IP 10 分钟 640 次失败 · 其后登录成功 0 · 02:45 前认领",
         "🟠 P1 INC-58 Login attack, 2 IPs, 640 failures in 10 min · 0 later successes · take it by 02:45"});
  auto const unclear = [](std::string text, std::string near) {
    return Notice("refused.not_understood").with("text", std::move(text)).with("near", std::move(near));
  };
  CHECK(shipped_catalogue().render(unclear("看日志", "日志 backend"), reader(Locale::zh_cn)) ==
        "不认识「看日志」。是不是:日志 backend。什么都没做");
  CHECK(shipped_catalogue().render(unclear("show log", "logs backend"), reader(Locale::en)) ==
        "Unknown: \"show log\". Did you mean: logs backend. Nothing was done");
}
