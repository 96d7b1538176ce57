// Carries pages: words them for the person, hands them to the channel's carrier on a worker, reports what came of it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "bot/page_queue.hpp"
#include "bot/setup.hpp"
#include "bot/workers.hpp"
#include "incidents/base/ports.hpp"
#include "incidents/due.hpp"
#include "incidents/store/writer.hpp"
#include "integrations/paging/carrier.hpp"

namespace tocsin {

class Pager {
 public:
  struct Parts {
    Lane& lane;
    Workers& workers;  ///< its own, PageQueue::kAtOnce of them
    Clock const& clock;
    Chance& chance;
    CurrentSetup setup;
    /// The carriers by channel; made anew when the configuration changes.
    std::function<std::shared_ptr<paging::Carrier>(std::string const& channel)> carrier;
    /// A link that acknowledges the page, or empty while no public address is proven.
    std::function<std::string(PageId)> ack_link;
    std::string message_domain;  ///< right-hand side of Message-IDs
    std::function<void()> committed;
    /// A page of the built-in inbox, with its marks: for whoever sits at the terminal.
    std::function<void(PageJob const&, Notice const&)> shown;
  };
  explicit Pager(Parts parts) : parts_(std::move(parts)) {}

  /// From the io_context's thread.
  void carry(std::vector<PageJob> jobs);

  /// How many tries ended how, by channel, since the start; every outcome of the channels there are. Any thread.
  [[nodiscard]] std::map<std::pair<std::string, std::string>, std::int64_t> counts() const;

 private:
  void begin();
  [[nodiscard]] std::optional<PageJob> next(std::optional<PageJob> const& ended);
  void perform(PageJob const& job, std::stop_token const& stop);
  void give_back(PageJob const& job);
  void report(PageJob const& job, Outcome outcome);

  Parts parts_;
  mutable std::mutex mutex_;
  PageQueue queue_;
  std::map<std::pair<std::string, Outcome::Kind>, std::int64_t> counts_;
};

/// The envelope of one page as its reader gets it: marks in front, subject, body, threading. Pure.
[[nodiscard]] paging::PageEnvelope worded_page(PageJob const& job, Setup const& setup, std::string const& ack_link,
                                               std::string const& domain, Instant now);

/// A page later than this says so.
inline constexpr Millis kLateAfter{5'000};

}  // namespace tocsin
