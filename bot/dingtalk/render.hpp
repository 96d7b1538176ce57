// The message model as DingTalk's Markdown, within its limits. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "bot/setup.hpp"
#include "commands/message.hpp"

namespace tocsin::dingtalk {

/// What is too long for a message, or is a file.
struct Upload {
  std::string name;
  std::string bytes;
  bool picture = false;  ///< of a kind that DingTalk shows
};

/// What can be pressed. The command is bare, also in a group: who sends it knows whether an address is needed.
struct Link {
  std::string label;
  std::string command;
  bool primary = false;
};

struct Rendered {
  std::string title;               ///< for locked screens and previews: a plain line of at most 60 characters
  std::vector<std::string> parts;  ///< one to three, each at most 3,500 characters and 9,000 bytes of JSON
  std::vector<Link> buttons;       ///< in order
  std::vector<std::string> calls;  ///< staff ids for the `at` beside the text; `@id` stands in the last part, too
  std::vector<Upload> uploads;
  std::string digest;  ///< the same for what looks the same
};

struct Face {
  bool links = true;  ///< each command is a link in the text, too; else only in `buttons`
  bool group = true;  ///< what is typed reaches the bot only with its mention
  std::string bot{};  ///< its name, for that mention
  IncidentId about{};
  std::vector<std::string> calls{};  ///< staff ids of those who must act now: the only ones that a message mentions
};

/// Instants are in the reader's zone: DingTalk has no dates of its own. Foreign text is shown as it is and does
/// nothing.
[[nodiscard]] Rendered render(Message const& message, Setup const& setup, Reader const& reader, Face const& face);

inline constexpr std::size_t kCardButtons = 4;

/// The values of the card's template, all of them each time, so that nothing of an earlier state stays: `title`,
/// `markdown` (the first part, the only one that a card shows), and of each button from 1 to 4 `button1`, `command1`,
/// and whether it is there, `has1`.
[[nodiscard]] std::map<std::string, std::string> card_params(Rendered const& rendered, Setup const& setup);

}  // namespace tocsin::dingtalk
