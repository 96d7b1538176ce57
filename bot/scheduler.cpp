#include "bot/scheduler.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "bot/late_answer.hpp"
#include "bot/local.hpp"
#include "bot/settled.hpp"
#include "commands/card.hpp"
#include "commands/drill.hpp"
#include "commands/lapse.hpp"
#include "incidents/drill.hpp"
#include "incidents/store/attempt.hpp"
#include "incidents/store/digest.hpp"
#include "incidents/store/inbox.hpp"
#include "incidents/store/incidents.hpp"
#include "incidents/store/pages.hpp"
#include "incidents/store/upkeep.hpp"

namespace tocsin {
namespace {

/// A jump of the wall clock is noticed within this time: no sleep is longer.
constexpr Millis kLongestNap{1'000};
/// What is due must not wait a second longer than it has to when a unit fails once.
constexpr Millis kAgainAfterTrouble{250};
constexpr Millis kReportWait{500};
constexpr std::string_view kAnswerKey = "message";  // as `encode` of an answer writes it
/// As much at once says that more is waiting.
constexpr std::size_t kStorm = 50;

/// Whoever has to do with it, each once.
std::vector<PersonId> people_of(Incident const& incident, std::vector<store::Page> const& pages) {
  std::vector<PersonId> people;
  auto const add = [&people](PersonId const& person) {
    if (!person.empty() && std::find(people.begin(), people.end(), person) == people.end()) people.push_back(person);
  };
  for (auto const* person : {&incident.opened_by, &incident.assignee, &incident.acknowledged_by, &incident.commander,
                             &incident.scribe, &incident.communications})
    add(*person);
  for (auto const& person : incident.responders) add(person);
  for (auto const& person : incident.members) add(person);
  for (auto const& page : pages) add(page.person);
  return people;
}

std::optional<Approval> request_of(Desk const& desk, store::OutboxRow const& row) {
  auto const* code = row.what.text("code");
  return code != nullptr ? store::load_approval(desk.database, *code) : std::nullopt;
}

/// Says nothing: whoever was asked for an approval need not answer any more.
std::optional<Post> settling(Desk const& desk, store::OutboxRow const& row, Post post) {
  auto const approval = request_of(desk, row);
  if (!approval) return std::nullopt;
  post.settled = settled_requests(*approval, store::request_pages(desk.database, approval->incident), desk.now);
  if (post.settled.empty()) return std::nullopt;
  return post;
}

std::optional<Post> post_of(Desk const& desk, store::OutboxRow const& row) {
  Post post;
  post.id = row.id;
  post.incident = row.incident;
  post.room = row.room;
  post.person = row.person;
  post.may_repeat = row.tries > 0;
  // Said again after a crash, it takes the place of what may have been said before. Numbers of rows come again.
  auto const own_key = [&row] {
    return "post:" + sha256_hex(std::to_string(row.id.value) + ' ' + std::to_string(to_millis(row.created)) + ' ' +
                                encode(row.what));
  };
  auto const incident = row.incident ? store::load_incident(desk.database, row.incident) : std::nullopt;
  if (incident && incident->hidden) post.audience = incident->members;
  if (row.what.key == kSettleKey) return settling(desk, row, std::move(post));
  if (incident) post.about = About{*incident, {}};
  if (row.what.key == kCardKey) {
    if (!incident) return std::nullopt;
    auto const pages = store::pages_of(desk.database, row.incident);
    post.key = card_key(row.incident);
    post.message = incident_card(*incident, pages, DeskRoster(desk), desk.now);
    post.about->people = people_of(*incident, pages);
    post.settled = settled_pages(*incident, pages);
  } else if (row.what.key == kDrillReportKey) {
    if (!incident) return std::nullopt;
    post.key = drill_report_key(row.incident);
    post.message = drill_report(*incident, store::pages_of(desk.database, row.incident), desk.now);
  } else if (row.what.key == kAnswerKey) {
    // A whole answer, late: in the room where it was asked, for whoever asked.
    auto answer = decode_message(encode(row.what));
    if (answer.has_error()) return std::nullopt;
    post.message = std::move(*answer);
    auto key = answer_key(row.what);
    post.key = key.empty() ? own_key() : std::move(key);
    post.answer = true;
    post.asker = asker_of(row.what);
    post.progress_thread = progress_thread_of(row.what);
    if (!row.room.platform.empty() && !row.person.empty()) {
      post.audience = std::vector{row.person};
      post.person = {};
    }
  } else {
    auto what = row.what;
    if (incident && announces_lapse(what))
      tell_circumstances(what, desk, *incident, store::pages_of(desk.database, row.incident), row.created);
    post.message = Message(std::move(what));
    post.key = own_key();
  }
  return post;
}

/// A report waits a moment for what is on its way to a mail server: it is about what came of it.
bool awaits_mail(Desk const& desk, store::OutboxRow const& row) {
  if (desk.now - row.created > kHandOver) return false;
  auto const pages = store::pages_of(desk.database, row.incident);
  return std::any_of(pages.begin(), pages.end(), [](store::Page const& page) {
    return std::any_of(page.deliveries.begin(), page.deliveries.end(),
                       [](Delivery const& each) { return each.state == DeliveryState::sending; });
  });
}

/// What came up before its time; a clock that was set back brings rows earlier, and no end of a request.
std::optional<Instant> waits_until(Desk const& desk, store::OutboxRow const& row) {
  if (row.what.key == kDrillReportKey && awaits_mail(desk, row)) return desk.now + kReportWait;
  if (row.what.key != kSettleKey) return std::nullopt;
  auto const request = request_of(desk, row);
  bool const open = request && request->state == ApprovalState::waiting && desk.now < request->expires_at;
  return open ? std::optional(request->expires_at) : std::nullopt;
}

}  // namespace

Agenda look(Desk const& desk, Setup const&) {
  Agenda agenda;
  Damaged damaged;
  agenda.fired = advance_due(desk, kAgendaBatch, &damaged);
  // In a storm what time decides goes first, then who must be woken, then who would like to know. Nothing starves: each
  // look takes some of all.
  bool const storm = agenda.fired >= kStorm;
  agenda.pages = take_pages(desk, storm ? kAgendaBatch / 20 : kAgendaBatch, &damaged);
  for (auto const& [what, why] : damaged) {
    auto const room = local_room();
    auto notice = Notice("health.unreadable").with("what", what).with("detail", why);
    store::put_outbox_once(desk.database, {{}, desk.now, {}, room, {}, std::move(notice), desk.now, 0});
  }
  bool const busy = storm || agenda.pages.size() >= kStorm;
  auto const due = store::due_outbox(desk.database, desk.now, busy ? kAgendaBatch / 10 : kAgendaBatch);
  store::attempt_each(
      desk.database, due.size(),
      [&](std::size_t i) {
        auto const& row = due[i];
        if (auto const until = waits_until(desk, row)) return store::delay_outbox(desk.database, row.id, *until);
        auto post = post_of(desk, row);
        if (!post) return store::drop_outbox(desk.database, row.id);
        post->lending = store::lend_outbox(desk.database, row.id, desk.now + kPostLease);
        agenda.posts.push_back(std::move(*post));
      },
      [&] { agenda.posts.clear(); },
      [&](std::size_t i, std::string const&) { store::delay_outbox(desk.database, due[i].id, desk.now + kPutOff); });
  agenda.next = earlier(earliest_due(desk.database), store::earliest_outbox_due(desk.database));
  return agenda;
}

class Scheduler::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(Parts parts) : parts_(std::move(parts)), timer_(parts_.io) {}

  void poke() {
    // Many pokes before the next look are one.
    if (poked_.exchange(true)) return;
    boost::asio::post(parts_.io, [self = shared_from_this()] { self->look_now(); });
  }

  void stop() {
    stopped_ = true;
    timer_.cancel();
  }

  std::optional<Instant> last_look() const { return looked_at_; }

 private:
  void look_now() {
    if (stopped_ || looking_) return;
    poked_ = false;
    looking_ = true;
    // First: what it hands to the lane comes before what is overdue is fired.
    parts_.awake();
    auto agenda = std::make_shared<Agenda>();
    auto const setup = parts_.setup();
    parts_.lane.submit(
        [agenda, setup](Database& database, Instant now) {
          *agenda = look(Desk{database, setup->directory, now}, *setup);
        },
        [self = shared_from_this(), agenda](std::exception_ptr error) {
          boost::asio::post(self->parts_.io, [self, agenda, error] { self->looked(*agenda, error); });
        });
  }

  void looked(Agenda& agenda, std::exception_ptr const& error) {
    looking_ = false;
    if (stopped_) return;
    if (error) {
      try {
        std::rethrow_exception(error);
      } catch (std::exception const& what) {
        in_trouble_ = true;
        parts_.trouble(what.what());
      }
      return rest_for(kAgainAfterTrouble);
    }
    if (in_trouble_) {
      in_trouble_ = false;
      parts_.trouble("");
    }
    next_ = agenda.next;
    looked_at_ = parts_.clock.now();
    if (!agenda.pages.empty()) parts_.carry(std::move(agenda.pages));
    if (!agenda.posts.empty()) parts_.say(std::move(agenda.posts));
    if (poked_) return look_now();
    rest();
  }

  void rest() {
    auto wait = kLongestNap;
    if (next_) wait = std::min(wait, parts_.clock.real_time_until(*next_));
    rest_for(wait);
  }

  void rest_for(Millis wait) {
    timer_.expires_after(wait);
    timer_.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
      if (cancelled || self->stopped_) return;
      auto const now = self->parts_.clock.now();
      bool const due = self->next_ && *self->next_ <= now;
      if (due || self->poked_ || self->in_trouble_) return self->look_now();
      self->parts_.awake();
      self->looked_at_ = now;
      self->rest();
    });
  }

  Parts parts_;
  boost::asio::steady_timer timer_;
  std::atomic<bool> poked_{false};
  bool looking_ = false;
  bool stopped_ = false;
  bool in_trouble_ = false;
  std::optional<Instant> next_;
  std::optional<Instant> looked_at_;
};

Scheduler::Scheduler(Parts parts) : state_(std::make_shared<State>(std::move(parts))) {}
Scheduler::~Scheduler() { state_->stop(); }
void Scheduler::poke() { state_->poke(); }
void Scheduler::stop() { state_->stop(); }
std::optional<Instant> Scheduler::last_look() const { return state_->last_look(); }

}  // namespace tocsin
