// The manifest from which Slack makes the app: what can be typed and pressed, what the app may do, what it is told.
// Made from the command table. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "commands/command.hpp"
#include "config/catalogue.hpp"

namespace tocsin::slack {

/// What Slack takes at most; characters.
inline constexpr std::size_t kCommandsInManifest = 50;
inline constexpr std::size_t kCommandCharacters = 32;  ///< with its slash
inline constexpr std::size_t kDescriptionCharacters = 2'000;
inline constexpr std::size_t kUsageCharacters = 1'000;

/// Of the shortcuts that the manifest declares.
inline constexpr std::string_view kOpenShortcut = "incident_open";
inline constexpr std::string_view kOpenFromShortcut = "incident_open_from";
inline constexpr std::string_view kNoteShortcut = "timeline_note";

/// What the bot token must be allowed.
[[nodiscard]] std::span<std::string_view const> bot_scopes() noexcept;
/// What Slack must tell the bot.
[[nodiscard]] std::span<std::string_view const> bot_events() noexcept;

enum class SlashCommands : std::uint8_t {
  families,  ///< `/incident`, `/diag`, … as many as Slack takes, and `/ops`
  ops,       ///< `/ops` alone, for workspaces where names collide: every command works under it
};

/// JSON of several lines, its descriptions in `locale`.
[[nodiscard]] std::string manifest(CommandTable const& table, Catalogue const& catalogue, Locale locale,
                                   SlashCommands slash_commands);

}  // namespace tocsin::slack
