// One HTTP connection of the server. Private to integrations/net.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>

#include "integrations/net/detail/connections.hpp"

namespace tocsin::net::detail {

/// Serves a connection until it ends, as a coroutine on the books' executor.
void serve(std::shared_ptr<Connections> books, boost::asio::ip::tcp::socket socket, std::string peer);

/// Answers 503 without reading, then closes: for a connection there is no room for.
void turn_away(std::shared_ptr<Connections> books, boost::asio::ip::tcp::socket socket);

}  // namespace tocsin::net::detail
