// What a person did in DingTalk, read from a push: said, clicked. Pure; nothing of DingTalk's JSON goes further than
// here.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bot/dingtalk/frame.hpp"
#include "incidents/base/time.hpp"

namespace tocsin::dingtalk {

inline constexpr std::string_view kBotTopic = "/v1.0/im/bot/messages/get";
inline constexpr std::string_view kCardTopic = "/v1.0/card/instances/callback";

/// Something with bytes behind it, for a short time.
struct Attachment {
  enum class Kind : std::uint8_t { picture, file, video, speech } kind = Kind::picture;
  std::string code;  ///< for its download
  std::string name;  ///< of a file
};

/// A message to the bot: alone with it, or in a group where it was mentioned.
struct Typed {
  std::string robot;         ///< robotCode
  std::string message;       ///< msgId, the same in each repeat
  std::string conversation;  ///< in a group what the API calls openConversationId
  bool group = false;
  std::string staff;  ///< of whoever said it; empty: somebody from outside, for whom only `nick` stands
  std::string nick;
  Instant at{};
  std::string text;     ///< without the mention of the bot, and without what phones put around it
  bool spoken = false;  ///< by speech recognition: it may have misheard
  std::string webhook;  ///< for answers, until
  Instant webhook_until{};
  std::vector<std::string> mentioned;  ///< staff ids of others
  std::vector<Attachment> attachments;
  std::string quoted;  ///< msgId of what it replies to
};

/// A button of a card.
struct Clicked {
  std::string card;  ///< outTrackId
  std::string staff;
  bool by_union = false;                      ///< `staff` is a union id
  std::string action;                         ///< the button's id
  std::map<std::string, std::string> params;  ///< bound to it, or typed; from the client, so nothing to trust
};

/// Nothing to do, on purpose.
struct Nothing {};

using What = std::variant<Nothing, Typed, Clicked>;

struct Gesture {
  std::string key;  ///< the same for the same gesture, however often it is pushed
  What what;
};

/// Never throws: a payload that is not as DingTalk describes it is Nothing. `bot`: its name in groups, which may be of
/// several words.
[[nodiscard]] Gesture gesture_of(Push const& push, std::string_view bot = {});

/// Without the blanks around it of whatever kind, and without `@name` in front.
[[nodiscard]] std::string bare_text(std::string_view text, std::string_view bot = {});

}  // namespace tocsin::dingtalk
