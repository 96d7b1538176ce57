#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "incidents/store/upkeep.hpp"
#include "tests/bot/stage.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

/// The demonstration with a scratch folder to lose; Alice has a second account on another platform.
struct Danger {
  Stage stage{[] {
    auto config = shipped_config("demo.yaml");
    for (auto& person : config.people) {
      if (person.id.value == "alice") person.identities.slack = "U0ALICE";
    }
    return config;
  }()};
  std::filesystem::path scratch = stage.folder / "scratch";

  Danger() {
    std::filesystem::create_directories(scratch);
    std::ofstream(scratch / "draft.txt") << "a draft";
  }
  bool kept() const { return std::filesystem::exists(scratch / "draft.txt"); }
  std::string code(Reply const& reply) const {
    auto const first = Stage::first(reply);
    auto const* code = first.find("code");
    REQUIRE_MESSAGE(code != nullptr, first.key);
    return std::get<std::string>(*code);
  }
};

}  // namespace

TEST_CASE("a danger asks, is backed up first, needs a second person, then its code, and runs once") {
  Danger danger;
  auto& stage = danger.stage;
  auto const asked = stage.say("alice", "清空草稿");
  CHECK(Stage::key(asked) == "approval.request");
  auto const code = danger.code(asked);
  CHECK(danger.kept());
  CHECK(std::filesystem::exists(stage.folder / "backups/scratch"));

  CHECK(Stage::key(stage.say("alice", "执行 " + code)) == "refused.approval_missing");
  CHECK(Stage::key(stage.say("bob", "批准 " + code)) == "approval.approved");
  CHECK(danger.kept());
  CHECK(Stage::key(stage.say("bob", "执行 " + code)) == "refused.not_your_code");
  CHECK(danger.kept());
  CHECK(Stage::key(stage.say("alice", "执行 " + code)) == "run.verified");
  CHECK_FALSE(danger.kept());
  CHECK(Stage::key(stage.say("alice", "执行 " + code)) == "refused.approval_used");
}

TEST_CASE("one person with two accounts can't approve their own request by any route") {
  Danger danger;
  auto& stage = danger.stage;
  auto const code = danger.code(stage.say("alice", "清空草稿"));
  CHECK(Stage::key(stage.say("web", "alice", "批准 " + code)) == "refused.approval_own");
  CHECK(Stage::key(stage.say("terminal", "alice", "批准 " + code)) == "refused.approval_own");
  CHECK(Stage::key(stage.say("slack", "U0ALICE", "批准 " + code)) == "refused.approval_own");
  CHECK(Stage::key(stage.say("slack", "U0ALICE", "执行 " + code)) == "refused.approval_missing");
  CHECK(danger.kept());
}

TEST_CASE("an approval lapses after ten minutes, a denial ends it") {
  Danger danger;
  auto& stage = danger.stage;
  auto const late = danger.code(stage.say("alice", "清空草稿"));
  CHECK(Stage::key(stage.say("bob", "批准 " + late)) == "approval.approved");
  stage.clock.move(std::chrono::minutes{10});
  CHECK(Stage::key(stage.say("alice", "执行 " + late)) == "refused.approval_expired");
  auto const denied = danger.code(stage.say("alice", "清空草稿"));
  CHECK(Stage::key(stage.say("bob", "拒绝 " + denied + " 先看看")) == "approval.denied");
  CHECK(Stage::key(stage.say("alice", "执行 " + denied)) == "refused.approval_over");
  CHECK(danger.kept());
}

TEST_CASE("a change is named back and runs on one word of whoever asked") {
  Danger danger;
  auto& stage = danger.stage;
  auto const asked = stage.say("alice", "标记");
  CHECK(Stage::key(asked) == "approval.confirm_change");
  CHECK_FALSE(std::filesystem::exists(stage.folder / "marker"));
  CHECK(Stage::key(stage.say("bob", "执行")) == "refused.nothing_to_run");
  CHECK(Stage::key(stage.say("alice", "执行")) == "run.verified");
  CHECK(std::filesystem::exists(stage.folder / "marker"));
}

TEST_CASE("the glass is for the duty, in an urgent incident, after three minutes, with a reason and a review") {
  Danger danger;
  auto& stage = danger.stage;
  // The demo's rota has Bob on duty in this week.
  stage.say("alice", "新建 P1 草稿写不进去");
  auto const code = danger.code(stage.say("bob", "清空草稿"));
  CHECK(Stage::key(stage.say("bob", "破窗 " + code + " 登录全断")) == "refused.glass_early");
  stage.clock.move(std::chrono::minutes{3});
  CHECK(Stage::key(stage.say("bob", "破窗 " + code)) == "refused.glass_reason");
  CHECK(Stage::key(stage.say("bob", "破窗 " + code + " 登录全断")) == "approval.glass");
  CHECK(Stage::key(stage.say("bob", "执行 " + code)) == "run.verified");
  CHECK_FALSE(danger.kept());
  CHECK(Stage::key(stage.say("bob", "解决")) == "incident.resolved");
  CHECK(Stage::key(stage.say("bob", "关闭 INC-1")) == "refused.review_open");
  CHECK(Stage::key(stage.say("bob", "复核 " + code + " 自己看")) == "refused.review_own");
  CHECK(Stage::key(stage.say("alice", "复核 " + code + " 处置得当")) == "approval.reviewed");
  CHECK(Stage::key(stage.say("bob", "关闭 INC-1")) == "incident.closed");
}

TEST_CASE("pausing a P0 takes a second person; a P1 does not") {
  Danger danger;
  auto& stage = danger.stage;
  stage.say("alice", "新建 P0 全断");
  auto const asked = stage.say("alice", "暂停计时 等供应商");
  CHECK(Stage::key(asked) == "approval.request");
  auto const code = danger.code(asked);
  CHECK(Stage::key(stage.say("bob", "批准 " + code)) == "approval.approved");
  CHECK(Stage::key(stage.say("alice", "执行 " + code)) == "incident.paused");
  CHECK(Stage::key(stage.say("alice", "解决")) == "incident.resolved");
  stage.say("alice", "新建 P1 慢");
  CHECK(Stage::key(stage.say("alice", "暂停计时 等供应商")) == "incident.paused");
}

TEST_CASE("the audit shows an operator what others did, not what they wrote; their own, and to an admin, all") {
  Danger danger;
  auto& stage = danger.stage;
  stage.say("alice", "新建 P1 --private 有人偷数据");
  stage.say("alice", "备注 查 carol 的账号");
  stage.say("alice", "认领");
  stage.say("bob", "新建 P3 搜索慢");
  auto const seen = [&](std::string const& who) { return stage.worded(stage.say(who, "审计")); };
  auto const others = seen("bob");
  CHECK(others.find("偷数据") == std::string::npos);
  CHECK(others.find("carol") == std::string::npos);
  CHECK(others.find("/incident note …") != std::string::npos);
  CHECK(others.find("/incident ack") != std::string::npos);
  CHECK(others.find("搜索慢") != std::string::npos);
  CHECK(seen("alice").find("carol") != std::string::npos);
  CHECK(seen("admin").find("carol") != std::string::npos);
}

TEST_CASE("everything attempted is on the audit, the refused too, and the chain is whole") {
  Danger danger;
  auto& stage = danger.stage;
  stage.say("stranger", "清空草稿");
  stage.say("alice", "新建 P0 全断");
  stage.say("bob", "认领");
  auto const rows = stage.say("admin", "审计");
  REQUIRE(rows.message.blocks.size() == 2);
  CHECK(std::get<Table>(rows.message.blocks.back()).rows.size() == 3);
  CHECK(Stage::key(stage.say("admin", "审计校验")) == "audit.whole");
}
