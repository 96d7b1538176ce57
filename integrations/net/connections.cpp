#include "integrations/net/detail/connections.hpp"

#include <boost/asio/post.hpp>
#include <utility>
#include <vector>

namespace tocsin::net::detail {

Connections::Connections(Executor its_executor, HttpServerOptions given, HttpHandler handler, WebSocketHandler sockets)
    : executor(std::move(its_executor)),
      options(std::move(given)),
      on_request(std::move(handler)),
      on_socket(std::move(sockets)) {}

Connections::Place::Place(std::shared_ptr<Connections> books, std::string peer, Connection& holder)
    : books_(std::move(books)), peer_(std::move(peer)), holder_(&holder) {
  books_->live_.insert(holder_);
  ++books_->by_peer_[peer_];
}

Connections::Place::Place(Place&& other) noexcept
    : books_(std::move(other.books_)), peer_(std::move(other.peer_)), holder_(other.holder_) {}

Connections::Place::~Place() {
  if (!books_) return;
  books_->live_.erase(holder_);
  if (auto const found = books_->by_peer_.find(peer_); --found->second == 0) books_->by_peer_.erase(found);
  books_->note_left();
}

void Connections::Place::hand_to(Connection& holder) {
  books_->live_.erase(holder_);
  holder_ = &holder;
  books_->live_.insert(holder_);
}

bool Connections::has_room_for(std::string const& peer) const {
  if (live_.size() >= options.connections) return false;
  auto const found = by_peer_.find(peer);
  return found == by_peer_.end() || found->second < options.connections_per_peer;
}

void Connections::wind_down(std::function<void()> when_empty) {
  winding_down_ = true;
  when_empty_ = std::move(when_empty);
  // A copy, because a connection may leave the set while it is told.
  for (auto* connection : std::vector<Connection*>(live_.begin(), live_.end())) {
    if (live_.contains(connection)) connection->wind_down();
  }
  note_left();
}

void Connections::cut() {
  for (auto* connection : std::vector<Connection*>(live_.begin(), live_.end())) {
    if (live_.contains(connection)) connection->cut();
  }
}

void Connections::forget() {
  forgotten_ = true;
  when_empty_ = nullptr;
  on_request = nullptr;
  on_socket = {};
  for (auto* connection : live_) connection->forget();
}

void Connections::report(std::string_view problem) const {
  if (!forgotten_ && options.on_problem) options.on_problem(problem);
}

void Connections::note_left() {
  if (!winding_down_ || !live_.empty() || !when_empty_) return;
  boost::asio::post(executor, [books = shared_from_this(), done = std::exchange(when_empty_, nullptr)] {
    if (!books->forgotten_) done();
  });
}

}  // namespace tocsin::net::detail
