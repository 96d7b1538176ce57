#include "bot/slack/manifest.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "commands/usage.hpp"
#include "commands/utf8.hpp"

namespace tocsin::slack {
namespace {

using Ordered = nlohmann::ordered_json;

/// Each is needed by a method that is called or by an event that is heard. Nothing is asked for in advance: whoever
/// installs the app reads this list.
constexpr auto kScopes = std::to_array<std::string_view>({
    "app_mentions:read",  // @tocsin: in threads there is no other way to speak to it
    "bookmarks:read",     // adding one twice makes two: looked up first
    "bookmarks:write",    // dashboards and the call, in the incident's channel
    "channels:history",   // lines in an incident's thread; was a post sent after all? what did a marked message say?
    "channels:join",      // public channels it must hear
    "channels:manage",    // an incident's channel: made, its topic, its people, archived
    "channels:read",      // renamed, archived, joined; a channel by its name
    "chat:write",         // everything it says
    "chat:write.public",  // in public channels that nobody has invited it to
    "commands",           // slash commands and shortcuts
    "files:write",        // postmortems, long outputs
    "groups:history",     // the same for private channels: incidents can be confidential
    "groups:read",        // channels:read's twin
    "groups:write",       // channels:manage's twin
    "im:history",         // words in a direct message: 4, 6, 认领
    "im:write",           // pages by direct message
    "mpim:history",       // conversations of several people who take it with them
    "pins:read",          // a pin puts a message on the timeline
    "pins:write",         // the card is pinned in the incident's channel
    "reactions:read",     // so does an emoji
    "reactions:write",    // a mark that it has been put there
    "usergroups:read",    // groups of people who are brought in
    "users:read",         // who wrote a message that is on the timeline
    "users:read.email",   // people of the configuration found by their address
});

constexpr auto kEvents = std::to_array<std::string_view>({
    "app_home_opened",
    "app_mention",
    "channel_archive",
    "channel_left",
    "channel_rename",
    "group_archive",
    "group_left",
    "group_rename",
    "message.channels",
    "message.groups",
    "message.im",
    "message.mpim",
    "pin_added",
    "reaction_added",
});

/// Slack's own. It refuses a manifest as a whole because of one of them (github.com/openclaw/openclaw/pull/29032,
/// NousResearch/hermes-agent/pull/18456), so the doubtful ones stand here, too: under `/ops` they all work.
constexpr auto kTaken = std::to_array<std::string_view>({
    "active", "apps",   "archive",  "away",      "call",   "collapse", "commands", "debug", "dm",     "dnd",
    "expand", "feed",   "feedback", "help",      "huddle", "invite",   "join",     "keys",  "kick",   "kill",
    "leave",  "me",     "msg",      "mute",      "open",   "people",   "prefs",    "pro",   "remind", "remove",
    "rename", "search", "send",     "shortcuts", "shrug",  "status",   "topic",    "who",
});

/// Typed more than anything else while a telephone rings; the rest of `incident` goes by `/incident`.
constexpr auto kShort = std::to_array<std::string_view>({"ack"});

constexpr std::string_view kOps = "ops";

/// Slack shows what is longer to nobody, and takes what is not lower case, digits and hyphens from nobody.
bool can_be_typed(std::string_view word) {
  auto const fits = [](char c) { return (c >= 'a' && c <= 'z') || utf8::is_ascii_digit(c) || c == '-'; };
  return !word.empty() && word.size() < kCommandCharacters && std::all_of(word.begin(), word.end(), fits) &&
         word != kOps && std::find(kTaken.begin(), kTaken.end(), word) == kTaken.end();
}

std::string cut(std::string text, std::size_t characters) {
  std::size_t at = 0;
  for (std::size_t count = 0; at < text.size() && count < characters; ++count) {
    auto const one = utf8::decode(text, at);
    if (one.size == 0) break;
    at += one.size;
  }
  text.resize(at);
  return text;
}

/// All commands whose canonical path begins with one word.
struct Family {
  std::string word;
  Command const* bare = nullptr;           ///< what the word means alone
  std::vector<Command const*> commands{};  ///< `word verb`
};

std::vector<Family> families_of(CommandTable const& table) {
  std::vector<Family> families;
  std::map<std::string, std::size_t, std::less<>> places;
  // What the configuration declares comes last: it is first to be left out when there are too many.
  for (bool const declared : {false, true}) {
    for (auto const& row : table.rows()) {
      if (row.declared != declared) continue;
      auto const end = std::min(row.name.find(' '), row.name.size());
      auto const [place, fresh] = places.emplace(row.name.substr(0, end), families.size());
      if (fresh) families.push_back({place->first});
      auto& family = families[place->second];
      if (end == row.name.size()) {
        family.bare = &row;
      } else {
        family.commands.push_back(&row);
      }
    }
  }
  return families;
}

class Writer {
 public:
  Writer(CommandTable const& table, Catalogue const& catalogue, Locale locale)
      : table_(table), catalogue_(catalogue), locale_(locale) {}

  [[nodiscard]] Ordered commands(SlashCommands which) const {
    auto commands = Ordered::array();
    if (which == SlashCommands::families) {
      for (auto const word : kShort) {
        if (auto const* row = table_.find(word)) add(commands, std::string(word), summary(*row), parameters(*row));
      }
      for (auto const& family : families_of(table_)) add(commands, family.word, description(family), usage(family));
    }
    commands.push_back({{"command", "/" + std::string(kOps)},
                        {"description", cut(said("manifest.ops"), kDescriptionCharacters)},
                        {"usage_hint", cut(said("manifest.ops_usage"), kUsageCharacters)},
                        {"should_escape", true}});
    return commands;
  }

  [[nodiscard]] Ordered shortcut(std::string_view callback, char const* type) const {
    auto const key = "manifest." + std::string(callback);
    return {{"name", said(key)}, {"type", type}, {"callback_id", callback}, {"description", said(key + "_what")}};
  }

  [[nodiscard]] std::string said(std::string const& key) const {
    Reader reader;
    reader.locale = locale_;
    reader.medium = Medium::plain;
    return catalogue_.render(Notice(key), reader);
  }

 private:
  /// The last place is for `/ops`.
  static void add(Ordered& commands, std::string const& word, std::string description, std::string usage) {
    if (!can_be_typed(word) || commands.size() + 1 >= kCommandsInManifest) return;
    Ordered command{{"command", "/" + word}, {"description", cut(std::move(description), kDescriptionCharacters)}};
    if (!usage.empty()) command["usage_hint"] = cut(std::move(usage), kUsageCharacters);
    // So that a mention arrives as the account it means, and not as a name to be guessed.
    command["should_escape"] = true;
    commands.push_back(std::move(command));
  }

  [[nodiscard]] std::string summary(Command const& row) const {
    auto const title = row.titles.find(std::string(name_of(locale_)));
    return title == row.titles.end() || title->second.empty() ? said(row.summary_key) : title->second;
  }

  [[nodiscard]] std::string description(Family const& family) const {
    if (family.bare != nullptr) return summary(*family.bare);
    auto const key = "manifest.family." + family.word;
    return catalogue_.has(key) ? said(key) : summary(*family.commands.front());
  }

  /// `<单号> [原因]`, what stands behind the word.
  [[nodiscard]] std::string parameters(Command const& row) const {
    auto const usage = usage_of(row, name_of(locale_));
    auto const& word = printed_word(row, name_of(locale_));
    return usage.size() > word.size() ? usage.substr(word.size() + 1) : std::string();
  }

  [[nodiscard]] std::string usage(Family const& family) const {
    auto usage = family.bare != nullptr ? parameters(*family.bare) : std::string();
    for (auto const* row : family.commands)
      usage += (usage.empty() ? "" : " | ") + row->name.substr(family.word.size() + 1);
    return usage;
  }

  CommandTable const& table_;
  Catalogue const& catalogue_;
  Locale locale_;
};

Ordered array_of(std::span<std::string_view const> texts) {
  auto array = Ordered::array();
  for (auto const text : texts) array.emplace_back(text);
  return array;
}

}  // namespace

std::span<std::string_view const> bot_scopes() noexcept { return kScopes; }

std::span<std::string_view const> bot_events() noexcept { return kEvents; }

std::string manifest(CommandTable const& table, Catalogue const& catalogue, Locale locale,
                     SlashCommands slash_commands) {
  Writer const writer(table, catalogue, locale);
  Ordered const whole{
      {"_metadata", {{"major_version", 2}, {"minor_version", 1}}},
      {"display_information",
       {{"name", writer.said("manifest.name")},
        {"description", writer.said("manifest.description")},
        {"background_color", "#8b1a1a"}}},
      {"features",
       {{"app_home",
         {{"home_tab_enabled", true}, {"messages_tab_enabled", true}, {"messages_tab_read_only_enabled", false}}},
        {"bot_user", {{"display_name", "tocsin"}, {"always_online", true}}},
        {"shortcuts",
         Ordered::array({writer.shortcut(kOpenShortcut, "global"), writer.shortcut(kNoteShortcut, "message"),
                         writer.shortcut(kOpenFromShortcut, "message")})},
        {"slash_commands", writer.commands(slash_commands)}}},
      {"oauth_config", {{"scopes", {{"bot", array_of(kScopes)}}}}},
      // By Socket Mode nothing has an address of ours. A token that changes by itself would have to be stored.
      {"settings",
       {{"event_subscriptions", {{"bot_events", array_of(kEvents)}}},
        {"interactivity", {{"is_enabled", true}}},
        {"org_deploy_enabled", false},
        {"socket_mode_enabled", true},
        {"token_rotation_enabled", false}}}};
  return whole.dump(2) + "\n";
}

}  // namespace tocsin::slack
