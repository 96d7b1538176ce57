// Forms and the app's home. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bot/setup.hpp"
#include "commands/message.hpp"

namespace tocsin::slack {

/// The name under which the form of `/incident open` comes back.
inline constexpr std::string_view kOpenForm = "incident_open";

/// What a form is filled in with already.
struct OpenForm {
  std::optional<Severity> severity;
  std::string title;
};

/// The form of `/incident open`, JSON. `metadata` comes back with it.
[[nodiscard]] std::string open_view(Setup const& setup, Reader const& reader, OpenForm const& filled,
                                    std::string const& metadata);
/// Where the title is wrong: the answer to a form that could not be carried out, JSON. `what`: plain text.
[[nodiscard]] std::string open_errors(std::string const& what);

/// The command that a submitted form stands for; the title is taken as it is, whatever it holds.
[[nodiscard]] std::string opening_line(std::map<std::string, std::string> const& values);
/// What else was written into it; empty: nothing.
[[nodiscard]] std::string details_of(std::map<std::string, std::string> const& values);

/// The app's home, JSON: each part below the other, as many as there is room for.
[[nodiscard]] std::string home_view(std::vector<Message> const& parts, Setup const& setup, Reader const& reader);

}  // namespace tocsin::slack
