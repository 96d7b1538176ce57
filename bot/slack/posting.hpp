// Says a thing once: posts it, edits it in place, looks for it where nobody knows whether it arrived.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bot/slack/render.hpp"
#include "bot/slack/web_api.hpp"
#include "incidents/base/ports.hpp"
#include "incidents/store/writer.hpp"

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
  std::string message;         ///< its `ts`
  std::string error;           ///< as Slack names it
  bool lasting = false;        ///< later, but only once somebody has mended the token
  bool without_files = false;  ///< said, but not its files, for the reason in `error`
  bool files_later = false;    ///< which may be tried again, by saying it again
};

/// Nothing is to be gained by saying it again.
[[nodiscard]] inline bool is_over(Said const& said) { return said.kind != Said::Kind::later && !said.files_later; }

/// What a failed call means for what was to be said. A token that is no good any more is mended one day: later.
[[nodiscard]] Said said_of(ApiFailure const& failure);
[[nodiscard]] inline bool may_work_later(ApiFailure const& failure) {
  return said_of(failure).kind == Said::Kind::later;
}

/// Lives and is called on the io_context's thread.
class Posting {
 public:
  struct Parts {
    boost::asio::io_context& io;
    WebApi& api;
    Lane& lane;
    Clock const& clock;
  };
  using Done = std::function<void(Said const&)>;

  explicit Posting(Parts parts);
  ~Posting();
  Posting(Posting const&) = delete;
  Posting& operator=(Posting const&) = delete;

  /// While the same key is being said the newest waits, and those between are never seen.
  void say(Saying saying, Done done);
  /// To one person in a channel, who alone sees it until they reload. Not kept, not edited.
  void whisper(Where const& where, std::string const& user, Rendered const& content, Done done);
  /// Files of their own, into a channel or thread.
  void upload(Where const& where, std::vector<Upload> const& files, Done done);

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tocsin::slack
