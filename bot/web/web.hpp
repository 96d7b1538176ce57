// The built-in web channel, the acknowledgement links, health and metrics.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "bot/clock.hpp"
#include "bot/dispatcher.hpp"
#include "bot/local.hpp"
#include "bot/setup.hpp"
#include "incidents/base/secret.hpp"
#include "incidents/store/writer.hpp"

namespace boost::asio {
class io_context;
}

namespace tocsin {

/// Belongs to the thread of the io_context, but for `refresh`.
class Web {
 public:
  struct Parts {
    boost::asio::io_context& io;
    Lane& lane;
    BotClock const& clock;
    Chance& chance;
    Dispatcher& dispatcher;
    Local& local;
    CurrentSetup setup;
    Secret ack_key;  ///< signs acknowledgement links
    std::string version;
    /// Prometheus text, or nothing when the store did not answer in time; on the io_context's thread.
    std::function<void(std::function<void(std::optional<std::string>)> done)> metrics;
    std::function<std::string()> trouble;  ///< empty while the bot is well
    std::function<void()> committed;
    std::function<bool(std::string const& url)> proven;  ///< see PublicAddress; any thread
  };
  explicit Web(Parts parts);
  ~Web();

  /// Binds. Errors: the address is taken or can't be read.
  [[nodiscard]] Result<void> listen();
  [[nodiscard]] std::uint16_t port() const;
  /// From any thread: incidents or pages changed; open pages are told soon.
  void refresh();
  void stop(Millis limit, std::function<void()> done);

  /// A new one-time link for the person. Inside a unit of work.
  [[nodiscard]] std::string login_link(Database& database, PersonId const& person, Instant now);
  /// The link that acknowledges a page; empty while no public address is proven. Any thread.
  [[nodiscard]] std::string ack_link(PageId page) const;

 private:
  class State;
  std::shared_ptr<State> state_;
};

/// "PAGE-SIGNATURE": can't be guessed, needs no storage, means one page of one person.
[[nodiscard]] std::string ack_token(PageId page, Secret const& key);
[[nodiscard]] std::optional<PageId> page_of_token(std::string_view token, Secret const& key);

}  // namespace tocsin
