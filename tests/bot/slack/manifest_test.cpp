// The manifest against what Slack takes of one, against the command table, and against what the bot calls and hears.
#include "bot/slack/manifest.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "bot/slack/gesture.hpp"
#include "commands/parser.hpp"
#include "commands/utf8.hpp"
#include "commands/verbs/table.hpp"
#include "tests/bot/stage.hpp"

using namespace tocsin;
using namespace tocsin::slack;
using Json = nlohmann::json;

namespace {

Catalogue const& words() {
  static auto const catalogue = Catalogue::shipped();
  return catalogue;
}

std::vector<std::pair<std::string, Config>> configurations() {
  return {{"none", Config{}},
          {"demo.yaml", test::shipped_config("demo.yaml")},
          {"lawsker.yaml", test::shipped_config("lawsker.yaml")}};
}

Json made(CommandTable const& table, SlashCommands which = SlashCommands::families, Locale locale = Locale::en) {
  return Json::parse(manifest(table, words(), locale, which));
}

std::set<std::string> texts_of(Json const& array) {
  std::set<std::string> texts;
  for (auto const& each : array) texts.insert(each.get<std::string>());
  CHECK(texts.size() == array.size());
  return texts;
}

std::size_t characters(Json const& text) { return utf8::decode_all(text.get<std::string>()).size(); }

/// An object with these members and no others: Slack refuses what it doesn't know.
void only(Json const& object, std::set<std::string> const& names) {
  REQUIRE(object.is_object());
  std::set<std::string> found;
  for (auto const& [name, value] : object.items()) found.insert(name);
  CHECK(found == names);
}

void check_slash_command(Json const& command) {
  CAPTURE(command.dump());
  auto const name = command.at("command").get<std::string>();
  CHECK(name.size() >= 2);
  CHECK(name.size() <= 32);
  CHECK(name.front() == '/');
  CHECK(std::all_of(name.begin() + 1, name.end(),
                    [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; }));
  CHECK(characters(command.at("description")) >= 1);
  CHECK(characters(command.at("description")) <= 2'000);
  CHECK(command.at("should_escape") == true);
  if (!command.contains("usage_hint")) return only(command, {"command", "description", "should_escape"});
  only(command, {"command", "description", "usage_hint", "should_escape"});
  CHECK(characters(command.at("usage_hint")) >= 1);
  CHECK(characters(command.at("usage_hint")) <= 1'000);
}

std::set<std::string> slash_commands(Json const& manifest) {
  std::set<std::string> names;
  for (auto const& each : manifest.at("features").at("slash_commands")) names.insert(each.at("command"));
  return names;
}

Command row(std::string name, bool declared = false) {
  Command command;
  command.name = std::move(name);
  command.summary_key = "help.ping";
  command.declared = declared;
  return command;
}

}  // namespace

TEST_CASE("slack manifest: within all limits, with nothing in it that Slack doesn't know") {
  for (auto const& [name, config] : configurations()) {
    CommandTable const table(verbs::all_commands(config));
    for (auto const locale : kLocales) {
      for (auto const which : {SlashCommands::families, SlashCommands::ops}) {
        CAPTURE(name);
        auto const whole = made(table, which, locale);
        only(whole, {"_metadata", "display_information", "features", "oauth_config", "settings"});
        auto const& display = whole.at("display_information");
        only(display, {"name", "description", "background_color"});
        CHECK(characters(display.at("name")) <= 35);
        CHECK(characters(display.at("description")) <= 140);
        auto const& features = whole.at("features");
        only(features, {"app_home", "bot_user", "shortcuts", "slash_commands"});
        CHECK(features.at("app_home") == Json{{"home_tab_enabled", true},
                                              {"messages_tab_enabled", true},
                                              {"messages_tab_read_only_enabled", false}});
        CHECK(features.at("bot_user").at("always_online") == true);
        CHECK(characters(features.at("bot_user").at("display_name")) <= 80);
        CHECK(features.at("slash_commands").size() >= 1);
        CHECK(features.at("slash_commands").size() <= 50);
        for (auto const& command : features.at("slash_commands")) check_slash_command(command);
        CHECK(slash_commands(whole).size() == features.at("slash_commands").size());
        CHECK(features.at("shortcuts").size() <= 10);
        for (auto const& shortcut : features.at("shortcuts")) {
          only(shortcut, {"name", "type", "callback_id", "description"});
          CHECK(characters(shortcut.at("name")) <= 24);
          CHECK(characters(shortcut.at("description")) <= 150);
          CHECK(characters(shortcut.at("callback_id")) <= 255);
        }
        only(whole.at("settings"), {"event_subscriptions", "interactivity", "org_deploy_enabled", "socket_mode_enabled",
                                    "token_rotation_enabled"});
      }
    }
  }
}

TEST_CASE("slack manifest: Socket Mode, buttons, three shortcuts; no rotating tokens, one workspace") {
  auto const whole = made(CommandTable(verbs::all_commands({})));
  auto const& settings = whole.at("settings");
  CHECK(settings.at("socket_mode_enabled") == true);
  CHECK(settings.at("interactivity") == Json{{"is_enabled", true}});
  CHECK(settings.at("token_rotation_enabled") == false);
  CHECK(settings.at("org_deploy_enabled") == false);
  std::set<std::pair<std::string, std::string>> shortcuts;
  for (auto const& each : whole.at("features").at("shortcuts"))
    shortcuts.emplace(each.at("callback_id"), each.at("type"));
  CHECK(shortcuts == std::set<std::pair<std::string, std::string>>{
                         {"incident_open", "global"}, {"timeline_note", "message"}, {"incident_open_from", "message"}});
}

TEST_CASE("slack manifest: every command can be typed, by a slash command of its family or under /ops") {
  for (auto const& [name, config] : configurations()) {
    CommandTable const table(verbs::all_commands(config));
    auto const typed = slash_commands(made(table));
    auto const only_ops = slash_commands(made(table, SlashCommands::ops));
    CHECK(only_ops == std::set<std::string>{"/ops"});
    CHECK(typed.count("/ops") == 1);
    for (std::string const each : {"/incident", "/diag", "/ack", "/oncall", "/logs", "/approve", "/escalate", "/todo"})
      CHECK_MESSAGE(typed.count(each) == 1, each);
    ParseContext context;  // a channel, in which nothing but a slash makes a line the bot's
    for (auto const& command : table.rows()) {
      CAPTURE(name);
      CAPTURE(command.name);
      auto const family = "/" + command.name.substr(0, command.name.find(' '));
      CHECK((typed.count(family) == 1 || family == "/help"));
      for (auto const& line : {"/" + command.name, "/ops " + command.name, "/ops /" + command.name}) {
        auto const outcome = parse(line, table, context);
        if (auto const* parsed = std::get_if<Parsed>(&outcome)) {
          CHECK(parsed->command == &command);
        } else {
          // It got there, and something required is missing.
          auto const* refused = std::get_if<Refused>(&outcome);
          REQUIRE(refused != nullptr);
          CHECK(refused->notice.key == "parse.missing");
          CHECK(refused->command == &command);
        }
      }
    }
  }
}

TEST_CASE("slack manifest: no name is asked for that is Slack's own: it would refuse the manifest as a whole") {
  std::vector<Command> rows;
  for (auto const* name : {"status", "open", "remind", "ops", "Caps", "under_score", "备份", "fine", "help",
                           "a-name-of-31-characters-at-most", "a-name-of-32-characters-too-much"})
    rows.push_back(row(name));
  auto const whole = made(CommandTable(std::move(rows)));
  CHECK(slash_commands(whole) == std::set<std::string>{"/fine", "/ops", "/a-name-of-31-characters-at-most"});
}

TEST_CASE("slack manifest: of too many commands the configuration's go first, and /ops never") {
  std::vector<Command> rows;
  for (int i = 0; i < 60; ++i) rows.push_back(row("declared-" + std::to_string(i), true));
  for (int i = 0; i < 20; ++i) rows.push_back(row("built-in-" + std::to_string(i)));
  auto const typed = slash_commands(made(CommandTable(std::move(rows))));
  CHECK(typed.size() == kCommandsInManifest);
  CHECK(typed.count("/ops") == 1);
  for (int i = 0; i < 20; ++i) CHECK(typed.count("/built-in-" + std::to_string(i)) == 1);
  CHECK(typed.count("/declared-28") == 1);
  CHECK(typed.count("/declared-29") == 0);
}

TEST_CASE("slack manifest: long titles and hints are cut between characters") {
  auto long_one = row("long", true);
  for (int i = 0; i < 3'000; ++i) long_one.titles["en"] += "时";
  long_one.parameters.push_back({.name = "p", .type = ParamType::text, .labels = {{"en", long_one.titles["en"]}}});
  std::vector<Command> rows;
  rows.push_back(std::move(long_one));
  auto const whole = made(CommandTable(std::move(rows)));
  auto const& command = whole.at("features").at("slash_commands").front();
  CHECK(characters(command.at("description")) == 2'000);
  CHECK(characters(command.at("usage_hint")) == 1'000);
}

TEST_CASE("slack manifest: descriptions in the language asked for, hints of what stands behind the word") {
  CommandTable const table(verbs::all_commands(test::shipped_config("demo.yaml")));
  auto const found = [&](Locale locale, std::string const& name) {
    auto const whole = made(table, SlashCommands::families, locale);
    for (auto const& each : whole.at("features").at("slash_commands")) {
      if (each.at("command") == name) return each;
    }
    return Json{};
  };
  CHECK(found(Locale::zh_cn, "/approve").at("usage_hint") == "[编号]");
  CHECK(found(Locale::en, "/approve").at("usage_hint") == "[code]");
  CHECK(found(Locale::en, "/diag").at("usage_hint").get<std::string>().starts_with("health | system"));
  CHECK(found(Locale::en, "/incident").at("usage_hint").get<std::string>().starts_with("open | ack | sev | "));
  CHECK(found(Locale::en, "/incident").at("description") == "Open, take and run incidents");
  CHECK(found(Locale::zh_cn, "/incident").at("description") != found(Locale::en, "/incident").at("description"));
  // A family whose word means nothing alone has words of its own for what it is.
  std::map<std::string, bool> bare;
  for (auto const& command : table.rows()) {
    auto const end = command.name.find(' ');
    bare[command.name.substr(0, end)] |= end == std::string::npos;
  }
  for (auto const& [family, alone] : bare) CHECK_MESSAGE((alone || words().has("manifest.family." + family)), family);
}

TEST_CASE("slack manifest: the scopes are those that the called methods and the events need, and no others") {
  struct Need {
    std::string what;
    std::set<std::string> scopes;
  };
  // Slack's reference, "scopes" of each method, for the kinds of conversation in which the bot calls it: it opens
  // conversations with one person, and makes, looks up and leaves channels.
  std::vector<Need> const needs{
      {"apps.connections.open", {}},  // the app-level token's business
      {"auth.test", {}},
      {"chat.postMessage", {"chat:write", "chat:write.public"}},
      {"chat.update", {"chat:write"}},
      {"chat.postEphemeral", {"chat:write"}},
      {"chat.getPermalink", {}},
      {"conversations.create", {"channels:manage", "groups:write"}},
      {"conversations.setTopic", {"channels:manage", "groups:write"}},
      {"conversations.invite", {"channels:manage", "groups:write"}},
      {"conversations.archive", {"channels:manage", "groups:write"}},
      {"conversations.open", {"im:write"}},
      {"conversations.join", {"channels:join"}},
      {"conversations.list", {"channels:read", "groups:read"}},
      {"conversations.info", {"channels:read", "groups:read"}},
      {"conversations.history", {"channels:history", "groups:history", "im:history", "mpim:history"}},
      {"conversations.replies", {"channels:history", "groups:history", "im:history", "mpim:history"}},
      {"users.info", {"users:read", "users:read.email"}},
      {"users.lookupByEmail", {"users:read.email"}},
      {"usergroups.list", {"usergroups:read"}},
      {"pins.add", {"pins:write"}},
      {"reactions.add", {"reactions:write"}},
      {"bookmarks.add", {"bookmarks:write"}},
      {"bookmarks.list", {"bookmarks:read"}},
      {"views.open", {}},
      {"views.update", {}},
      {"views.publish", {}},
      {"files.getUploadURLExternal", {"files:write"}},
      {"files.completeUploadExternal", {"files:write"}},
      // Events.
      {"app_home_opened", {}},
      {"app_mention", {"app_mentions:read"}},
      {"channel_archive", {"channels:read"}},
      {"channel_left", {"channels:read"}},
      {"channel_rename", {"channels:read"}},
      {"group_archive", {"groups:read"}},
      {"group_left", {"groups:read"}},
      {"group_rename", {"groups:read"}},
      {"message.channels", {"channels:history"}},
      {"message.groups", {"groups:history"}},
      {"message.im", {"im:history"}},
      {"message.mpim", {"mpim:history"}},
      {"pin_added", {"pins:read"}},
      {"reaction_added", {"reactions:read"}},
      {"slash commands and shortcuts", {"commands"}},
  };
  std::set<std::string> needed;
  std::set<std::string> known;
  for (auto const& need : needs) {
    needed.insert(need.scopes.begin(), need.scopes.end());
    known.insert(need.what);
  }
  auto const whole = made(CommandTable(verbs::all_commands({})));
  CHECK(texts_of(whole.at("oauth_config").at("scopes").at("bot")) == needed);
  CHECK(needed == std::set<std::string>(bot_scopes().begin(), bot_scopes().end()));
  for (auto const& event : texts_of(whole.at("settings").at("event_subscriptions").at("bot_events")))
    CHECK_MESSAGE(known.count(event) == 1, event);
}

TEST_CASE("slack manifest: what is heard is understood, and what is understood is heard") {
  Json const item{{"type", "message"}, {"channel", "C1"}, {"ts", "1.000001"}};
  Json const said{{"type", "message"}, {"user", "U1"}, {"channel", "C1"}, {"text", "认领"}, {"ts", "2.000001"}};
  auto const in = [&said](char const* kind) {
    auto event = said;
    event["channel_type"] = kind;
    // In a channel only an answer in a thread is overheard.
    event["thread_ts"] = "1.000001";
    return event;
  };
  auto mention = said;
  mention["type"] = "app_mention";
  std::map<std::string, Json> const understood{{"app_home_opened", {{"user", "U1"}, {"tab", "home"}}},
                                               {"app_mention", mention},
                                               {"channel_archive", {{"channel", "C1"}}},
                                               {"channel_left", {{"channel", "C1"}}},
                                               {"channel_rename", {{"channel", {{"id", "C1"}, {"name", "x"}}}}},
                                               {"group_archive", {{"channel", "C1"}}},
                                               {"group_left", {{"channel", "C1"}}},
                                               {"group_rename", {{"channel", {{"id", "C1"}, {"name", "x"}}}}},
                                               {"message.channels", in("channel")},
                                               {"message.groups", in("group")},
                                               {"message.im", in("im")},
                                               {"message.mpim", in("mpim")},
                                               {"pin_added", {{"user", "U1"}, {"channel_id", "C1"}, {"item", item}}},
                                               {"reaction_added", {{"user", "U1"}, {"reaction", "x"}, {"item", item}}}};
  std::set<std::string> names;
  for (auto const& [name, fields] : understood) {
    CAPTURE(name);
    names.insert(name);
    auto event = fields;
    if (!event.contains("type")) event["type"] = name;
    Json const payload{{"type", "event_callback"}, {"event_id", "Ev1"}, {"event", event}};
    auto const gesture = gesture_of({"e1", "events_api", payload.dump(), false, 0}, {"U0BOT", "B0BOT"});
    CHECK(!std::holds_alternative<tocsin::slack::Nothing>(gesture.what));
  }
  CHECK(names == std::set<std::string>(bot_events().begin(), bot_events().end()));
}
