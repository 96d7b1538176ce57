// Pages by work notification (工作通知): quiet, but it arrives where the robot may not speak and a DING has no quota.
// "asyncsend_v2" of the older API.
#pragma once

#include <memory>
#include <string>

#include "bot/dingtalk/open_api.hpp"
#include "bot/platform.hpp"
#include "incidents/store/writer.hpp"
#include "integrations/paging/carrier.hpp"

namespace tocsin::dingtalk {

/// Called from worker threads; may outlive what it was made of, once `end` was called.
class WorkCarrier final : public paging::Carrier {
 public:
  struct Parts {
    boost::asio::io_context& io;
    OpenApi& api;
    Lane& lane;
    std::int64_t agent = 0;
  };

  explicit WorkCarrier(Parts parts);
  ~WorkCarrier() override;

  paging::DeliveryOutcome send(paging::PageEnvelope const& page, std::stop_token stop) override;
  paging::DeliveryOutcome probe() override;

  /// On the io_context's thread: takes the notices of these pages back. `done(false)`: not all of them yet.
  void recall(std::vector<SettledPage> const& pages, std::function<void(bool)> done);
  void end();

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

/// The body of `asyncsend_v2`. The same text reaches nobody twice in a day, and DingTalk does not say so: each names
/// its page and has a number.
[[nodiscard]] std::string work_body(paging::PageEnvelope const& page, std::int64_t agent, std::int64_t number);
/// What `getsendresult` says of this person; nothing: not yet anything.
[[nodiscard]] std::optional<paging::DeliveryOutcome> work_result(std::string_view body, std::string_view staff,
                                                                 std::string const& task);

}  // namespace tocsin::dingtalk
