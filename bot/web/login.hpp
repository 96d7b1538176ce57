// `/login/TOKEN`: a personal one-time link becomes a session of this browser, after one confirming press.
#pragma once

#include <string>
#include <string_view>

#include "bot/setup.hpp"
#include "incidents/base/ports.hpp"
#include "incidents/store/writer.hpp"
#include "integrations/net/http.hpp"
#include "integrations/net/http_server.hpp"

namespace tocsin {

struct LoginParts {
  Lane& lane;
  Chance& chance;
  std::shared_ptr<Setup const> setup;
};

inline constexpr std::string_view kSessionCookie = "tocsin_session";

/// On the io_context's thread; answers when the unit of work is committed. Host and Origin are checked already.
void serve_login(LoginParts const& parts, net::HttpRequest const& request, net::HttpReply const& reply);

}  // namespace tocsin
