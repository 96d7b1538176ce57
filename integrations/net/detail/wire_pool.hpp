// Connections that wait for the next request. Private to integrations/net.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <string>

#include "integrations/net/detail/dial.hpp"

namespace tocsin::net::detail {

/// Did nothing come, not even the end, that nobody took: neither on the socket nor inside TLS?
[[nodiscard]] bool is_quiet(Wire& wire);

/// On the io_context's thread. A connection on which anything comes while it waits, its end included, is given up.
class WirePool {
 public:
  WirePool(boost::asio::io_context::executor_type executor, std::size_t most, std::chrono::milliseconds kept_for)
      : executor_(executor), most_(most), kept_for_(kept_for) {}
  ~WirePool() { clear(); }
  WirePool(WirePool const&) = delete;
  WirePool& operator=(WirePool const&) = delete;

  [[nodiscard]] bool keeps() const noexcept { return most_ > 0; }
  /// The one used last, as the others are nearer to their end; null: there is none.
  [[nodiscard]] std::unique_ptr<Wire> take(std::string const& origin);
  /// One that is not quiet is ended instead: what came belongs to no request.
  void give(std::string const& origin, std::unique_ptr<Wire> wire);
  void clear();

 private:
  struct Kept;
  boost::asio::io_context::executor_type executor_;
  std::size_t most_;
  std::chrono::milliseconds kept_for_;
  std::map<std::string, std::deque<std::shared_ptr<Kept>>> kept_;
};

}  // namespace tocsin::net::detail
