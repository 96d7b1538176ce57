// Pictures and files that came with words. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tocsin {

/// What no command understands is what a picture shows, and becomes a note of it; an incident may be named in front.
/// `attached`: what came along, in words. Nothing: it was meant to be a command.
[[nodiscard]] std::optional<std::string> note_of(std::string_view text, std::string const& attached);

}  // namespace tocsin
