#include "tests/simulation/bot.hpp"

#include <future>
#include <stdexcept>

#include "bot/pager.hpp"
#include "config/loader.hpp"
#include "incidents/store/inbox.hpp"
#include "incidents/store/sqlite.hpp"

namespace tocsin::simulation {
namespace {

struct Death {};

/// Configuration is read anew by every start of the real bot; here it is the same each time, so once is enough.
std::shared_ptr<Setup const> house_setup() {
  static std::shared_ptr<Setup const> const setup = [] {
    Sources const no_secrets{[](std::string const&) { return std::optional<std::string>{}; },
                             [](std::string const&) { return Result<std::string>(std::string{}); }};
    auto loaded = load_config(kHouseYaml, "house.yaml", no_secrets);
    if (auto const* mistakes = std::get_if<std::vector<Mistake>>(&loaded))
      throw std::runtime_error("house.yaml:" + std::to_string(mistakes->front().line) + ": " +
                               mistakes->front().what.key);
    return std::make_shared<Setup const>(std::move(std::get<Config>(loaded)),
                                         std::make_shared<Catalogue const>(Catalogue::shipped()));
  }();
  return setup;
}

Notice const* first_words(Message const& message) {
  for (auto const& block : message.blocks) {
    if (auto const* said = std::get_if<Say>(&block)) return &said->notice;
  }
  return nullptr;
}

}  // namespace

void MortalLane::submit(Unit unit, Committed committed) {
  if (dead) return;
  if (!dies) return lane_.submit(std::move(unit), std::move(committed));
  dead = true;
  lane_.submit(
      [&unit](Database& database, Instant now) {
        unit(database, now);
        throw Death{};
      },
      [](std::exception_ptr) {});
}

Bot::Bot(std::filesystem::path file, WallClock const& clock)
    : file_(std::move(file)), clock_(clock), setup_(house_setup()) {
  tools_.workdir = file_.parent_path();
  tools_.version = "simulated";
}

Bot::~Bot() { kill(); }

void Bot::start() {
  auto opened = open_sqlite(file_, OpenMode::read_write);
  if (opened.has_error()) throw std::runtime_error(opened.error().detail);
  database_ = std::move(*opened);
  // A simulated crash loses memory, not the power: the file needs no waiting for the disk.
  database_->script("PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE");
  if (auto const migrated = migrate(*database_, file_, clock_.now()); migrated.has_error())
    throw std::runtime_error(migrated.error().detail);
  lane_ = std::make_unique<MortalLane>(*database_, clock_);
  workers_ = std::make_unique<Workers>(1, 10);
  dispatcher_ = std::make_unique<Dispatcher>(
      Dispatcher::Parts{*lane_, *workers_, clock_, tools_, [this] { return setup_; }, [] {}});
  run_and_wait(*lane_, [this](Database& database, Instant now) {
    static_cast<void>(recover_pages(Desk{database, setup_->directory, now}));
  });
  dispatcher_->recover();
}

void Bot::kill() {
  workers_.reset();
  dispatcher_.reset();
  lane_.reset();
  database_.reset();
}

std::optional<Bot::Answer> Bot::say(std::string const& person, std::string const& text, std::string const& id) {
  Inbound inbound;
  inbound.platform = "web";
  inbound.id = id;
  inbound.account = person;
  inbound.room = {"local", "main", ""};
  inbound.direct = true;
  inbound.text = text;
  // What takes time answers from a worker; everything is done once the final answer is here.
  auto promise = std::make_shared<std::promise<Message>>();
  auto future = promise->get_future();
  dispatcher_->take(inbound, [promise](Reply const& reply) {
    if (reply.state != Reply::State::accepted && reply.state != Reply::State::progress)
      promise->set_value(reply.message);
  });
  if (lane_->dead) return std::nullopt;
  auto const message = future.get();
  Answer answer;
  if (auto const* words = first_words(message)) {
    answer.key = words->key;
    if (auto const* code = words->find("code")) answer.code = std::get<std::string>(*code);
  }
  return answer;
}

std::optional<Agenda> Bot::look() {
  std::optional<Agenda> agenda;
  std::exception_ptr failed;
  lane_->submit(
      [&](Database& database, Instant now) {
        agenda = tocsin::look(Desk{database, setup_->directory, now}, *setup_);
      },
      [&failed](std::exception_ptr error) { failed = error; });
  if (failed) std::rethrow_exception(failed);
  if (lane_->dead) return std::nullopt;
  return agenda;
}

bool Bot::report(PageJob const& job, Outcome const& outcome, double jitter) {
  std::exception_ptr failed;
  lane_->submit(
      [&](Database& database, Instant now) {
        report_page(Desk{database, setup_->directory, now}, job.page, job.position, outcome, jitter);
      },
      [&failed](std::exception_ptr error) { failed = error; });
  if (failed) std::rethrow_exception(failed);
  return !lane_->dead;
}

void Bot::said(std::vector<Post> const& posts) {
  lane_->submit(
      [&](Database& database, Instant) {
        for (auto const& post : posts) store::settle_outbox(database, post.id, post.lending);
      },
      [](std::exception_ptr) {});
}

std::optional<Time> Bot::next_due() {
  auto const next = earlier(earliest_due(*database_), store::earliest_outbox_due(*database_));
  return next ? std::optional(to_millis(*next)) : std::nullopt;
}

std::string Bot::subject_of(PageJob const& job) const {
  return worded_page(job, *setup_, "", "example.com", clock_.now()).subject;
}

}  // namespace tocsin::simulation
