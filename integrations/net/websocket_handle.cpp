#include "integrations/net/detail/websocket_handle.hpp"

#include <boost/asio/post.hpp>
#include <utility>

namespace tocsin::net::detail {
namespace {

constexpr std::size_t kReasonBytes = 123;  // RFC 6455 section 5.5: 125 less the code

/// The longest prefix of at most `limit` bytes that ends on a character boundary: a cut reason must stay UTF-8.
std::string_view cut_utf8(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0U) == 0x80U) --limit;
  return text.substr(0, limit);
}

}  // namespace

/// On the io_context's thread at once; from another posted, under the lock: while the session exists its io_context
/// does, and the session can't go away without that lock.
template <class Act>
void WebSocketHandle::tell_session(std::unique_lock<std::mutex> lock, Act act) {
  if (executor_.running_in_this_thread()) {
    auto& session = *session_;
    lock.unlock();
    return act(session);
  }
  boost::asio::post(executor_, [self = shared_from_this(), act = std::move(act)] {
    if (self->session_ != nullptr) act(*self->session_);  // changed on this thread only
  });
}

bool WebSocketHandle::send(std::string text) {
  std::unique_lock lock(mutex_);
  if (session_ == nullptr || closing_) return false;
  if (queue_.size() < limits_.queue_messages && text.size() <= limits_.queue_bytes - queued_bytes_) {
    queued_bytes_ += text.size();
    queue_.push_back(std::move(text));
    if (!std::exchange(pumping_, true)) tell_session(std::move(lock), [](auto& session) { session.pump(); });
    return true;
  }
  // Refuses what follows at once; the end itself belongs to the io_context's thread.
  WebSocketEnd const end{WebSocketEnd::Why::too_slow, 1006, "the reader is too slow"};
  closing_ = end;
  tell_session(std::move(lock), [end](auto& session) { session.finish(end); });
  return false;
}

void WebSocketHandle::close(std::uint16_t code, std::string reason) {
  std::unique_lock lock(mutex_);
  if (session_ == nullptr || closing_) return;
  closing_ = WebSocketEnd{WebSocketEnd::Why::by_us, code, std::string(cut_utf8(reason, kReasonBytes))};
  bool const pump_too = !std::exchange(pumping_, true);
  tell_session(std::move(lock), [pump_too](auto& session) {
    session.begin_closing();
    if (pump_too) session.pump();
  });
}

void WebSocketHandle::cut() {
  std::unique_lock lock(mutex_);
  if (session_ == nullptr) return;
  WebSocketEnd const end{WebSocketEnd::Why::by_us, 1006, "cut"};
  if (!closing_) closing_ = end;
  cut_ = true;
  queue_.clear();
  queued_bytes_ = 0;
  tell_session(std::move(lock), [end](auto& session) { session.finish(end); });
}

void WebSocketHandle::on_heard(HeardHandler handler) {
  if (session_ != nullptr) on_heard_ = std::move(handler);
}

void WebSocketHandle::on_text(TextHandler handler) {
  if (session_ != nullptr) on_text_ = std::move(handler);
}

void WebSocketHandle::on_closed(EndHandler handler) {
  if (session_ != nullptr) on_closed_ = std::move(handler);
}

WebSocketHandle::Work WebSocketHandle::next() {
  std::lock_guard const lock(mutex_);
  if (queue_.empty()) {
    pumping_ = false;
    return {std::nullopt, closing_.has_value() && !cut_};
  }
  Work work{std::move(queue_.front()), false};
  queue_.pop_front();
  queued_bytes_ -= work.message->size();
  return work;
}

std::optional<WebSocketEnd> WebSocketHandle::closing() const {
  std::lock_guard const lock(mutex_);
  return closing_;
}

WebSocket::EndHandler WebSocketHandle::detach() {
  std::lock_guard const lock(mutex_);
  session_ = nullptr;
  queue_.clear();
  queued_bytes_ = 0;
  on_text_ = nullptr;  // what it holds may hold this
  on_heard_ = nullptr;
  return std::exchange(on_closed_, nullptr);
}

}  // namespace tocsin::net::detail
