// What is to be said where, and what became of it.
#pragma once

#include <string>
#include <vector>

#include "bot/slack/api.hpp"
#include "bot/slack/render.hpp"

namespace tocsin::slack {

struct Where {
  std::string channel;  ///< its ID, or for a direct message that of the conversation
  std::string thread;   ///< the root's `ts`; empty: the channel itself
  friend bool operator==(Where const&, Where const&) = default;
};

struct Saying {
  Where where;
  std::string key;  ///< whatever was said under it in this channel is replaced
  Rendered content;
  Urgency urgency = Urgency::normal;
  bool may_repeat = false;  ///< an earlier try may have arrived
  bool last = true;         ///< nothing more comes under this key soon: files are sent along
  bool only_edit = false;   ///< what was not said under the key is not said now; with `may_repeat` it is looked for
  Millis deadline = Call{}.deadline;  ///< of each call that it takes
  /// Several things in one message, each the block that bears its key as `block_id`: what is said under such a key
  /// later takes the place of that block and of `buttons_of(key)`.
  std::vector<std::string> parts{};
};

struct Said {
  enum class Kind : std::uint8_t {
    said,
    later,    ///< not now; may be tried again
    nowhere,  ///< the channel, thread or person is not there
    refused,  ///< never, as it stands
  } kind = Kind::said;
  std::string message;   ///< its `ts`
  std::string error;     ///< as Slack names it
  bool lasting = false;  ///< later, but only once somebody has mended the token
};

/// Nothing is to be gained by saying it again.
[[nodiscard]] inline bool is_over(Said const& said) { return said.kind != Said::Kind::later; }

/// What a failed call means for what was to be said. A token that is no good any more is mended one day: later.
[[nodiscard]] Said said_of(ApiFailure const& failure);
[[nodiscard]] inline bool may_work_later(ApiFailure const& failure) {
  return said_of(failure).kind == Said::Kind::later;
}

}  // namespace tocsin::slack
