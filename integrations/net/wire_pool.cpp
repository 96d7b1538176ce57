#include "integrations/net/detail/wire_pool.hpp"

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace tocsin::net::detail {

bool is_quiet(Wire& wire) {
  if (wire.tls) {
    // Plain bytes that OpenSSL has ready, and records that Asio handed to it which it has not looked at.
    auto* const handle = wire.tls->native_handle();
    if (SSL_pending(handle) > 0 || BIO_ctrl_pending(SSL_get_rbio(handle)) > 0) return false;
  }
  char byte = 0;
  auto const got = ::recv(wire.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

/// The wait and the deadline share it: whoever comes first takes the wire, and the other finds none.
struct WirePool::Kept {
  Kept(std::unique_ptr<Wire> its_wire, boost::asio::io_context::executor_type executor)
      : wire(std::move(its_wire)), deadline(executor, [this] { drop(); }) {}

  void drop() {
    if (!wire) return;
    wire->close();
    gone = true;
  }
  [[nodiscard]] bool usable() const { return wire && !gone; }

  std::unique_ptr<Wire> wire;
  Deadline deadline;
  bool gone = false;
};

std::unique_ptr<Wire> WirePool::take(std::string const& origin) {
  auto const found = kept_.find(origin);
  if (found == kept_.end()) return nullptr;
  auto& waiting = found->second;
  while (!waiting.empty()) {
    auto const kept = waiting.back();
    waiting.pop_back();
    kept->deadline.disarm();
    if (!kept->usable()) continue;
    boost::system::error_code ignored;
    kept->wire->socket().cancel(ignored);  // the wait for its end
    auto wire = std::exchange(kept->wire, nullptr);
    if (is_quiet(*wire)) return wire;  // else its end or more has come, and the wait has not run yet
  }
  return nullptr;
}

void WirePool::give(std::string const& origin, std::unique_ptr<Wire> wire) {
  if (!keeps() || !is_quiet(*wire)) return;
  auto& waiting = kept_[origin];
  std::erase_if(waiting, [](auto const& each) { return !each->usable(); });
  while (waiting.size() >= most_) {
    waiting.front()->drop();
    waiting.pop_front();
  }
  auto const kept = std::make_shared<Kept>(std::move(wire), executor_);
  kept->deadline.arm(kept_for_);
  kept->wire->socket().async_wait(boost::asio::socket_base::wait_read, [kept](boost::system::error_code) {
    // Whatever it is, it belongs to no request. Without a wire it has been taken, and this wait was cancelled.
    kept->deadline.disarm();
    kept->drop();
  });
  waiting.push_back(kept);
}

void WirePool::clear() {
  for (auto& [origin, waiting] : std::exchange(kept_, {})) {
    for (auto const& kept : waiting) {
      kept->deadline.disarm();
      kept->drop();
    }
  }
}

}  // namespace tocsin::net::detail
