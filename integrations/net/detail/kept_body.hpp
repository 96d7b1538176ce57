// A body that keeps its beginning. Private to integrations/net.
#pragma once

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/optional.hpp>
#include <cstdint>
#include <string>

namespace tocsin::net::detail {

/// Beast's string_body reserves what Content-Length claims and refuses what is too long; this one believes nothing,
/// keeps `limit` bytes and then stops the read with http::error::body_limit and `truncated` set.
struct KeptBody {
  struct value_type {
    std::string text;
    std::size_t limit = 0;
    bool truncated = false;
  };

  class reader {
   public:
    template <bool isRequest, class Fields>
    reader(boost::beast::http::header<isRequest, Fields>&, value_type& body) : body_(body) {}

    void init(boost::optional<std::uint64_t> const&, boost::system::error_code& failed) { failed = {}; }

    template <class Buffers>
    std::size_t put(Buffers const& buffers, boost::system::error_code& failed) {
      failed = {};
      std::size_t taken = 0;
      for (auto at = boost::asio::buffer_sequence_begin(buffers); at != boost::asio::buffer_sequence_end(buffers);
           ++at) {
        boost::asio::const_buffer const piece = *at;
        auto const room = std::min(piece.size(), body_.limit - body_.text.size());
        body_.text.append(static_cast<char const*>(piece.data()), room);
        taken += room;
        if (room == piece.size()) continue;
        body_.truncated = true;
        failed = make_error_code(boost::beast::http::error::body_limit);
        break;
      }
      return taken;
    }

    void finish(boost::system::error_code& failed) { failed = {}; }

   private:
    value_type& body_;
  };
};

}  // namespace tocsin::net::detail
