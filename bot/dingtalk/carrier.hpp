// Pages by DING: in the app, as a text message, by telephone; recalled once they need no answer any more. "DING by
// robot".
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bot/dingtalk/companion.hpp"
#include "bot/dingtalk/open_api.hpp"
#include "bot/platform.hpp"
#include "incidents/store/writer.hpp"
#include "integrations/paging/carrier.hpp"

namespace tocsin::dingtalk {

/// Called from worker threads; may outlive what it was made of, once `end` was called.
class DingCarrier final : public paging::Carrier {
 public:
  struct Parts {
    boost::asio::io_context& io;
    OpenApi& api;
    Companion& companion;
    Lane& lane;
    std::string robot;
  };

  explicit DingCarrier(Parts parts);
  ~DingCarrier() override;

  paging::DeliveryOutcome send(paging::PageEnvelope const& page, std::stop_token stop) override;
  paging::DeliveryOutcome probe() override;

  /// On the io_context's thread: takes the DINGs of these pages back. `done(false)`: not all of them yet.
  void recall(std::vector<SettledPage> const& pages, std::function<void(bool)> done);
  /// Nothing is begun any more, and nobody waits longer.
  void end();

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

/// 1 in the app, 2 as a text message, 3 by telephone.
[[nodiscard]] int remind_type(paging::PageEnvelope const& page) noexcept;
/// What a DING says: without links, for it is read aloud, too.
[[nodiscard]] std::string ding_text(paging::PageEnvelope const& page);
/// What came of `robot/ding/send` for this person.
[[nodiscard]] paging::DeliveryOutcome ding_outcome(ApiResult const& got, std::string const& staff);
/// What came of asking for something that is not there: whoever is told so may ask.
[[nodiscard]] paging::DeliveryOutcome probe_outcome(ApiResult const& got, std::string const& carrier);

}  // namespace tocsin::dingtalk
