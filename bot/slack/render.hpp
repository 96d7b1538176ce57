// The message model as Slack's Block Kit, within its limits. Pure.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bot/setup.hpp"
#include "commands/message.hpp"

namespace tocsin::slack {

/// What is too long for a message, or is a file.
struct Upload {
  std::string name;
  std::string title;
  std::string bytes;
  std::string snippet_type;  ///< "text" and its like; empty: by the name
};

struct Rendered {
  std::string text;                ///< for locked screens and screen readers; escaped, at most 3,800 units
  std::string blocks = "[]";       ///< a JSON array; of a coloured message its headline
  std::string attachments = "[]";  ///< a JSON array: the rest of a coloured message beside its bar
  std::vector<Upload> uploads;
  std::string digest;  ///< the same for what looks the same
};

struct Face {
  bool buttons = true;  ///< else each command is printed to be typed
  std::string bot{};    ///< its member id, to which printed commands are addressed; a slash command does not work in a
                        ///< thread. Empty: with the bot alone
  IncidentId about{};
  std::vector<std::string> calls{};  ///< members who must act now: the only ones that a message mentions
};

/// Instants are shown in each reader's own zone; foreign text is shown as it is and does nothing.
[[nodiscard]] Rendered render(Message const& message, Setup const& setup, Reader const& reader, Face const& face);

/// The blocks of a message as parts of a view, at most `most`; a JSON array.
[[nodiscard]] std::string view_blocks(Message const& message, Setup const& setup, Reader const& reader,
                                      std::size_t most);

}  // namespace tocsin::slack
