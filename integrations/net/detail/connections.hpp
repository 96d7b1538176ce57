// What the connections of one server have in common. Private to integrations/net.
#pragma once

#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "integrations/net/http_server.hpp"

namespace tocsin::net::detail {

/// One connection, whatever it speaks.
class Connection {
 public:
  virtual ~Connection() = default;
  virtual void wind_down() = 0;  ///< end as soon as it is polite
  virtual void cut() = 0;        ///< end now
  virtual void forget() = 0;     ///< call nobody's handlers any more
};

/// The books of one server: who is connected, how many from where, and what they are served with. On the
/// io_context's thread. Lives as long as the server or any connection.
class Connections : public std::enable_shared_from_this<Connections> {
 public:
  using Executor = boost::asio::io_context::executor_type;

  Connections(Executor executor, HttpServerOptions given, HttpHandler handler, WebSocketHandler sockets);

  /// A place in the books; given back when it dies.
  class Place {
   public:
    Place(std::shared_ptr<Connections> books, std::string peer, Connection& holder);
    Place(Place&& other) noexcept;
    Place& operator=(Place&&) = delete;
    ~Place();
    /// The connection goes on as another object (an upgrade).
    void hand_to(Connection& holder);
    [[nodiscard]] Connections& books() const noexcept { return *books_; }
    [[nodiscard]] std::shared_ptr<Connections> shared_books() const noexcept { return books_; }
    [[nodiscard]] std::string const& peer() const noexcept { return peer_; }

   private:
    std::shared_ptr<Connections> books_;  ///< empty once moved from
    std::string peer_;
    Connection* holder_;
  };

  [[nodiscard]] bool has_room_for(std::string const& peer) const;
  [[nodiscard]] std::size_t size() const noexcept { return live_.size(); }

  void wind_down(std::function<void()> when_empty);  ///< every connection, now and to come
  void cut();                                        ///< every connection
  void forget();                                     ///< the owner is going: its handlers are never called again

  [[nodiscard]] bool winding_down() const noexcept { return winding_down_; }
  void report(std::string_view problem) const;

  Executor const executor;
  HttpServerOptions const options;
  HttpHandler on_request;       ///< empty once forgotten
  WebSocketHandler on_socket;   ///< empty once forgotten
  std::size_t turned_away = 0;  ///< connections over the limit that are still being told so

 private:
  void note_left();

  std::set<Connection*> live_;
  std::map<std::string, std::size_t> by_peer_;
  bool winding_down_ = false;
  bool forgotten_ = false;
  std::function<void()> when_empty_;
};

}  // namespace tocsin::net::detail
