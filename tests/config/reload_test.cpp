// What a reload changes, what needs a restart, and that secrets stay where they are.
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "tests/config/support.hpp"

using namespace tocsin;
using namespace tocsin::testing;

namespace {

constexpr char const* kBase = R"(
http: {listen: "127.0.0.1:8088"}
people:
  - {id: alice, name: Alice, role: operator, identities: {email: alice@x.org}}
  - {id: bob, name: Bob}
roles: {tech-lead: [bob]}
mail: {host: localhost, from: a@b.c, user: u, password: env:SMTP_PASSWORD}
heartbeat: {url: "https://beat.example/token-one"}
actions:
  - {name: look, title: Look, effect: read, steps: [{host: system}]}
)";

std::string with(std::string text, std::string const& from, std::string const& to) {
  auto const at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

struct Row {
  char const* name;
  std::string from;
  std::string to;
  std::string expected;  ///< `key path`, `!` in front when it needs a restart; several with ", "
};

std::string told(std::vector<SettingChange> const& changes) {
  std::string text;
  for (auto const& each : changes)
    text += (text.empty() ? "" : ", ") + std::string(each.needs_restart ? "!" : "") + each.what.key.substr(8) + " " +
            each.path;
  return text;
}

}  // namespace

TEST_CASE("a difference names what changed, item by item, and what needs a restart") {
  for (Row const& row :
       {Row{"nothing", "Alice", "Alice", ""},
        Row{"a right", "role: operator", "role: admin", "changed people.alice.role"},
        Row{"a person more", "people:", "people:\n  - {id: carol, name: Carol}", "added people.carol"},
        Row{"a person less", "  - {id: bob, name: Bob}\nroles: {tech-lead: [bob]}", "",
            "removed people.bob, removed roles.tech-lead"},
        Row{"a list", "[bob]", "[bob, alice]", "changed roles.tech-lead"},
        Row{"where it listens", ":8088", ":8089", "!changed http.listen"},
        Row{"where it works", "http:", "workdir: /srv\nhttp:", "!changed workdir"},
        Row{"a platform more",
            "\nmail:", "\nchat: {slack: {app_token: env:SLACK_APP_TOKEN, bot_token: env:SLACK_BOT_TOKEN}}\nmail:",
            "!added chat.slack"},
        Row{"an action", "title: Look", "title: See", "changed actions.look.title"},
        Row{"where a secret is", "env:SMTP_PASSWORD", "file:/run/token", "changed mail.password"},
        Row{"an address that may hold a token", "token-one", "token-two", "hidden heartbeat.url"},
        Row{"a policy", "roles:", "escalation: {P3: {idle: 30m}}\nroles:", "changed escalation.P3.idle"}}) {
    CAPTURE(row.name);
    auto const old = loaded(kBase);
    auto const next = loaded(with(kBase, row.from, row.to));
    CHECK(told(difference(old, next)) == row.expected);
  }
}

TEST_CASE("a changed value is shown from and to") {
  auto const changes = difference(loaded(kBase), loaded(with(kBase, "role: operator", "role: admin")));
  REQUIRE(changes.size() == 1);
  CHECK(changes.front().what == Notice("setting.changed", {{"path", std::string("people.alice.role")},
                                                           {"from", std::string("operator")},
                                                           {"to", std::string("admin")}}));
}

TEST_CASE("a secret that changed where it is kept is named, its value is not") {
  auto const old = loaded(kBase);
  auto other = sources();
  other.environment = [](std::string const&) { return std::optional<std::string>("battery-staple"); };
  auto const next = std::get<Config>(load_config(kBase, "test.yaml", other));
  auto const changes = difference(old, next);
  REQUIRE(changes.size() == 1);
  CHECK(changes.front().path == "mail.password");
  CHECK(changes.front().what.key == "setting.hidden");
  CHECK(encode(changes.front().what).find("staple") == std::string::npos);
  CHECK(encode(changes.front().what).find("horse") == std::string::npos);
}

TEST_CASE("secrets are read, and printed nowhere") {
  auto const config = loaded(kBase);
  REQUIRE(config.mail.has_value());
  CHECK(config.mail->password.value.reveal() == "correct-horse");
  CHECK(config.mail->password.source == "env:SMTP_PASSWORD");
  CHECK(print(config).find("correct-horse") == std::string::npos);
  CHECK(print(config).find("env:SMTP_PASSWORD") != std::string::npos);
  auto const from_file = loaded(with(kBase, "env:SMTP_PASSWORD", "file:/run/token"));
  CHECK(from_file.mail->password.value.reveal() == "from-a-file");
}

TEST_CASE("a secret in the wrong place is in no mistake") {
  for (char const* text :
       {"mail: {host: x, from: a@b.c, user: u, password: hunter2}", "mail: hunter2",
        "mail: {hunter2: x}\nhttp: hunter2", "storage: postgresql://u:hunter2@h/d", "heartbeat: {url: \"hunter2\"}",
        "chat: {slack: hunter2}", "chat: {slack: {app_token: hunter2, bot_token: [hunter2]}}",
        "http: {public_url: \"https://hunter2@x\"}", "mail: {host: x, from: hunter2, user: \"hunter2 hunter2\"}",
        "workdir: *hunter2"}) {
    CAPTURE(text);
    for (auto const& each : mistakes_of(text)) {
      bool const is_key = each.what.key == "mistake.unknown_key";  // keys are no secrets
      if (!is_key) CHECK(encode(each.what).find("hunter2") == std::string::npos);
    }
  }
}

TEST_CASE("a secret file: one line break at its end is not part of it") {
  auto const folder = std::filesystem::temp_directory_path() / ("tocsin-secret-" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  auto const path = (folder / "token").string();
  std::ofstream(path) << "from disk\n";
  CHECK(*read_secret_file(path) == "from disk");
  std::ofstream(path) << std::string(kMaxSecretBytes, 'x');
  CHECK(read_secret_file(path)->size() == kMaxSecretBytes);
  std::ofstream(path) << std::string(kMaxSecretBytes + 1, 'x');
  CHECK(read_secret_file(path).error().code == Errc::too_large);
  CHECK(read_secret_file(folder.string()).error().code == Errc::refused);
  CHECK(read_secret_file((folder / "none").string()).error().code == Errc::not_found);
  std::filesystem::remove_all(folder);
}
