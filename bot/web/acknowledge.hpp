// `/ack/TOKEN`: the link of a page. Looking changes nothing, so that a mail scanner acknowledges nothing; one tap more
// does, once.
#pragma once

#include <functional>
#include <memory>

#include "bot/setup.hpp"
#include "incidents/base/secret.hpp"
#include "incidents/store/writer.hpp"
#include "integrations/net/http_server.hpp"

namespace tocsin {

struct AcknowledgeParts {
  Lane& lane;
  std::shared_ptr<Setup const> setup;
  Secret key;
  std::function<void()> committed;
};

void serve_acknowledge(AcknowledgeParts const& parts, net::HttpRequest const& request, net::HttpReply const& reply);

}  // namespace tocsin
