#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "bot/pager.hpp"
#include "bot/web/json.hpp"
#include "incidents/store/audit.hpp"
#include "incidents/store/incidents.hpp"
#include "incidents/store/upkeep.hpp"
#include "tests/bot/stage.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

constexpr char const* kPassword = "Tr0ub4dor/&3=x";
constexpr char const* kMark = "‹已隐去›";

/// The demonstration with a mail password, a program that says it, and a log that holds it.
struct Leaky {
  Stage stage{[] {
    auto config = shipped_config("demo.yaml");
    config.mail.emplace();
    config.mail->password = {"env:SMTP_PASSWORD", Secret(kPassword)};
    ActionSpec leak;
    leak.name = "leak";
    leak.aliases = {"泄漏"};
    leak.title = Localized("leak");
    leak.effect = Effect::read;
    leak.steps.emplace_back(RunStep{{Argument{"/usr/bin/cat", ""}, Argument{"leak.txt", ""}}});
    config.actions.push_back(leak);
    ActionSpec echo = leak;
    echo.name = "echo";
    echo.aliases = {"回声"};
    ActionParameter text;
    text.name = "what";
    text.type = ParameterType::text;
    text.characters = CharacterClass::plain;
    echo.parameters = {text};
    echo.steps = {RunStep{{Argument{"/usr/bin/echo", ""}, Argument{"", "what"}}}};
    config.actions.push_back(echo);
    return config;
  }()};

  void write(std::string const& name, std::string const& text) {
    std::filesystem::create_directories((stage.folder / name).parent_path());
    std::ofstream(stage.folder / name) << text;
  }

  /// Nothing that this bot keeps holds the password; the store's log of writes counts too.
  void check_store() {
    for (auto const& entry : std::filesystem::directory_iterator(stage.folder)) {
      auto const name = entry.path().filename().string();
      if (!name.starts_with("tocsin.db")) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      std::string const bytes{std::istreambuf_iterator<char>(file), {}};
      CHECK_MESSAGE(bytes.find(kPassword) == std::string::npos, name);
    }
  }
};

}  // namespace

TEST_CASE("what a program prints reaches neither asker nor store nor postmortem with a secret in it") {
  Leaky leaky;
  auto& stage = leaky.stage;
  leaky.write("leak.txt", "connecting as bot with " + std::string(kPassword) + "\nok\n");
  stage.say("alice", "新建 P1 邮件发不出去");
  auto const shown = stage.worded(stage.say("alice", "泄漏"));
  CHECK(shown.find("connecting as bot with " + std::string(kMark)) != std::string::npos);
  CHECK(shown.find(kPassword) == std::string::npos);
  auto const told = stage.say("alice", "复盘 INC-1");
  CHECK(std::get<File>(told.message.blocks.back()).bytes.find(kPassword) == std::string::npos);
  stage.unit([](Database& database, Instant) {
    auto const runs = store::runs_of(database, IncidentId{1});
    REQUIRE(runs.size() == 1);
    CHECK(runs.front().output == "connecting as bot with " + std::string(kMark) + "\nok\n");
  });
  leaky.check_store();
}

TEST_CASE("output that is cut in the middle does not give half a secret away") {
  Leaky leaky;
  auto& stage = leaky.stage;
  std::string text;
  while (text.size() < 3'000'000) text += std::string(kPassword) + "\n";
  leaky.write("leak.txt", text);
  stage.say("alice", "新建 P1 邮件发不出去");
  stage.say("alice", "泄漏");
  stage.unit([](Database& database, Instant) {
    auto const output = store::runs_of(database, IncidentId{1}).front().output;
    CHECK(output.find("Tr0ub") == std::string::npos);
    CHECK(output.find("&3=x") == std::string::npos);
  });
}

TEST_CASE("a log is shown without secrets, also where a line is cut or a key begins before the excerpt") {
  Leaky leaky;
  auto& stage = leaky.stage;
  std::string const key_end = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\n-----END PRIVATE KEY-----\n";
  auto line = std::string(4'090, '.') + kPassword + "\n";
  leaky.write("logs/demo.log", "-----BEGIN PRIVATE KEY-----\n" + key_end + line + "ERROR url=redis://:pw@h\n");
  auto const shown = stage.worded(stage.say("alice", "日志 demo 4"));
  CHECK(shown.find("MIIEvQ") == std::string::npos);
  CHECK(shown.find("Tr0ub") == std::string::npos);
  CHECK(shown.find("redis://:" + std::string(kMark) + "@h") != std::string::npos);
}

TEST_CASE("what a person types is kept without the secret in it, and the audit stays whole") {
  Leaky leaky;
  auto& stage = leaky.stage;
  stage.say("alice", "新建 P1 密码 " + std::string(kPassword) + " 进不去");
  CHECK(Stage::key(stage.say("alice", "备注 用 https://bot:" + std::string(kPassword) + "@host 可以")) ==
        "incident.noted");
  auto const timeline = stage.worded(stage.say("alice", "时间线"));
  CHECK(timeline.find(kMark) != std::string::npos);
  CHECK(timeline.find(kPassword) == std::string::npos);
  CHECK(Stage::key(stage.say("admin", "审计校验")) == "audit.whole");
  leaky.check_store();
}

TEST_CASE("no program is handed a secret that somebody typed") {
  Leaky leaky;
  auto& stage = leaky.stage;
  CHECK(Stage::key(stage.say("alice", "回声 hello")) == "look.ran");
  CHECK(Stage::key(stage.say("alice", "回声 password=hunter2")) == "refused.secret_typed");
}

TEST_CASE("the store keeps no secret, whoever hands it over, and an encoded notice stays one") {
  Leaky leaky;
  auto& stage = leaky.stage;
  stage.say("alice", "新建 P1 邮件发不出去");
  stage.unit([&](Database& database, Instant now) {
    auto const what = Notice("note").with("text", std::string("said ") + kPassword + " twice: " + kPassword);
    store::append_timeline(database, IncidentId{1}, {{EntryKind::note, {}, now, now, what, 0, 0}});
    store::append_audit(database, {0, now, {}, "here", std::string("ran ") + kPassword, "done", kPassword, {}, {}});
  });
  stage.unit([&](Database& database, Instant) {
    auto const entries = store::timeline_of(database, IncidentId{1});
    CHECK(std::get<std::string>(*entries.back().what.find("text")) ==
          "said " + std::string(kMark) + " twice: " + kMark);
    CHECK_FALSE(store::verify_audit(database, {}).has_value());
  });
  leaky.check_store();
}

TEST_CASE("a page and the web page say nothing that the store did not know to be a secret") {
  Leaky leaky;
  auto const& setup = *leaky.stage.setup;
  PageJob job;
  job.incident = IncidentId{1};
  job.person = PersonId{"alice"};
  job.text = Notice("cell").with("value", std::string("login with ") + kPassword);
  auto const envelope = worded_page(job, setup, "", "tocsin.invalid", leaky.stage.clock.now());
  CHECK(envelope.subject.find(kPassword) == std::string::npos);
  CHECK(envelope.body.find(kMark) != std::string::npos);
  LocalEntry entry;
  entry.message = Message(job.text);
  auto const json = web_json::entry(entry, setup, setup.reader_of({}, leaky.stage.clock.now(), Medium::chat));
  CHECK(json.find(kMark) != std::string::npos);
  CHECK(json.find("Tr0ub") == std::string::npos);
}

TEST_CASE("a secret that a reload replaces is one for as long as the bot runs") {
  auto config = shipped_config("demo.yaml");
  config.mail.emplace();
  config.mail->password = {"env:SMTP_PASSWORD", Secret("the-old-one")};
  auto const words = std::make_shared<Catalogue const>(Catalogue::shipped());
  Setup const before(config, words);
  config.mail->password.value = Secret("the-new-one");
  Setup const after(config, words, before.redactor.get());
  CHECK(after.redactor->redact("the-old-one the-new-one") == std::string(kMark) + " " + kMark);
  CHECK(Setup(config, words, after.redactor.get()).redactor->secrets().size() == after.redactor->secrets().size());
}
