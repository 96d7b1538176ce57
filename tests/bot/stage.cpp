#include "tests/bot/stage.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <algorithm>
#include <future>
#include <string>

#include "bot/render.hpp"
#include "incidents/base/embedded.hpp"
#include "incidents/redaction.hpp"

namespace tocsin::test {
namespace {

std::filesystem::path new_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "tocsin-stage-XXXXXX").string();
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  return name;
}

Config loaded(std::string_view text, std::string const& name) {
  Sources const sources{[](std::string const&) { return std::optional<std::string>("secret"); },
                        [](std::string const&) { return Result<std::string>(std::string("secret")); }};
  auto result = load_config(text, name, sources);
  if (auto const* mistakes = std::get_if<std::vector<Mistake>>(&result)) {
    for (auto const& mistake : *mistakes)
      FAIL_CHECK(name << ":" << mistake.line << ": " << mistake.path << ": " << mistake.what.key);
    FAIL("the configuration has mistakes");
  }
  return std::move(std::get<Config>(result));
}

}  // namespace

Config config_of(std::string const& yaml) { return loaded(yaml, "test.yaml"); }

Config shipped_config(std::string const& name) {
  auto const& files = embedded::shipped();
  auto const found = std::find_if(files.begin(), files.end(), [&](auto const& file) { return file.name == name; });
  REQUIRE(found != files.end());
  return loaded(found->text, name);
}

Stage::Stage(Config config) : folder(new_folder()) {
  static auto const words = std::make_shared<Catalogue const>(Catalogue::shipped());
  setup = std::make_shared<Setup const>(std::move(config), words);
  auto database = open_sqlite(folder / "tocsin.db", OpenMode::read_write,
                              [this](std::string_view text) { return redacted_for_store(text, *setup->redactor); });
  REQUIRE(database.has_value());
  REQUIRE(migrate(**database, folder / "tocsin.db", clock.now()).has_value());
  writer = std::make_unique<Writer>(std::move(*database), clock);
  backups = std::make_unique<FolderBackups>(folder);
  tools.workdir = folder;
  tools.environment = [](std::string const& name) {
    return name == "PATH" ? std::optional<std::string>("/usr/bin:/bin") : std::nullopt;
  };
  tools.backups = backups.get();
  tools.version = "test";
  tools.examine_audit = [this](auto const& anchors) { return store::examine_audit(folder / "tocsin.db", anchors); };
  tools.reload = [] { return Message(Notice("reload.same")); };
  tools.login_link = [](Desk const&, PersonId const& person) { return "http://127.0.0.1/login/" + person.value; };
  tools.probe = [](HealthCheck const&) {
    return web::Finding{web::Finding::What::ok, 200, std::chrono::milliseconds{1}, ""};
  };
  workers = std::make_unique<Workers>(4, 100);
  dispatcher = std::make_unique<Dispatcher>(
      Dispatcher::Parts{*writer, *workers, clock, tools, [this] { return setup; }, [this] { committed(); }});
}

void Stage::use(Config config) {
  auto const next = std::make_shared<Setup const>(std::move(config), setup->catalogue);
  unit([&](Database&, Instant) { setup = next; });
}

Stage::~Stage() {
  workers.reset();
  writer.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
}

Reply Stage::say(std::string const& platform, std::string const& account, std::string const& text, std::string id) {
  Inbound inbound;
  inbound.id = std::move(id);
  inbound.direct = true;
  inbound.text = text;
  return send(platform, account, std::move(inbound));
}

Reply Stage::send(std::string const& platform, std::string const& account, Inbound inbound) {
  inbound.platform = platform;
  if (inbound.id.empty()) inbound.id = "m" + std::to_string(next_id_++);
  inbound.account = account;
  if (inbound.room.conversation.empty()) inbound.room.conversation = "main";
  inbound.room.platform = "local";
  auto promise = std::make_shared<std::promise<Reply>>();
  auto future = promise->get_future();
  dispatcher->take(inbound, [promise](Reply const& reply) {
    if (reply.state != Reply::State::accepted && reply.state != Reply::State::progress) promise->set_value(reply);
  });
  REQUIRE(future.wait_for(std::chrono::seconds(30)) == std::future_status::ready);
  return future.get();
}

Notice Stage::first(Reply const& reply) {
  for (auto const& block : reply.message.blocks) {
    if (auto const* said = std::get_if<Say>(&block)) return said->notice;
  }
  return Notice("");
}

std::string Stage::worded(Reply const& reply) const {
  return render_plain(reply.message, *setup, setup->reader_of(reply.caller.person, clock.now(), Medium::chat));
}

void Stage::committed() {
  std::lock_guard const lock(mutex_);
  ++commits_;
  changed_.notify_all();
}

void Stage::wait_until(std::function<bool(Database&)> const& settled) {
  for (;;) {
    std::unique_lock lock(mutex_);
    auto const seen = commits_;
    lock.unlock();
    bool done = false;
    unit([&](Database& database, Instant) { done = settled(database); });
    if (done) return;
    lock.lock();
    REQUIRE(changed_.wait_for(lock, std::chrono::seconds(30), [&] { return commits_ != seen; }));
  }
}

void Stage::unit(std::function<void(Database&, Instant)> const& body) { run_and_wait(*writer, body); }

}  // namespace tocsin::test
