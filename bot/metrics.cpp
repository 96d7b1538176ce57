#include "bot/metrics.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <sstream>

#include "incidents/incident.hpp"
#include "incidents/severity.hpp"
#include "integrations/host/files.hpp"
#include "integrations/host/parse.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kMostProcBytes = 1024 * 1024;  // /proc/stat of a machine with many CPUs
constexpr double kMillisInSecond = 1'000;

double seconds(Instant at) { return static_cast<double>(to_millis(at)) / kMillisInSecond; }
double number(std::int64_t count) { return static_cast<double>(count); }

Family gauge(std::string name, std::string help, double value) {
  return {Family::Kind::gauge, std::move(name), std::move(help), {{{}, value}}};
}

/// Absent means unknown, and unknown is never 0.
template <class T>
Family maybe_gauge(std::string name, std::string help, std::optional<T> value) {
  Family family{Family::Kind::gauge, std::move(name), std::move(help), {}};
  if (value) family.samples.push_back({{}, static_cast<double>(*value)});
  return family;
}

Family open_incidents(store::Gauges const& store) {
  Family family{Family::Kind::gauge,
                "tocsin_incidents_open",
                "Incidents not resolved yet, practice left out, by severity and status.",
                {}};
  for (auto const severity : kSeverities) {
    for (std::size_t status = 0; status < store::kOpenStatuses; ++status) {
      family.samples.push_back({{{"severity", std::string(name_of(severity))},
                                 {"status", std::string(name_of(static_cast<Status>(status)))}},
                                number(store.incidents[static_cast<std::size_t>(severity)][status])});
    }
  }
  return family;
}

/// Three kinds of turns in one family: what is late is late, and one alert watches them all.
Family by_kind(std::string name, std::string help, double clocks, double pages, double outbox) {
  return {Family::Kind::gauge,
          std::move(name),
          std::move(help),
          {{{{"kind", "clock"}}, clocks}, {{{"kind", "page"}}, pages}, {{{"kind", "outbox"}}, outbox}}};
}

void add_turns(store::Gauges const& store, Instant now, std::vector<Family>& families) {
  families.push_back(gauge("tocsin_pages_waiting", "Pages with a try or a hand-over to come, overdue ones included.",
                           number(store.pages.waiting)));
  families.push_back(gauge("tocsin_deliveries_in_flight", "Tries to deliver a page that have no outcome yet.",
                           number(store.in_flight)));
  families.push_back(gauge("tocsin_outbox_waiting", "Messages that must still be said.", number(store.outbox.waiting)));
  families.push_back(by_kind("tocsin_overdue",
                             "Incidents' clocks, pages and messages whose instant has passed without anything done.",
                             number(store.clocks.overdue), number(store.pages.overdue), number(store.outbox.overdue)));
  auto const age = [now](store::Turns const& turns) {
    return turns.oldest ? std::max(0.0, seconds(now) - seconds(*turns.oldest)) : 0.0;
  };
  families.push_back(by_kind("tocsin_overdue_age_seconds",
                             "How long the oldest of them is overdue; 0 while none is. More than a few seconds: alert.",
                             age(store.clocks), age(store.pages), age(store.outbox)));
}

Family deliveries(DeliveryCounts const& counts) {
  Family family{Family::Kind::counter,
                "tocsin_delivery_attempts_total",
                "Tries to deliver a page since the start, by channel and outcome.",
                {}};
  for (auto const& [what, count] : counts)
    family.samples.push_back({{{"channel", what.first}, {"outcome", what.second}}, number(count)});
  return family;
}

using Labels = std::vector<std::pair<std::string, std::string>>;

/// Each connection by its place, so that one host's two are told apart.
void add_chat_connections(std::vector<ChatFacts> const& chats, std::vector<Family>& families) {
  Family since{Family::Kind::gauge,
               "tocsin_chat_connection_start_time_seconds",
               "Since when each connection is ready, in seconds since 1970.",
               {}};
  Family renewal{Family::Kind::gauge,
                 "tocsin_chat_connection_renewal_time_seconds",
                 "When another is to take its place, in seconds since 1970.",
                 {}};
  for (auto const& chat : chats) {
    std::size_t place = 0;
    for (auto const& each : chat.connections) {
      Labels const labels{{"platform", chat.platform}, {"place", std::to_string(++place)}, {"host", each.host}};
      since.samples.push_back({labels, seconds(each.since), {}});
      if (each.renewal) renewal.samples.push_back({labels, seconds(*each.renewal), {}});
    }
  }
  families.push_back(std::move(since));
  families.push_back(std::move(renewal));
}

Family acknowledgements(std::vector<ChatFacts> const& chats) {
  Family family{Family::Kind::histogram,
                "tocsin_chat_acknowledgement_seconds",
                "From hearing something to acknowledging it. Chats wait for three seconds.",
                {}};
  for (auto const& chat : chats) {
    Labels const labels{{"platform", chat.platform}};
    for (std::size_t bound = 0; bound <= Histogram::kBounds.size(); ++bound) {
      auto with_bound = labels;
      with_bound.emplace_back(
          "le", bound < Histogram::kBounds.size() ? fmt::format("{}", Histogram::kBounds[bound]) : std::string("+Inf"));
      family.samples.push_back({std::move(with_bound), number(chat.acknowledged.up_to(bound)), "_bucket"});
    }
    family.samples.push_back({labels, chat.acknowledged.sum(), "_sum"});
    family.samples.push_back({labels, number(chat.acknowledged.up_to(Histogram::kBounds.size())), "_count"});
  }
  return family;
}

void add_chats(std::vector<ChatFacts> const& chats, std::vector<Family>& families) {
  Family up{Family::Kind::gauge, "tocsin_chat_up", "1 while what is typed there arrives; else 0.", {}};
  Family connections{Family::Kind::gauge, "tocsin_chat_connections", "Connections that are ready.", {}};
  Family strangers{Family::Kind::gauge,
                   "tocsin_chat_strangers",
                   "Connections that the chat counts beside ours: ghosts, or another bot. They take their share.",
                   {}};
  for (auto const& chat : chats) {
    Labels const labels{{"platform", chat.platform}};
    up.samples.push_back({labels, chat.up ? 1.0 : 0.0, {}});
    connections.samples.push_back({labels, static_cast<double>(chat.connections.size()), {}});
    strangers.samples.push_back({labels, number(chat.strangers), {}});
  }
  families.push_back(std::move(up));
  families.push_back(std::move(connections));
  families.push_back(std::move(strangers));
  add_chat_connections(chats, families);
  families.push_back(acknowledgements(chats));
}

Family database_size(Measurements const& measured) {
  Family family{Family::Kind::gauge, "tocsin_database_size_bytes", "Size of the database, by file.", {}};
  if (measured.database_bytes) family.samples.push_back({{{"file", "main"}}, number(*measured.database_bytes)});
  if (measured.wal_bytes) family.samples.push_back({{{"file", "wal"}}, number(*measured.wal_bytes)});
  return family;
}

void add_process(ProcessFacts const& process, std::vector<Family>& families) {
  Family cpu{
      Family::Kind::counter, "process_cpu_seconds_total", "Total user and system CPU time spent in seconds.", {}};
  if (process.cpu_seconds) cpu.samples.push_back({{}, *process.cpu_seconds});
  families.push_back(std::move(cpu));
  families.push_back(maybe_gauge("process_start_time_seconds", "Start time of the process since unix epoch in seconds.",
                                 process.started));
  families.push_back(
      maybe_gauge("process_resident_memory_bytes", "Resident memory size in bytes.", process.resident_bytes));
  families.push_back(
      maybe_gauge("process_virtual_memory_bytes", "Virtual memory size in bytes.", process.virtual_bytes));
  families.push_back(maybe_gauge("process_open_fds", "Number of open file descriptors.", process.open_fds));
  families.push_back(maybe_gauge("process_max_fds", "Maximum number of open file descriptors.", process.max_fds));
}

std::optional<std::int64_t> size_of(std::filesystem::path const& file) {
  std::error_code error;
  auto const size = std::filesystem::file_size(file, error);
  if (error) return std::nullopt;
  return static_cast<std::int64_t>(size);
}

/// The instant at which the machine started, in seconds since 1970.
std::optional<double> boot_time() {
  auto const text = host::read_whole("/proc/stat", kMostProcBytes);
  if (!text) return std::nullopt;
  auto const at = text->find("\nbtime ");
  if (at == std::string::npos) return std::nullopt;
  std::istringstream in(text->substr(at + 7, 20));
  double value = 0;
  if (!(in >> value)) return std::nullopt;
  return value;
}

std::optional<std::int64_t> open_descriptors() {
  std::error_code error;
  std::filesystem::directory_iterator each("/proc/self/fd", error);
  std::int64_t count = -1;  // the one that looks
  for (; !error && each != std::filesystem::directory_iterator{}; each.increment(error)) ++count;
  if (error || count < 0) return std::nullopt;
  return count;
}

}  // namespace

ProcessFacts process_facts() {
  ProcessFacts facts;
  auto const ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  std::int64_t const page = ::sysconf(_SC_PAGESIZE);
  if (auto const text = host::read_whole("/proc/self/stat", kMostProcBytes)) {
    if (auto const stat = host::parse_process_stat(*text)) {
      facts.cpu_seconds = static_cast<double>(stat->ticks) / ticks;
      if (auto const boot = boot_time()) facts.started = *boot + static_cast<double>(stat->started_at) / ticks;
      facts.resident_bytes = static_cast<std::int64_t>(stat->resident_pages) * page;
    }
  }
  if (auto const text = host::read_whole("/proc/self/statm", kMostProcBytes)) {
    std::istringstream in(*text);
    std::int64_t pages = 0;
    if (in >> pages) facts.virtual_bytes = pages * page;
  }
  facts.open_fds = open_descriptors();
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) facts.max_fds = static_cast<std::int64_t>(limit.rlim_cur);
  return facts;
}

std::vector<Family> families_of(Measurements const& measured) {
  auto const& store = measured.store;
  std::vector<Family> families;
  families.push_back(
      {Family::Kind::gauge, "tocsin_info", "Version of the bot.", {{{{"version", measured.version}}, 1}}});
  families.push_back(gauge("tocsin_start_time_seconds", "When the bot started, by its own clock, since unix epoch.",
                           seconds(measured.started)));
  families.push_back(gauge("tocsin_ready", "1 while the bot is well, as /readyz says; else 0.", measured.ready));
  families.push_back(open_incidents(store));
  families.push_back(gauge("tocsin_drills_open", "Practice that still runs.", number(store.drills)));
  add_turns(store, measured.now, families);
  families.push_back(deliveries(measured.deliveries));
  add_chats(measured.chats, families);
  std::optional<double> looked_at;
  if (measured.looked_at) looked_at = seconds(*measured.looked_at);
  families.push_back(maybe_gauge("tocsin_scheduler_last_look_timestamp_seconds",
                                 "When the scheduler last looked for what is due; each second while it is well.",
                                 looked_at));
  families.push_back(
      gauge("tocsin_approvals_open", "Approvals not yet used, denied or expired.", number(store.approvals)));
  families.push_back(gauge("tocsin_reviews_open", "Reviews of broken glass not yet written.", number(store.reviews)));
  families.push_back(
      {Family::Kind::counter, "tocsin_audit_rows_total", "Rows of the audit.", {{{}, number(store.audit_rows)}}});
  families.push_back(database_size(measured));
  add_process(measured.process, families);
  return families;
}

class Metrics::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(Parts parts) : parts_(std::move(parts)) {}

  void collect(Done done) {
    auto const waiter = std::make_shared<Waiter>(Waiter{std::move(done), Timer(parts_.io, parts_.limit)});
    waiters_.push_back(waiter);
    // Answered, it is forgotten: its timer may have run out at the same moment.
    waiter->timer.async_wait([self = shared_from_this(), waiter](boost::system::error_code) {
      if (std::erase(self->waiters_, waiter) > 0) waiter->done(std::nullopt);
    });
    if (!asking_) ask();
  }

  void stop() { forget(); }

 private:
  using Timer = boost::asio::steady_timer;
  struct Waiter {
    Done done;
    Timer timer;
  };

  void ask() {
    asking_ = true;
    auto measured = std::make_shared<Measurements>();
    parts_.lane.submit(
        [measured](Database& database, Instant now) {
          measured->now = now;
          measured->store = store::gauges(database, now);
        },
        [self = shared_from_this(), measured](std::exception_ptr failed) {
          // On the store's own thread: a disk that hangs holds up nobody who does not wait for it already.
          measured->database_bytes = size_of(self->parts_.storage);
          measured->wal_bytes = size_of(self->parts_.storage.string() + "-wal");
          measured->process = process_facts();
          boost::asio::post(self->parts_.io, [self, measured, failed] { self->answer(*measured, failed != nullptr); });
        });
  }

  void answer(Measurements& measured, bool failed) {
    asking_ = false;
    if (waiters_.empty()) return;
    std::optional<std::string> text;
    if (!failed) {
      parts_.know(measured);
      text = exposition_of(families_of(measured));
    }
    for (auto const& waiter : forget()) waiter->done(text);
  }

  /// Whoever is called may ask again: nobody waits any more by then.
  std::vector<std::shared_ptr<Waiter>> forget() {
    auto waiters = std::exchange(waiters_, {});
    for (auto const& waiter : waiters) waiter->timer.cancel();
    return waiters;
  }

  Parts parts_;
  std::vector<std::shared_ptr<Waiter>> waiters_;
  bool asking_ = false;
};

Metrics::Metrics(Parts parts) : state_(std::make_shared<State>(std::move(parts))) {}
Metrics::~Metrics() { state_->stop(); }
void Metrics::collect(Done done) { state_->collect(std::move(done)); }

}  // namespace tocsin
