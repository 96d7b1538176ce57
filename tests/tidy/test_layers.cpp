#include <doctest/doctest.h>

#include <string>

#include "tests/tidy/rules.hpp"

using namespace tocsin::tidy;

namespace {

struct Row {
  std::string path;
  std::string include;  ///< as it stands after #include
  bool allowed;
};

void check(Row const& row) {
  CAPTURE(row.path);
  CAPTURE(row.include);
  auto const found = layers(source(row.path, "#include " + row.include + "\n"));
  CHECK(found.empty() == row.allowed);
}

}  // namespace

TEST_CASE("the ground floor includes the standard library and its one exception") {
  for (Row const& row : {
           Row{"incidents/base/time.hpp", "<chrono>", true},
           Row{"incidents/base/result.hpp", "<boost/system/result.hpp>", true},
           Row{"incidents/base/ports.hpp", "\"incidents/base/time.hpp\"", true},
           Row{"incidents/base/time.hpp", "<boost/asio/steady_timer.hpp>", false},
           Row{"incidents/base/time.hpp", "<unistd.h>", false},
           Row{"incidents/base/time.hpp", "\"incidents/duty.hpp\"", false},
       }) {
    check(row);
  }
}

TEST_CASE("decisions know no sockets, no JSON, no SQL and no store") {
  for (Row const& row : {
           Row{"incidents/duty.cpp", "\"incidents/base/ids.hpp\"", true},
           Row{"incidents/duty.cpp", "<date/tz.h>", true},
           Row{"incidents/approval.cpp", "<openssl/evp.h>", true},
           Row{"incidents/approval.hpp", "<openssl/evp.h>", false},
           Row{"incidents/duty.cpp", "<boost/asio/awaitable.hpp>", false},
           Row{"incidents/duty.cpp", "<nlohmann/json.hpp>", false},
           Row{"incidents/duty.cpp", "<SQLiteCpp/Database.h>", false},
           Row{"incidents/duty.cpp", "\"incidents/store/database.hpp\"", false},
           Row{"incidents/duty.cpp", "\"incidents/desk.hpp\"", false},
           Row{"incidents/duty.cpp", "\"config/config.hpp\"", false},
           Row{"incidents/desk.cpp", "\"incidents/store/database.hpp\"", true},
           Row{"incidents/due.cpp", "\"incidents/store/database.hpp\"", true},
       }) {
    check(row);
  }
}

TEST_CASE("the store shows its library to nobody") {
  for (Row const& row : {
           Row{"incidents/store/sqlite.cpp", "<SQLiteCpp/Database.h>", true},
           Row{"incidents/store/sqlite.hpp", "<SQLiteCpp/Database.h>", false},
           Row{"incidents/store/sqlite.cpp", "<fcntl.h>", true},
           Row{"incidents/store/incidents.cpp", "\"incidents/incident.hpp\"", true},
           Row{"incidents/store/incidents.cpp", "\"incidents/desk.hpp\"", false},
           Row{"incidents/store/incidents.cpp", "<boost/asio/post.hpp>", false},
       }) {
    check(row);
  }
}

TEST_CASE("the configuration knows the values of incidents, and nothing above") {
  for (Row const& row : {
           Row{"config/loader.cpp", "<yaml-cpp/yaml.h>", true},
           Row{"config/loader.hpp", "<yaml-cpp/yaml.h>", false},
           Row{"config/detail/node.hpp", "<yaml-cpp/yaml.h>", true},
           Row{"config/config.hpp", "\"incidents/escalation.hpp\"", true},
           Row{"config/config.hpp", "\"incidents/store/database.hpp\"", false},
           Row{"config/loader.cpp", "\"integrations/net/http.hpp\"", false},
           Row{"config/loader.cpp", "<sys/socket.h>", false},
       }) {
    check(row);
  }
}

TEST_CASE("an integration stands alone on net, process and the base") {
  for (Row const& row : {
           Row{"integrations/docker/docker.cpp", "\"integrations/net/http.hpp\"", true},
           Row{"integrations/docker/docker.cpp", "\"integrations/process/runner.hpp\"", true},
           Row{"integrations/docker/docker.cpp", "\"integrations/docker/docker.hpp\"", true},
           Row{"integrations/docker/docker.cpp", "\"incidents/base/result.hpp\"", true},
           Row{"integrations/docker/docker.cpp", "<nlohmann/json.hpp>", true},
           Row{"integrations/docker/docker.hpp", "<nlohmann/json.hpp>", false},
           Row{"integrations/docker/docker.hpp", "<boost/asio/awaitable.hpp>", false},
           Row{"integrations/docker/detail/wire.hpp", "<nlohmann/json.hpp>", true},
           Row{"integrations/docker/docker.cpp", "\"integrations/docker/detail/wire.hpp\"", true},
           Row{"integrations/docker/docker.cpp", "\"integrations/net/detail/deadline.hpp\"", false},
           Row{"integrations/docker/docker.cpp", "\"integrations/redis/redis.hpp\"", false},
           Row{"integrations/docker/docker.cpp", "\"incidents/severity.hpp\"", false},
           Row{"integrations/docker/docker.cpp", "\"config/config.hpp\"", false},
       }) {
    check(row);
  }
}

TEST_CASE("commands know no platform, and platforms not each other") {
  for (Row const& row : {
           Row{"commands/backup.cpp", "\"integrations/postgres/postgres.hpp\"", true},
           Row{"commands/backup.cpp", "\"incidents/desk.hpp\"", true},
           Row{"commands/backup.cpp", "\"config/config.hpp\"", true},
           Row{"commands/backup.cpp", "\"integrations/postgres/detail/wire.hpp\"", false},
           Row{"commands/backup.cpp", "\"bot/slack/web_api.hpp\"", false},
           Row{"commands/backup.cpp", "<boost/beast/http.hpp>", false},
           Row{"commands/backup.cpp", "<SQLiteCpp/Database.h>", false},
           Row{"bot/app.cpp", "\"bot/slack/slack.hpp\"", true},
           Row{"bot/app.cpp", "\"incidents/store/sqlite.hpp\"", true},
           Row{"bot/slack/slack.cpp", "\"bot/connection.hpp\"", true},
           Row{"bot/slack/slack.cpp", "\"bot/dingtalk/render.hpp\"", false},
           Row{"bot/dingtalk/render.cpp", "\"bot/slack/render.hpp\"", false},
           Row{"bot/app.cpp", "\"tests/fakes/slack.hpp\"", false},
           Row{"tests/bot/slack.cpp", "\"integrations/net/detail/deadline.hpp\"", true},
           Row{"tests/bot/slack.cpp", "\"tests/fakes/slack.hpp\"", true},
       }) {
    check(row);
  }
}

TEST_CASE("a folder nobody drew has no layer") { CHECK(layers(source("misc/a.cpp", "int a;\n")).size() == 1); }
