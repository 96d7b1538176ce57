#include "bot/chat/sockets.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>

#include "bot/log.hpp"

namespace tocsin::chat {
namespace {

constexpr std::uint16_t kNormalClosure = 1000;  // RFC 6455 section 7.4.1
constexpr Millis kGoodbye{2'500};

}  // namespace

void throw_exception_from_error(Refusal const& refusal, boost::source_location const&) {
  throw std::logic_error("address of a refused connection: " + refusal.error);
}

class Sockets::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(Parts parts)
      : parts_(std::move(parts)),
        machine_(parts_.limits, parts_.chance),
        client_(std::in_place, parts_.io, parts_.sockets),
        timer_(parts_.io),
        goodbye_(parts_.io) {}

  void start() { perform(machine_.look(parts_.now())); }

  void stop(std::function<void()> done) {
    if (std::exchange(stopping_, true)) return;
    stopped_ = std::move(done);
    perform(machine_.stop());
    timer_.cancel();
    if (sockets_.empty()) return end();
    goodbye_.expires_after(kGoodbye);
    goodbye_.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
      if (!cancelled) self->end();
    });
  }

  void abandon() {
    stopping_ = true;
    stopped_ = nullptr;
    timer_.cancel();
    goodbye_.cancel();
    sockets_.clear();
    client_.reset();
  }

  void acknowledge(ConnectionId id, std::string text) {
    perform(machine_.acknowledge(id, std::move(text), parts_.now()));
  }
  void deaf(std::vector<ConnectionId> const& ids) { perform(machine_.deaf(ids, parts_.now())); }
  std::vector<ConnectionId> ready_ids() const { return machine_.ready_ids(); }
  Health const& health() const { return machine_.health(); }
  std::vector<Standing> standing() const { return machine_.standing(); }
  std::string const& trouble() const { return trouble_; }

 private:
  void perform(Actions const& actions) {
    for (auto const& action : actions) std::visit([this](auto const& each) { act(each); }, action);
    rest();
  }

  void act(Ask const& ask) {
    parts_.ask([self = shared_from_this(), id = ask.id](Address got) {
      if (self->stopping_) return;
      auto const now = self->parts_.now();
      if (got) return self->perform(self->machine_.address_came(id, std::move(*got), now));
      auto const& refusal = got.error();
      // With the other connection up nothing else tells of it.
      if (std::exchange(self->trouble_, refusal.error) != refusal.error)
        log_warn("{} gives no address for a connection: {}", self->parts_.name, refusal.error);
      self->perform(self->machine_.address_refused(id, refusal, now));
    });
  }

  void act(Dial const& dial) {
    dialling_.insert(dial.id);
    client_->open(dial.url, [self = shared_from_this(), id = dial.id](auto const& opened) {
      bool const wanted = self->dialling_.erase(id) > 0;
      if (self->stopping_) return;
      if (!opened) {
        auto const& failure = opened.error();
        log_warn("{} socket {}: {} {}", self->parts_.name, id, failure.detail, failure.body);
        if (!failure.headers.empty())
          log_info("{} socket {}: the answer's headers: {}", self->parts_.name, id, failure.headers);
        self->trouble_ = failure.detail;
        return self->perform(self->machine_.ended(id, failure.detail, self->parts_.now()));
      }
      // Given up meanwhile: a socket that nobody knows would take its share of what happens.
      if (!wanted) return (*opened)->close(kNormalClosure, "");
      self->opened(id, *opened);
    });
  }

  void opened(ConnectionId id, std::shared_ptr<net::WebSocket> const& socket) {
    sockets_[id] = socket;
    socket->on_text([self = shared_from_this(), id](std::string_view text) {
      self->perform(self->machine_.came(id, self->parts_.read(text), self->parts_.now()));
    });
    socket->on_heard([self = shared_from_this(), id] { self->machine_.heard(id, self->parts_.now()); });
    socket->on_closed([self = shared_from_this(), id](net::WebSocketEnd const& end) { self->closed(id, end); });
    perform(machine_.opened(id, parts_.now()));
  }

  void closed(ConnectionId id, net::WebSocketEnd const& end) {
    sockets_.erase(id);
    auto const why = end.reason.empty() ? "closed with " + std::to_string(end.code) : end.reason;
    if (stopping_) {
      if (sockets_.empty()) this->end();
      return;
    }
    trouble_ = why;
    perform(machine_.ended(id, why, parts_.now()));
  }

  void act(Send const& send) {
    auto const found = sockets_.find(send.id);
    if (found == sockets_.end() || !found->second->send(send.text))
      perform(machine_.unsent(send.id, send.text, parts_.now()));
  }

  void act(Close const& close) {
    dialling_.erase(close.id);
    auto const found = sockets_.find(close.id);
    if (found == sockets_.end()) return;
    // Its end may be told from inside, which changes the map.
    auto const socket = found->second;
    if (close.politely) {
      socket->close(kNormalClosure, "");
    } else {
      socket->cut();
    }
  }

  void act(Deliver const& deliver) {
    if (!stopping_) deliver.item.deliver(deliver.id);
  }

  void act(Report const& report) {
    if (!stopping_) parts_.health(report.health);
  }

  void rest() {
    if (stopping_) return;
    auto const next = machine_.next();
    if (!next) return;
    timer_.expires_after(std::max<Millis>(*next - parts_.now(), Millis{0}));
    timer_.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
      if (!cancelled && !self->stopping_) self->perform(self->machine_.look(self->parts_.now()));
    });
  }

  void end() {
    goodbye_.cancel();
    if (auto const done = std::exchange(stopped_, nullptr)) boost::asio::post(parts_.io, done);
  }

  Parts parts_;
  Supervisor machine_;
  std::optional<net::WebSocketClient> client_;
  std::map<ConnectionId, std::shared_ptr<net::WebSocket>> sockets_;
  std::set<ConnectionId> dialling_;
  boost::asio::steady_timer timer_;
  boost::asio::steady_timer goodbye_;
  std::string trouble_;
  std::function<void()> stopped_;
  bool stopping_ = false;
};

Sockets::Sockets(Parts parts) : state_(std::make_shared<State>(std::move(parts))) {}
Sockets::~Sockets() { state_->abandon(); }
void Sockets::start() { state_->start(); }
void Sockets::stop(std::function<void()> done) { state_->stop(std::move(done)); }
void Sockets::acknowledge(ConnectionId id, std::string text) { state_->acknowledge(id, std::move(text)); }
void Sockets::deaf(std::vector<ConnectionId> const& ids) { state_->deaf(ids); }
std::vector<ConnectionId> Sockets::ready_ids() const { return state_->ready_ids(); }
Health const& Sockets::health() const { return state_->health(); }
std::string const& Sockets::trouble() const { return state_->trouble(); }
std::vector<Standing> Sockets::standing() const { return state_->standing(); }

std::vector<ChatConnection> connections_of(std::vector<Standing> const& standing, Instant now, Moment moment) {
  auto const by_wall = [now, moment](Moment at) { return now + std::chrono::duration_cast<Millis>(at - moment); };
  std::vector<ChatConnection> connections;
  for (auto const& each : standing) {
    connections.push_back({each.host, by_wall(each.since), {}});
    if (each.renewal) connections.back().renewal = by_wall(*each.renewal);
  }
  return connections;
}

}  // namespace tocsin::chat
