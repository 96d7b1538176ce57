#include "bot/slack/outside.hpp"

namespace tocsin::slack {

net::ClientRequest request_of(Call const& call, std::string const& url, Secret const& token) {
  net::ClientRequest request;
  request.method = "POST";
  request.url = url + (url.ends_with('/') ? "" : "/") + call.method;
  request.headers = {{"Authorization", "Bearer " + std::string(token.reveal())},
                     {"Content-Type", "application/x-www-form-urlencoded"}};
  request.body = net::encode_form(call.arguments);
  return request;
}

}  // namespace tocsin::slack
