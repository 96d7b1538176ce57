// The one port for everything that can reach a person: e-mail, SMS, calls, paging providers, webhooks.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "incidents/base/time.hpp"

namespace tocsin::paging {

/// What can be answered at once where a channel has buttons.
struct PageAnswer {
  std::string label;
  std::string command;
};

/// One message for one person, its words already rendered in that person's language.
struct PageEnvelope {
  std::string contact;  ///< in the channel's own form: an e-mail address, a number as +8613800138000, a key, a URL
  std::string subject;  ///< UTF-8, one line; stands alone where a channel shows nothing else
  std::string body;     ///< UTF-8, lines ended by \n; channels without a body leave it out
  /// The same at every attempt for one page, "page-17.3@host" (an RFC 5322 msg-id without brackets): receivers and
  /// providers recognise a repeat by it.
  std::string message_id;
  std::vector<std::string> references;  ///< message ids of the same incident, oldest first
  /// An earlier attempt may have arrived. The words of the mark are already in `subject`; channels that can carry
  /// the fact as data do that too.
  bool may_repeat = false;
  /// It must not wait for others: a carrier that has to make some wait makes those wait.
  bool urgent = false;
  /// How loudly, where a carrier has a choice.
  enum class Loudness : std::uint8_t {
    quiet,  ///< seen when the person looks
    loud,   ///< as a text message
    call,   ///< the telephone rings
  } loudness = Loudness::quiet;
  std::vector<PageAnswer> answers{};
};

/// What became of one attempt.
struct DeliveryOutcome {
  enum class Kind : std::uint8_t {
    accepted,       ///< the other side has taken responsibility; whether the person saw it is another question
    retry_later,    ///< certainly not taken, and the same attempt may succeed later
    rejected,       ///< certainly not taken, and the same attempt never will be: use another contact or channel
    misconfigured,  ///< certainly not taken, because our own settings are wrong (login, certificate, address of the
                    ///< sender): every page on this channel fails alike until somebody mends them
    unknown,        ///< everything was handed over and no verdict came (after the final dot of an e-mail, after the
                    ///< request of an API): it may have arrived, so a repeat must be marked as one
  };
  Kind kind = Kind::unknown;
  std::optional<Millis> retry_after;  ///< when the other side said so; only with retry_later
  std::string detail;  ///< one line for logs and chat; no secrets, no contact beyond what the other side quoted
  std::string provider_reference;  ///< the other side's name for it, for asking them later; may be empty
  friend bool operator==(DeliveryOutcome const&, DeliveryOutcome const&) = default;
};

/// A way to reach people. Both calls block and come from worker threads, several at once; each ends within the
/// carrier's own configured time, and nothing that the other side does makes them throw.
class Carrier {
 public:
  Carrier() = default;
  Carrier(Carrier const&) = delete;
  Carrier& operator=(Carrier const&) = delete;
  virtual ~Carrier() = default;

  /// One attempt, no retries. A stop request ends it within about a second, with retry_later, or with unknown when
  /// it came too late.
  virtual DeliveryOutcome send(PageEnvelope const& page, std::stop_token stop) = 0;

  /// For `doctor` and `check`: reaches the other side and logs in, and sends nothing. `accepted` means it would work.
  virtual DeliveryOutcome probe() = 0;
};

}  // namespace tocsin::paging
