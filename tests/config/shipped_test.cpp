// The files that are shipped: they load, they say what the manual says, and the schema is the loader's own.
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "config/parameter.hpp"
#include "incidents/base/embedded.hpp"
#include "tests/config/support.hpp"

using namespace tocsin;
using namespace tocsin::testing;
using namespace std::chrono_literals;

namespace {

Config shipped(std::string const& name) { return loaded(read_file(source_path("config/" + name)), name); }

}  // namespace

TEST_CASE("the shipped files load without a mistake, from disk and from inside the binary") {
  int found = 0;
  for (auto const& file : embedded::shipped()) {
    if (!file.name.ends_with(".yaml")) continue;
    CAPTURE(file.name);
    ++found;
    CHECK(loaded(std::string(file.text)) == shipped(std::string(file.name)));
  }
  CHECK(found == 2);
}

TEST_CASE("each shipped file names its schema in the first line") {
  for (auto const& file : embedded::shipped()) {
    if (!file.name.ends_with(".yaml")) continue;
    CAPTURE(file.name);
    CHECK(file.text.starts_with("# yaml-language-server: $schema=schema.json\n"));
  }
}

TEST_CASE("lawsker.yaml: targets, chain and thresholds are those of the manual, which are also the defaults") {
  auto const config = shipped("lawsker.yaml");
  CHECK(config.severities == default_severities());
  CHECK(config.escalation == default_policies());
  CHECK(config.limits == Limits{});
  CHECK(config.targets()[0] == Targets{5min, 30min});
  CHECK(config.targets()[1] == Targets{15min, 2h});
  CHECK(config.targets()[2] == Targets{30min, 4h});
  CHECK(config.targets()[3] == Targets{1h, 24h});
}

TEST_CASE("lawsker.yaml: contacts, duty and roles are those of the manual") {
  auto const config = shipped("lawsker.yaml");
  std::set<std::string> addresses;
  for (auto const& contact : config.duty.contacts) addresses.insert(contact.email);
  CHECK(addresses == std::set<std::string>{"tech-lead@lawsker.com", "devops@lawsker.com", "product@lawsker.com",
                                           "security@lawsker.com"});
  CHECK(config.duty.schedule.backups == std::vector{PersonId{"lead"}, PersonId{"devops"}});
  CHECK(config.duty.schedule.rotation->zone == "Asia/Shanghai");
  CHECK(config.duty.vendors.size() == 3);
  for (char const* role : {"tech-lead", "cto", "security", "product"}) CHECK(config.roles.count(role) == 1);
}

TEST_CASE("lawsker.yaml: services and logs answer to their Chinese names") {
  auto const config = shipped("lawsker.yaml");
  struct Row {
    char const* typed;
    char const* service;
  };
  for (Row const& row : {Row{"后端", "backend"}, Row{"数据库", "postgres"}, Row{"缓存", "redis"}, Row{"NGINX", "nginx"},
                         Row{"网关", "nginx"}, Row{"backend", "backend"}, Row{"DB", "postgres"}}) {
    CAPTURE(row.typed);
    REQUIRE(config.service(row.typed) != nullptr);
    CHECK(config.service(row.typed)->name == row.service);
  }
  CHECK(config.service("frontend") == nullptr);
  REQUIRE(config.log("错误") != nullptr);
  CHECK(config.log("错误")->path == "backend/logs/error.log");
  CHECK(config.log("nginx-error")->path == "nginx/logs/error.log");
  CHECK(config.link("监控")->url == "https://monitor.lawsker.com");
}

TEST_CASE("lawsker.yaml: every action only looks") {
  for (auto const& action : shipped("lawsker.yaml").actions) {
    CAPTURE(action.name);
    CHECK(action.effect == Effect::read);
    CHECK(action.role() == Role::responder);
  }
}

TEST_CASE("demo.yaml: nothing can be sent outside, and the dangerous action is guarded by what it can lose") {
  auto const config = shipped("demo.yaml");
  CHECK(config.mode == Mode::demo);
  CHECK_FALSE(config.mail.has_value());
  CHECK_FALSE(config.chat.slack.has_value());
  CHECK_FALSE(config.chat.dingtalk.has_value());
  CHECK_FALSE(config.heartbeat.has_value());
  CHECK(config.person(PersonId{"alice"})->role == Role::operator_);
  CHECK(config.person(PersonId{"bob"})->role == Role::operator_);
  CHECK(config.person(PersonId{"admin"})->role == Role::admin);
  auto const* wipe = config.action("wipe-scratch");
  REQUIRE(wipe != nullptr);
  CHECK(wipe->effect == Effect::danger);
  CHECK(wipe->loses_data == std::vector<std::string>{"scratch"});
  CHECK_FALSE(wipe->verify.empty());
  CHECK(config.data_set("scratch")->kind == DataSet::Kind::folder);
  auto const* mark = config.action("标记");
  REQUIRE(mark != nullptr);
  CHECK(mark->effect == Effect::change);
  CHECK_FALSE(mark->undo.empty());
}

TEST_CASE("config/schema.json is what the declarations make") {
  auto const made = schema_text();
  if (read_file(source_path("config/schema.json")) == made) return;
  auto const path = std::filesystem::temp_directory_path() / "tocsin-schema.json";
  std::ofstream(path, std::ios::binary) << made;
  FAIL("config/schema.json is out of date; the right one is now in " << path.string());
}

namespace {

/// Does `value` use only keys that `schema` has, and all that it requires? Enough of JSON Schema to prove that the
/// shipped files and the schema speak of the same keys.
bool covers(nlohmann::json const& schema, nlohmann::json const& value, std::string const& path) {
  for (char const* choice : {"anyOf", "oneOf"}) {
    if (!schema.contains(choice)) continue;
    for (auto const& each : schema[choice]) {
      if (covers(each, value, path)) return true;
    }
    return false;
  }
  if (schema.contains("const")) return schema["const"] == value;
  if (schema.contains("enum"))
    return std::find(schema["enum"].begin(), schema["enum"].end(), value) != schema["enum"].end();
  if (value.is_array()) {
    if (schema.value("type", "") != "array") return false;
    for (auto const& item : value) {
      if (!covers(schema["items"], item, path + "[]")) return false;
    }
    return true;
  }
  if (!value.is_object()) return schema.contains("type") && schema["type"] != "object" && schema["type"] != "array";
  if (schema.value("type", "") != "object") return false;
  for (auto const& required : schema.value("required", nlohmann::json::array())) {
    if (!value.contains(required.get<std::string>())) return false;
  }
  for (auto const& [key, member] : value.items()) {
    bool const known = schema.contains("properties") && schema["properties"].contains(key);
    if (known) {
      if (!covers(schema["properties"][key], member, path + "." + key)) return false;
    } else if (!schema.contains("additionalProperties") || !schema["additionalProperties"].is_object() ||
               !covers(schema["additionalProperties"], member, path + "." + key)) {
      return false;
    }
  }
  return true;
}

/// The shipped schema as data, and a configuration as the data of a file.
nlohmann::json schema() { return nlohmann::json::parse(schema_text()); }

}  // namespace

TEST_CASE("what the loader reads, the schema covers") {
  for (char const* name : {"lawsker.yaml", "demo.yaml"}) {
    CAPTURE(name);
    CHECK(covers(schema(), nlohmann::json::parse(print(shipped(name))), ""));
  }
  CHECK_FALSE(covers(schema(), nlohmann::json{{"htpp", nlohmann::json::object()}}, ""));
}

TEST_CASE("the printed form of a configuration loads into an equal one") {
  for (char const* name : {"lawsker.yaml", "demo.yaml"}) {
    CAPTURE(name);
    auto const config = shipped(name);
    CHECK(loaded(print(config)) == config);
    CHECK(print(loaded(print(config))) == print(config));
  }
}

TEST_CASE("every default of a parameter in the shipped files is a value that would be accepted") {
  for (char const* name : {"lawsker.yaml", "demo.yaml"}) {
    auto const config = shipped(name);
    for (auto const& action : config.actions) {
      for (auto const& parameter : action.parameters) {
        if (parameter.fallback) CHECK(accept(parameter, *parameter.fallback, config).has_value());
      }
    }
  }
}
