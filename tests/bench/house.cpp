#include "tests/bench/house.hpp"

#include <fmt/format.h>
#include <stdlib.h>

#include <boost/asio/post.hpp>
#include <future>
#include <iostream>
#include <stdexcept>

#include "config/loader.hpp"
#include "incidents/redaction.hpp"
#include "incidents/store/lifeboat.hpp"
#include "incidents/store/sqlite.hpp"

namespace tocsin::bench {
namespace {

constexpr std::size_t kWorkerThreads = 32;
constexpr std::size_t kWaitingJobs = 4'000;

constexpr char const* kYaml = R"(http:
  listen: 127.0.0.1:{port}
storage: tocsin.db
time_zone: Asia/Shanghai
locale: zh-CN
workdir: {workdir}
guard: {{rate_limit: off}}
people:
  - id: alice
    name: Alice
    role: admin
    identities: {{web: alice, email: alice@example.org}}
    channels: [email, inbox]
  - id: bob
    name: Bob
    role: operator
    identities: {{web: bob, email: bob@example.org}}
    channels: [email, inbox]
  - {{id: carol, name: Carol, role: operator, identities: {{web: carol, email: carol@example.org}}}}
roles:
  tech-lead: [bob]
  cto: [carol]
  security: [carol]
  product: [bob]
duty:
  rotation: {{every: week, people: [alice, bob], start: 2024-01-01, hand_over: 09:00}}
  backups: [bob, alice]
mail: {{host: 127.0.0.1, port: 2525, security: none, from: tocsin@example.org}}
)";

/// As the bot makes it, with what it takes along for a disk that fails; without durability there is no disk.
std::unique_ptr<Writer> make_writer(std::filesystem::path const& file, Clock const& clock,
                                    std::shared_ptr<Redactor const> redactor) {
  TextFilter const filter = [redactor](std::string_view text) { return redacted_for_store(text, *redactor); };
  if (file == kInMemory) {
    auto database = open_for_bot(file, clock.now(), filter);
    if (database.has_error()) throw std::runtime_error(database.error().detail);
    return std::make_unique<Writer>(std::move(*database), clock);
  }
  auto lifeboat = std::make_unique<Lifeboat>(Lifeboat::Parts{file, clock, filter});
  auto database = lifeboat->board();
  if (database.has_error()) throw std::runtime_error(database.error().detail);
  if (*database == nullptr) throw std::runtime_error("the database can't be written: " + lifeboat->health().detail);
  if (!with_lifeboat) lifeboat.reset();
  return std::make_unique<Writer>(std::move(*database), clock, std::move(lifeboat));
}

}  // namespace

Scratch::Scratch(std::filesystem::path const& below) {
  std::filesystem::create_directories(below);
  auto name = (below / "tocsin-bench-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("can't make a folder in " + below.string());
  path_ = name;
}

Scratch::~Scratch() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string yaml_of(std::filesystem::path const& workdir, unsigned port) {
  return fmt::format(kYaml, fmt::arg("port", port), fmt::arg("workdir", workdir.string()));
}

std::shared_ptr<Setup const> make_setup(std::filesystem::path const& workdir) {
  static auto const words = std::make_shared<Catalogue const>(Catalogue::shipped());
  Sources const sources{[](std::string const&) { return std::optional<std::string>(); },
                        [](std::string const&) { return Result<std::string>(std::string()); }};
  auto loaded = load_config(yaml_of(workdir, 8088), "bench.yaml", sources);
  if (auto const* mistakes = std::get_if<std::vector<Mistake>>(&loaded)) {
    auto const& first = mistakes->front();
    throw std::runtime_error(fmt::format("bench.yaml:{}: {}: {}", first.line, first.path, first.what.key));
  }
  return std::make_shared<Setup const>(std::move(std::get<Config>(loaded)), words);
}

void TimedLane::submit(Unit unit, Committed committed) {
  auto at = std::make_shared<Instant>();
  lane_.submit(
      [unit = std::move(unit), at](Database& database, Instant now) {
        *at = now;
        unit(database, now);
      },
      [this, at, committed = std::move(committed)](std::exception_ptr error) {
        {
          std::lock_guard const lock(mutex_);
          commits_.push_back({*at, std::chrono::floor<Millis>(std::chrono::system_clock::now())});
        }
        committed(error);
      });
}

std::vector<TimedLane::Commit> TimedLane::commits() const {
  std::lock_guard const lock(mutex_);
  return commits_;
}

paging::DeliveryOutcome CountingCarrier::send(paging::PageEnvelope const&, std::stop_token) {
  std::lock_guard const lock(mutex_);
  ++taken_;
  last_ = Monotonic::now();
  wake_.notify_one();
  return {paging::DeliveryOutcome::Kind::accepted, std::nullopt, {}, {}};
}

double CountingCarrier::wait_for(std::size_t pages, Monotonic::time_point since, Seconds limit) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, limit, [&] { return taken_ >= pages; });
  return taken_ >= pages ? Seconds(last_ - since).count() : limit.count();
}

House::House(std::filesystem::path const& file, std::shared_ptr<Setup const> setup)
    : setup_(std::move(setup)),
      clock_(make_system_clock()),
      chance_(make_system_chance()),
      guard_(boost::asio::make_work_guard(io_)),
      workers_(std::make_unique<Workers>(kWorkerThreads, kWaitingJobs)),
      carrier_(std::make_shared<CountingCarrier>()),
      writer_(make_writer(file, *clock_, setup_->redactor)),
      local_(*clock_, *writer_),
      timed_(std::make_unique<TimedLane>(*writer_)) {
  tools.workdir = file.parent_path();
  tools.version = "bench";
  tools.probe = [](HealthCheck const&) { return web::Finding{}; };
  auto const current = [this] { return setup_; };
  dispatcher_ = std::make_unique<Dispatcher>(
      Dispatcher::Parts{*writer_, *workers_, *clock_, tools, current, [this] { committed(); }});
  outbox_ = std::make_unique<Outbox>(io_, *writer_, *clock_);
  outbox_->add(local_);
  pager_ = std::make_unique<Pager>(Pager::Parts{*writer_,
                                                *workers_,
                                                *clock_,
                                                *chance_,
                                                current,
                                                [this](std::string const&) { return carrier_; },
                                                [](PageId) { return std::string(); },
                                                "example.org",
                                                [this] { committed(); },
                                                {}});
  loop_ = std::thread([this] { io_.run(); });
}

House::~House() {
  poked_ = nullptr;
  guard_.reset();
  boost::asio::post(io_, [this] {
    if (scheduler_) scheduler_->stop();
    io_.stop();
  });
  loop_.join();
  workers_.reset();
  writer_.reset();
}

void House::committed() {
  if (auto* scheduler = poked_.load()) scheduler->poke();
}

void House::start_scheduler() {
  scheduler_ = std::make_unique<Scheduler>(
      Scheduler::Parts{io_, *timed_, *clock_, [this] { return setup_; },
                       [this](std::vector<PageJob> jobs) { pager_->carry(std::move(jobs)); },
                       [this](std::vector<Post> posts) { outbox_->say(std::move(posts)); }, [] {},
                       [](std::string const& text) {
                         if (!text.empty()) std::cerr << "store: " << text << '\n';
                       }});
  poked_ = scheduler_.get();
  scheduler_->poke();
}

void House::take(std::string id, std::string text, ReplySink done) {
  Inbound inbound;
  inbound.platform = "web";
  inbound.id = std::move(id);
  inbound.account = "alice";
  inbound.room = {std::string(kLocalPlatform), std::string(kLocalRoom), ""};
  inbound.direct = true;
  inbound.text = std::move(text);
  dispatcher_->take(inbound, std::move(done));
}

Reply House::say(std::string id, std::string text) {
  auto promise = std::make_shared<std::promise<Reply>>();
  auto future = promise->get_future();
  take(std::move(id), std::move(text), [promise](Reply const& reply) {
    if (reply.state != Reply::State::accepted && reply.state != Reply::State::progress) promise->set_value(reply);
  });
  return future.get();
}

}  // namespace tocsin::bench
