// Pages by direct message, with the buttons that answer them.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bot/slack/people.hpp"
#include "bot/slack/posting.hpp"
#include "integrations/paging/carrier.hpp"

namespace boost::asio {
class io_context;
}

namespace tocsin::slack {

/// Its calls come from worker threads and wait there for the io_context's thread. It outlives what it refers to only as
/// something that says "not now"; `end` makes it so.
class DirectCarrier final : public paging::Carrier {
 public:
  DirectCarrier(boost::asio::io_context& io, People& people, Posting& posting, WebApi& api);
  ~DirectCarrier() override;

  paging::DeliveryOutcome send(paging::PageEnvelope const& page, std::stop_token stop) override;
  paging::DeliveryOutcome probe() override;
  /// From any thread: whoever waits is let go, and nobody is sent anything any more.
  void end();

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

/// Under which a page is said, by its message id or its `page_key`.
[[nodiscard]] std::string saying_key(std::string_view page);

/// What a page looks like: its subject on the locked screen, its words and its buttons below.
[[nodiscard]] Rendered page_content(paging::PageEnvelope const& page);
/// Of several, one below the other; not empty.
[[nodiscard]] Rendered page_content(std::vector<paging::PageEnvelope> const& pages);
/// How many of them, from the first on, one message holds; at least one.
[[nodiscard]] std::size_t fit_together(std::vector<paging::PageEnvelope> const& pages);

}  // namespace tocsin::slack
