#include "bot/app.hpp"

#include <pwd.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <iostream>
#include <mutex>

#include "bot/alarm.hpp"
#include "bot/backups.hpp"
#include "bot/clock_watch.hpp"
#include "bot/dingtalk/dingtalk.hpp"
#include "bot/dispatcher.hpp"
#include "bot/environment.hpp"
#include "bot/heartbeat.hpp"
#include "bot/keeping.hpp"
#include "bot/key.hpp"
#include "bot/load.hpp"
#include "bot/local.hpp"
#include "bot/log.hpp"
#include "bot/memory.hpp"
#include "bot/metrics.hpp"
#include "bot/opening.hpp"
#include "bot/outbox.hpp"
#include "bot/outside.hpp"
#include "bot/pager.hpp"
#include "bot/public_address.hpp"
#include "bot/restart.hpp"
#include "bot/scheduler.hpp"
#include "bot/setup_of_the_moment.hpp"
#include "bot/slack/slack.hpp"
#include "bot/store_watch.hpp"
#include "bot/terminal/ask.hpp"
#include "bot/terminal/editor.hpp"
#include "bot/terminal/socket.hpp"
#include "bot/terminal/socket_path.hpp"
#include "bot/terminal/terminal.hpp"
#include "bot/upkeep.hpp"
#include "bot/web/web.hpp"
#include "incidents/redaction.hpp"
#include "incidents/store/anchors.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kWorkerThreads = 32;
constexpr std::size_t kWaitingJobs = 4'000;
constexpr Millis kShutdownLimit{3'000};
constexpr char const* kProofChore = "public address";

std::string user_name() {
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 4096> buffer{};
  if (::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
    return found->pw_name;
  return std::to_string(::getuid());
}

/// Everything that lives while the bot runs. Members are destroyed in reverse order: whoever uses stands below what is
/// used.
class App {
 public:
  App(RunOptions options, Opening opening)
      : options_(std::move(options)),
        clock_(std::move(opening.clock)),
        chance_(make_system_chance()),
        workdir_(std::move(opening.workdir)),
        storage_(std::move(opening.storage)),
        catalogue_(std::move(opening.catalogue)),
        redactor_(std::move(opening.redactor)),
        setup_(std::move(opening.config), acquainted(opening.database.get()), catalogue_, redactor_),
        lock_(std::move(opening.lock)),
        writer_(std::move(opening.database), *clock_, watched(std::move(opening.lifeboat))),
        local_(*clock_, writer_),
        outbox_(io_, writer_, *clock_) {
    make_tools();
    dispatcher_ = std::make_unique<Dispatcher>(
        Dispatcher::Parts{writer_, workers_, *clock_, tools_, [this] { return setup(); }, [this] { committed(); }});
    if (setup()->config.chat.slack) make_slack();
    if (setup()->config.chat.dingtalk) make_dingtalk();
    outbox_.add(local_);
    auto key = own_key(writer_, *chance_);
    tools_.anchors = [this, key] { return store::read_anchors(store::anchors_file(storage_), key); };
    tools_.examine_audit = [this](auto const& anchors) { return store::examine_audit(storage_, anchors); };
    auto const& mail = setup()->config.mail;
    auto const domain = mail ? domain_of(mail->from) : "tocsin.invalid";
    keeping_ =
        std::make_unique<Keeping>(Keeping::Parts{writer_, workers_, *clock_, [this] { return setup(); }, key, storage_,
                                                 [this] { return carrier("email"); }, domain, [this] { committed(); }});
    public_ = std::make_unique<PublicAddress>(
        PublicAddress::Parts{io_, writer_, *clock_, *chance_, [this] { return setup(); }, key, workdir_,
                             [this](Notice const& what) { say_here(Message(what)); }});
    web_ = std::make_unique<Web>(Web::Parts{
        io_, writer_, *clock_, *chance_, *dispatcher_, local_, [this] { return setup(); }, std::move(key), kVersion,
        [this](auto done) { metrics_.collect(std::move(done)); }, [this] { return store_watch_.trouble(); },
        [this] { committed(); }, [this](std::string const& url) { return public_->proven(url); }});
    pager_ = std::make_unique<Pager>(Pager::Parts{writer_, carrying_, *clock_, *chance_, [this] { return setup(); },
                                                  [this](std::string const& channel) { return carrier(channel); },
                                                  [this](PageId page) { return web_->ack_link(page); }, domain,
                                                  [this] { committed(); },
                                                  [this](PageJob const& job, Notice const& text) {
                                                    if (terminal_) terminal_->page(job.person, text);
                                                  }});
    scheduler_ = std::make_unique<Scheduler>(Scheduler::Parts{
        io_, writer_, *clock_, [this] { return setup(); },
        [this](std::vector<PageJob> jobs) {
          for (auto const& job : jobs) dispatcher_->paged(job.person);
          pager_->carry(std::move(jobs));
        },
        [this](std::vector<Post> posts) { outbox_.say(std::move(posts)); }, [this] { clock_watch_.look(); },
        [this](std::string const& text) { store_watch_.failed(text); }});
    upkeep_.add({kProofChore, kProofEvery,
                 [this](auto const& done) { public_->prove([done](std::string const&) { done(std::nullopt); }); }});
    upkeep_.add({"forget", kForgetEvery, [this](auto const& done) { keeping_->forget(done); }});
    upkeep_.add({"seal the audit", kSealEvery, [this](auto const& done) { keeping_->seal(done); }});
    upkeep_.add(
        {"anchor the audit", setup()->config.audit.anchor_every, [this](auto const& done) { keeping_->anchor(done); }});
    renew_carriers();
  }

  int run() {
    recover();
    store_watch_.start();
    if (auto bound = web_->listen(); bound.has_error()) {
      log_error("http: {}", bound.error().detail);
      return 1;
    }
    SaySocket socket({io_, *dispatcher_, *clock_, *chance_, [this] { return setup(); }, may_speak_as(),
                      [this](std::string const& about, auto const& answer) { about_itself(about, answer); }});
    listen_for_say(socket);
    boost::asio::signal_set signals(io_, SIGTERM, SIGINT, SIGHUP);
    wait_for_signals(signals);
    greet();
    give_back_memory();
    scheduler_->poke();
    heartbeat_.start();
    upkeep_.start();
    if (slack_) slack_->start();
    if (dingtalk_) dingtalk_->start();
    io_.run();
    socket.stop();
    return 0;
  }

 private:
  /// Before anything is paged: who is reached where.
  static Acquaintances acquainted(Database* database) {
    if (database == nullptr) return {};
    auto facts = store::facts_of(*database, kStaffFact);
    for (auto& guest : store::facts_of(*database, kGuestFact)) facts.push_back(std::move(guest));
    return acquaintances_in(facts);
  }

  std::shared_ptr<Setup const> setup() const { return setup_.get(); }

  /// Beside the database; where the disk takes no new file, elsewhere. Without any the bot still pages.
  void listen_for_say(SaySocket& socket) const {
    auto const spare = spare_socket_path(storage_);
    auto bound = socket.listen(socket_path(storage_));
    if (bound) {
      std::error_code ignored;
      std::filesystem::remove(spare, ignored);
      return;
    }
    log_error("{}", bound.error().detail);
    bound = socket.listen(spare);
    if (bound.has_error()) log_error("{}", bound.error().detail);
  }

  std::unique_ptr<Lifeboat> watched(std::unique_ptr<Lifeboat> lifeboat) {
    store_watch_.changed(lifeboat->health());
    lifeboat->on_change([this](StoreHealth const& health) { store_watch_.changed(health); });
    return lifeboat;
  }

  /// Before the built-in room: whoever has an account there is told things quietly there.
  void make_slack() {
    slack_ = std::make_unique<slack::Slack>(slack::Slack::Parts{
        io_, writer_, *clock_, *chance_, *dispatcher_, [this] { return setup(); }, workdir_, environment_variable,
        [this](Notice const& what, bool hurt) { platform_changed("slack", what, hurt); }, [this] { committed(); }});
    outbox_.add(*slack_);
  }

  void make_dingtalk() {
    dingtalk_ = std::make_unique<dingtalk::DingTalk>(dingtalk::DingTalk::Parts{
        io_, writer_, *clock_, *chance_, *dispatcher_, [this] { return setup(); }, workdir_, environment_variable,
        [this](Notice const& what, bool hurt) { platform_changed("dingtalk", what, hurt); }, setup_.known(),
        [this](Acquaintances const& known) { setup_.introduce(known); }});
    outbox_.add(*dingtalk_);
  }

  /// Told wherever that platform is not.
  void platform_changed(std::string const& platform, Notice const& what, bool hurt) {
    alarm_.say(what, "");
    auto const minute = std::chrono::floor<std::chrono::minutes>(clock_->now()).time_since_epoch().count();
    alarm_.page(what, kStepPlatform, static_cast<std::int32_t>(2 * minute + (hurt ? 1 : 0)), platform);
  }

  bool may_speak_as() const { return options_.test_mode || setup()->config.mode == Mode::demo; }

  void make_tools() {
    tools_.workdir = workdir_;
    tools_.environment = environment_variable;
    tools_.environment_names = environment_names;
    tools_.version = kVersion;
    tools_.backups = &backups_;
    tools_.reload = [this] { return reload(); };
    tools_.login_link = [this](Desk const& desk, PersonId const& person) {
      return web_->login_link(desk.database, person, desk.now);
    };
    tools_.probe = [this](HealthCheck const& check) { return probe_on(io_, check, workdir_); };
  }

  void renew_carriers() {
    auto const setup = this->setup();
    std::shared_ptr<paging::Carrier> email;
    if (auto const& mail = setup->config.mail) {
      auto made = paging::make_email_carrier(email_options(*mail, workdir_), *clock_);
      if (made) {
        email = std::move(*made);
      } else {
        log_error("mail: {}", made.error().detail);
      }
    }
    std::lock_guard const lock(mutex_);
    email_ = std::move(email);
  }

  std::shared_ptr<paging::Carrier> carrier(std::string const& channel) const {
    std::lock_guard const lock(mutex_);
    if (channel == "slack") return slack_ ? slack_->carrier() : nullptr;
    if (channel == "dingtalk") return dingtalk_ ? dingtalk_->carrier() : nullptr;
    if (channel == "dingtalk_work") return dingtalk_ ? dingtalk_->work_carrier() : nullptr;
    return channel == "email" ? email_ : nullptr;
  }

  void committed() {
    // What the store still commits at the very end concerns nobody who is gone.
    if (ending_) return;
    scheduler_->poke();
    web_->refresh();
  }

  Message reload() {
    auto loaded = load_from(options_.config);
    if (auto const* mistakes = std::get_if<std::vector<Mistake>>(&loaded)) {
      Message message(Notice("reload.failed").with("count", static_cast<std::int64_t>(mistakes->size())));
      message.blocks.emplace_back(Code{worded(*mistakes, *catalogue_, setup()->config.locale), "", ""});
      return message;
    }
    auto const changes = setup_.replace(std::move(std::get<Config>(loaded)));
    if (changes.empty()) return Message(Notice("reload.same"));
    renew_carriers();
    if (dingtalk_) boost::asio::post(io_, [this] { dingtalk_->look_again(); });
    Message message(Notice("reload.done").with("changes", static_cast<std::int64_t>(changes.size())));
    for (auto const& change : changes) {
      message.say(Notice(change.needs_restart ? "reload.item_restart" : "reload.item")
                      .with("path", change.path)
                      .with("what", std::vector{change.what}));
    }
    committed();
    upkeep_.soon(kProofChore);
    return message;
  }

  /// After a crash: what was being sent, run or answered is sorted out before anything new begins.
  void recover() {
    auto const setup = this->setup();
    local_.load(*chance_);
    run_and_wait(writer_, [&](Database& database, Instant now) {
      auto const repeated = after_restart(Desk{database, setup->directory, now});
      if (repeated > 0) log_warn("{} pages were being sent when the last run ended: sent again, marked", repeated);
    });
    dispatcher_->recover();
  }

  void greet() {
    auto const setup = this->setup();
    log_info("tocsin {} listens on http://{}:{}", kVersion, setup->config.http.listen.host, web_->port());
    bool const demo = setup->config.mode == Mode::demo;
    bool const prompt = options_.terminal.value_or(at_terminal());
    std::string links;
    if (demo) {
      run_and_wait(writer_, [&](Database& database, Instant now) {
        links.clear();
        for (auto const& person : setup->config.people) {
          links += setup->display_name(person.id, setup->config.locale) + ": " +
                   web_->login_link(database, person.id, now) + "\n";
        }
      });
    }
    if (!prompt) {
      std::cout << links << std::flush;
      return;
    }
    std::optional<PersonId> as;
    if (demo && !setup->config.people.empty()) as = setup->config.people.front().id;
    terminal_ = std::make_unique<Terminal>(Terminal::Parts{
        io_, *dispatcher_, local_, writer_, *clock_, *chance_, [this] { return this->setup(); }, user_name(), as,
        may_speak_as(), storage_.string() + ".history", std::move(links), [this] { shut_down(); }});
  }

  void wait_for_signals(boost::asio::signal_set& signals) {
    signals.async_wait([this, &signals](boost::system::error_code error, int signal) {
      if (error) return;
      // Ctrl-C at the prompt drops a line; between two lines, when it is not the editor's, it must not end a pager.
      if (signal == SIGINT && terminal_) return wait_for_signals(signals);
      if (signal != SIGHUP) return shut_down();
      if (!workers_.run([this](std::stop_token) {
            auto const setup = this->setup();
            auto const message = reload();
            boost::asio::post(io_, [this, message] { say_here(message); });
          }))
        log_error("reload: too busy");
      wait_for_signals(signals);
    });
  }

  /// In the built-in room, to everybody there.
  void say_here(Message message) {
    LocalEntry entry;
    entry.message = std::move(message);
    local_.say(std::move(entry));
  }

  void shut_down() {
    if (ending_.exchange(true)) return;
    terminal_.reset();
    scheduler_->stop();
    heartbeat_.stop();
    upkeep_.stop();
    auto const stop_web = [this] { web_->stop(kShutdownLimit, [this] { io_.stop(); }); };
    auto const stop_slack = [this, stop_web] { slack_ ? slack_->stop(stop_web) : stop_web(); };
    dingtalk_ ? dingtalk_->stop(stop_slack) : stop_slack();
  }

  void about_itself(std::string const& about, std::function<void(std::string const&)> const& answer) {
    if (about == kAskProof)
      return public_->prove([answer](std::string const& problem) { answer(encode(ProofAnswer{problem})); });
    BotState state{kVersion, ::getpid(), ::geteuid(), started_, store_watch_.trouble()};
    if (slack_) state.slack = slack_->hears() ? static_cast<std::int64_t>(slack_->facts().connections.size()) : 0;
    answer(encode(state));
  }

  static void heartbeat_changed(std::string const& trouble) {
    if (trouble.empty()) {
      log_info("the heartbeat arrives");
    } else {
      log_warn("the heartbeat does not arrive: {}", trouble);
    }
  }

  void measure(Measurements& measured) const {
    measured.version = kVersion;
    measured.started = started_;
    measured.ready = store_watch_.trouble().empty();
    measured.deliveries = pager_->counts();
    measured.looked_at = scheduler_->last_look();
    if (slack_) measured.chats.push_back(slack_->facts());
    if (dingtalk_) measured.chats.push_back(dingtalk_->facts());
  }

  RunOptions options_;
  std::unique_ptr<BotClock> clock_;
  std::unique_ptr<Chance> chance_;
  std::filesystem::path workdir_;
  std::filesystem::path storage_;
  Instant const started_ = clock_->now();
  std::shared_ptr<Catalogue const> catalogue_;
  std::shared_ptr<CurrentRedactor> redactor_;
  SetupOfTheMoment setup_;
  mutable std::mutex mutex_;  ///< of what follows
  std::shared_ptr<paging::Carrier> email_;
  std::atomic<bool> ending_{false};
  StoreLock lock_;
  boost::asio::io_context io_{1};
  Alarm alarm_{{io_, writer_, local_, [this] { return setup(); }, [this] { committed(); }}};
  StoreWatch store_watch_{{alarm_, storage_}};
  Writer writer_;
  FolderBackups backups_{workdir_};
  Tools tools_;
  Local local_;
  Outbox outbox_;
  Upkeep upkeep_{io_, *clock_};
  std::unique_ptr<Keeping> keeping_;
  ClockWatch clock_watch_{{writer_, *clock_, [this] { committed(); }}};
  Metrics metrics_{{io_, writer_, storage_, [this](Measurements& measured) { measure(measured); }}};
  std::unique_ptr<PublicAddress> public_;
  std::unique_ptr<Dispatcher> dispatcher_;
  std::unique_ptr<slack::Slack> slack_;
  std::unique_ptr<dingtalk::DingTalk> dingtalk_;
  std::unique_ptr<Web> web_;
  std::unique_ptr<Pager> pager_;
  std::unique_ptr<Scheduler> scheduler_;
  Heartbeat heartbeat_{{io_, writer_, [this] { return setup(); }, heartbeat_changed}};
  std::unique_ptr<Terminal> terminal_;
  /// What was handed to the writer is done, and whoever waits for it was told, before anything they talk to goes away:
  /// once before the workers end (units begin work) and once after (work hands units over).
  struct Settled {
    Writer& writer;
    ~Settled() {
      try {
        run_and_wait(writer, [](Database&, Instant) {});
      } catch (std::exception const& broken) {
        log_error("the store at the end: {}", broken.what());
      }
    }
  };
  Settled after_work_{writer_};
  Workers workers_{kWorkerThreads, kWaitingJobs};
  Workers carrying_{PageQueue::kAtOnce, PageQueue::kAtOnce};  ///< pages: no program that hangs is in their way
  Settled before_work_ends_{writer_};
};

}  // namespace

int run_bot(RunOptions const& options) {
  start_log();
  auto opened = open_up(options);
  if (opened.has_value()) return App(options, std::move(*opened)).run();
  std::cerr << opened.error().detail << '\n';
  return opened.error().code == Errc::invalid ? 2 : 1;
}

}  // namespace tocsin
