// What a person did in Slack, read from an envelope: typed, pressed, submitted, marked. Pure; nothing of Slack's JSON
// goes further than here.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>

#include "bot/slack/frame.hpp"

namespace tocsin::slack {

/// The bot as Slack knows it (`auth.test`): what it said itself comes back to it and is nobody's wish.
struct Self {
  std::string user;
  std::string bot;
};

struct Place {
  std::string channel;
  std::string thread;   ///< the root's `ts`; empty: the channel itself
  bool direct = false;  ///< a conversation with the bot alone
};

/// A line for the bot, or one that it overhears in a thread.
struct Typed {
  Place place;
  std::string user;
  std::string text;      ///< with Slack's `<@U…>` and links, its three entities decoded
  std::string message;   ///< its `ts`; empty for a slash command, which is no message
  bool command = false;  ///< a slash command: `text` begins with it
  std::string response_url;
  std::string trigger;  ///< opens a modal, once, within three seconds
};

struct Pressed {
  Place place;  ///< no channel: in a modal or the App Home
  std::string user;
  std::string action;
  std::string value;
  std::string message;
  bool hidden = false;  ///< only whoever pressed it sees the message: nothing can be said in its thread
  std::string response_url;
  std::string trigger;
};

struct Submitted {
  std::string user;
  std::string callback;
  std::string metadata;                       ///< as the bot gave it to the view
  std::map<std::string, std::string> values;  ///< by block; empty: nothing was chosen
};

/// A global or a message's shortcut.
struct Shortcut {
  std::string user;
  std::string callback;
  Place place;
  std::string message;
  std::string text;  ///< of that message
  std::string trigger;
};

/// A reaction (`emoji`) or a pin (none) on a message.
struct Marked {
  std::string user;
  std::string emoji;
  std::string channel;
  std::string message;
};

struct HomeOpened {
  std::string user;
};

struct ChannelChanged {
  enum class How : std::uint8_t { archived, renamed, left } how = How::archived;
  std::string channel;
  std::string name;  ///< if renamed
};

/// Nothing to do, on purpose: the bot's own words, joins, edits, what we don't know.
struct Nothing {};

using What = std::variant<Nothing, Typed, Pressed, Submitted, Shortcut, Marked, HomeOpened, ChannelChanged>;

struct Gesture {
  std::string key;  ///< the same for the same gesture, however often and by whichever event it comes
  What what;
};

/// Never throws: a payload that is not as Slack describes it is Nothing.
[[nodiscard]] Gesture gesture_of(Envelope const& envelope, Self const& self);

/// `&lt;`, `&gt;`, `&amp;`, once.
[[nodiscard]] std::string decoded(std::string_view text);

/// The reverse, for every foreign text: so it can't mention, link or format an address.
[[nodiscard]] std::string encoded(std::string_view text);

}  // namespace tocsin::slack
