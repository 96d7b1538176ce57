// Somebody tries to get around the second person, the backup, or the approval's binding: each way, and that it is shut.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "incidents/store/pages.hpp"
#include "incidents/store/upkeep.hpp"
#include "tests/bot/stage.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

/// The demonstration with a scratch folder to lose and a danger with a parameter. Bob is on duty in this week.
struct Cheat {
  Config config = [] {
    auto demo = shipped_config("demo.yaml");
    ActionSpec stop;
    stop.name = "stop-service";
    stop.aliases = {"停服务"};
    stop.title = Localized("stop a service");
    stop.effect = Effect::danger;
    stop.loses_service = {"web"};
    ActionParameter name;
    name.name = "what";
    stop.parameters = {name};
    stop.steps = {RunStep{{Argument{"/usr/bin/touch", ""}, Argument{"", "what"}}}};
    demo.actions.push_back(stop);
    return demo;
  }();
  Stage stage{config};
  std::filesystem::path scratch = stage.folder / "scratch";

  Cheat() {
    std::filesystem::create_directories(scratch);
    std::ofstream(scratch / "draft.txt") << "a draft";
  }
  bool kept() const { return std::filesystem::exists(scratch / "draft.txt"); }

  std::string key(std::string const& who, std::string const& text) { return Stage::key(stage.say(who, text)); }
  std::string ask(std::string const& who, std::string const& text) {
    auto const first = Stage::first(stage.say(who, text));
    auto const* code = first.find("code");
    REQUIRE_MESSAGE(code != nullptr, first.key);
    return std::get<std::string>(*code);
  }
  /// As a reload would.
  void reload(std::function<void(Config&)> const& change) {
    change(config);
    stage.use(config);
  }
  /// Backups can't be made any more: where they go is a file.
  void break_backups() {
    std::filesystem::remove_all(stage.folder / "backups");
    std::ofstream(stage.folder / "backups") << "in the way";
  }
};

ActionSpec& wipe(Config& config) {
  for (auto& each : config.actions) {
    if (each.name == "wipe-scratch") return each;
  }
  FAIL("no such action");
  return config.actions.front();
}

}  // namespace

TEST_CASE("an approval comes too late, twice, or after a no") {
  Cheat cheat;
  auto const late = cheat.ask("alice", "清空草稿");
  cheat.stage.clock.move(std::chrono::minutes{10});
  CHECK(cheat.key("bob", "批准 " + late) == "refused.approval_expired");
  CHECK(cheat.key("alice", "执行 " + late) == "refused.approval_expired");

  auto const twice = cheat.ask("alice", "清空草稿");
  CHECK(cheat.key("bob", "批准 " + twice) == "approval.approved");
  CHECK(cheat.key("admin", "批准 " + twice) == "refused.approval_decided");
  CHECK(cheat.key("bob", "拒绝 " + twice) == "approval.denied");
  CHECK(cheat.key("bob", "批准 " + twice) == "refused.approval_over");
  CHECK(cheat.key("alice", "执行 " + twice) == "refused.approval_over");
  CHECK(cheat.kept());
}

TEST_CASE("an approval is for what was asked, not for what is typed later") {
  Cheat cheat;
  auto const one = cheat.ask("alice", "停服务 one");
  CHECK(cheat.key("bob", "批准 " + one) == "approval.approved");
  auto const other = cheat.ask("alice", "停服务 two");
  CHECK(other != one);
  CHECK(cheat.key("alice", "执行 " + other) == "refused.approval_missing");
  CHECK_FALSE(std::filesystem::exists(cheat.stage.folder / "two"));
  CHECK(cheat.key("alice", "执行 " + one) == "run.ran");
  CHECK(std::filesystem::exists(cheat.stage.folder / "one"));
  CHECK_FALSE(std::filesystem::exists(cheat.stage.folder / "two"));
  CHECK(cheat.key("alice", "执行 " + one) == "refused.approval_used");
}

TEST_CASE("a configuration that changed between approval and run takes the approval with it") {
  struct Row {
    std::string name;
    std::function<void(Config&)> change;
    std::string refused;
  };
  for (Row const& row : {
           Row{"another step",
               [](Config& c) {
                 wipe(c).steps = {RunStep{{Argument{"/usr/bin/true", ""}}}};
               },
               "refused.approval_changed"},
           Row{"another check", [](Config& c) { wipe(c).verify.clear(); }, "refused.approval_changed"},
           Row{"another undo",
               [](Config& c) {
                 wipe(c).undo = {RunStep{{Argument{"/usr/bin/true", ""}}}};
               },
               "refused.approval_changed"},
           Row{"it loses more", [](Config& c) { wipe(c).loses_service = {"web"}; }, "refused.approval_changed"},
           Row{"it takes longer", [](Config& c) { wipe(c).timeout *= 2; }, "refused.approval_changed"},
           Row{"another folder", [](Config& c) { c.data_sets.front().path = "elsewhere"; }, "refused.approval_changed"},
           Row{"the action is gone",
               [](Config& c) { std::erase_if(c.actions, [](auto& a) { return a.name == "wipe-scratch"; }); },
               "refused.approval_changed"},
           Row{"the asker lost the role", [](Config& c) { c.people[0].role = Role::viewer; }, "refused.role"},
           Row{"the approver lost the role", [](Config& c) { c.people[1].role = Role::responder; },
               "refused.approver_gone"},
           Row{"the approver is gone", [](Config& c) { c.people.erase(c.people.begin() + 1); },
               "refused.approver_gone"},
       }) {
    CAPTURE(row.name);
    Cheat cheat;
    auto const code = cheat.ask("alice", "清空草稿");
    CHECK(cheat.key("bob", "批准 " + code) == "approval.approved");
    cheat.reload(row.change);
    CHECK(cheat.key("alice", "执行 " + code) == row.refused);
    CHECK(cheat.kept());
  }
}

TEST_CASE("a backup that vanished between approval and run takes the run with it") {
  Cheat cheat;
  auto const code = cheat.ask("alice", "清空草稿");
  CHECK(cheat.key("bob", "批准 " + code) == "approval.approved");
  std::filesystem::remove_all(cheat.stage.folder / "backups");
  CHECK(cheat.key("alice", "执行 " + code) == "refused.backup_gone");
  CHECK(cheat.kept());
}

TEST_CASE("whoever may approve is paged as for a P0") {
  Cheat cheat;
  cheat.reload([](Config& config) {
    for (auto& person : config.people) person.identities.email = person.id.value + "@example.com";
  });
  cheat.ask("alice", "清空草稿");
  cheat.stage.unit([](Database& database, Instant) {
    CHECK(store::pages_for(database, PersonId{"bob"}, 10).size() == 1);
    CHECK(store::pages_for(database, PersonId{"admin"}, 10).size() == 1);
    CHECK(store::pages_for(database, PersonId{"alice"}, 10).empty());
    CHECK(store::pages_for(database, PersonId{"bob"}, 10).front().text.key == "page.approval");
  });
}

TEST_CASE("without a backup it is refused with the reason, and outside of an urgent incident there is no glass") {
  struct Row {
    std::string name;
    std::function<void(Cheat&)> arrange;
    std::string why;
  };
  for (Row const& row : {
           Row{"none is known",
               [](Cheat& c) { c.reload([](Config& k) { k.data_sets.front().kind = DataSet::Kind::none; }); },
               "unsaved.unknown"},
           Row{"it can't be made", [](Cheat& c) { c.break_backups(); }, "unsaved.failed"},
           Row{"there is nothing to back up", [](Cheat& c) { std::filesystem::remove_all(c.scratch); },
               "unsaved.failed"},
           Row{"the old one has expired and no new one can be made",
               [](Cheat& c) {
                 c.ask("alice", "清空草稿");
                 c.stage.clock.move(std::chrono::hours{2});
                 std::filesystem::rename(c.scratch, c.stage.folder / "gone");
               },
               "unsaved.expired"},
           Row{"the old one is damaged and no new one can be made",
               [](Cheat& c) {
                 c.ask("alice", "清空草稿");
                 for (auto const& file : std::filesystem::directory_iterator(c.stage.folder / "backups/scratch"))
                   std::ofstream(file.path()) << "damaged";
                 std::filesystem::rename(c.scratch, c.stage.folder / "gone");
               },
               "unsaved.damaged"},
       }) {
    CAPTURE(row.name);
    Cheat calm;
    row.arrange(calm);
    auto const refused = Stage::first(calm.stage.say("bob", "清空草稿"));
    CHECK(refused.key == "refused.unsaved");
    CHECK(std::get<std::vector<Notice>>(*refused.find("why")).front().key == row.why);

    Cheat urgent;
    urgent.stage.say("alice", "新建 P1 草稿写不进去");
    row.arrange(urgent);
    auto const offered = urgent.stage.say("bob", "清空草稿");
    CHECK(Stage::key(offered) == "refused.unsaved_glass");
    CHECK(offered.state == Reply::State::refused);
    CHECK(std::get<std::vector<Notice>>(*Stage::first(offered).find("why")).front().key == row.why);
    CHECK(urgent.stage.worded(offered).find("破窗") != std::string::npos);
  }
}

TEST_CASE(
    "the glass of what is not backed up: three minutes, the duty, a reason, a review; an approval alone is not "
    "enough") {
  Cheat cheat;
  cheat.break_backups();
  cheat.stage.say("alice", "新建 P0 草稿写不进去");
  auto const code = cheat.ask("bob", "清空草稿");
  CHECK(cheat.key("bob", "执行 " + code) == "refused.approval_missing");
  CHECK(cheat.key("bob", "破窗 " + code + " 盘满了") == "refused.glass_early");
  CHECK(cheat.key("bob", "批准 " + code) == "refused.approval_own");
  cheat.stage.clock.move(std::chrono::minutes{3});
  CHECK(cheat.key("alice", "破窗 " + code + " 盘满了") == "refused.glass_not_duty");
  CHECK(cheat.key("bob", "破窗 " + code) == "refused.glass_reason");
  CHECK(cheat.key("bob", "破窗 " + code + " 盘满了") == "approval.glass");
  CHECK(cheat.kept());
  CHECK(cheat.key("bob", "执行 " + code) == "run.verified");
  CHECK_FALSE(cheat.kept());
  CHECK(cheat.key("bob", "执行 " + code) == "refused.approval_used");
  CHECK(cheat.key("alice", "解决") == "incident.resolved");
  CHECK(cheat.key("alice", "关闭 INC-1") == "refused.review_open");
}

TEST_CASE("a second person's yes saves nothing, but then the duty need not wait") {
  Cheat cheat;
  cheat.break_backups();
  cheat.stage.say("alice", "新建 P0 草稿写不进去");
  auto const code = cheat.ask("alice", "清空草稿");
  CHECK(cheat.key("bob", "批准 " + code) == "approval.approved_unsaved");
  CHECK(cheat.key("alice", "执行 " + code) == "refused.approval_unsaved");
  CHECK(cheat.kept());
  CHECK(cheat.key("alice", "破窗 " + code + " 盘满了") == "refused.glass_not_duty");
  CHECK(cheat.key("bob", "破窗 " + code + " 盘满了") == "approval.glass");
  CHECK(cheat.key("alice", "执行 " + code) == "run.verified");
}

TEST_CASE("the glass can't be broken after a no, after it lapsed, or in a P2") {
  Cheat cheat;
  cheat.stage.say("alice", "新建 P0 草稿写不进去");
  auto const denied = cheat.ask("bob", "清空草稿");
  cheat.stage.clock.move(std::chrono::minutes{4});
  CHECK(cheat.key("alice", "拒绝 " + denied) == "approval.denied");
  CHECK(cheat.key("bob", "破窗 " + denied + " 登录全断") == "refused.approval_over");
  auto const lapsed = cheat.ask("bob", "清空草稿");
  cheat.stage.clock.move(std::chrono::minutes{11});
  CHECK(cheat.key("bob", "破窗 " + lapsed + " 登录全断") == "refused.approval_expired");
  CHECK(cheat.key("bob", "改级 P2") == "incident.severity");
  auto const mild = cheat.stage.say("bob", "清空草稿");
  CHECK(Stage::key(mild) == "approval.request");
  CHECK(Stage::first(mild).find("glass_from") == nullptr);
  CHECK(cheat.kept());
}
