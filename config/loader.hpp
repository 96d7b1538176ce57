// From a YAML text to the typed configuration, or to the list of everything that is wrong with it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/config.hpp"
#include "config/mistake.hpp"
#include "incidents/base/result.hpp"

namespace tocsin {

/// Where secrets come from. Whoever composes the bot hands in the real environment; tests hand in their own.
struct Sources {
  std::function<std::optional<std::string>(std::string const& name)> environment;
  std::function<Result<std::string>(std::string const& path)> file;
};

inline constexpr std::size_t kMaxSecretBytes = 16 * 1024;
inline constexpr std::size_t kMaxMistakes = 200;

/// The content of a file of at most kMaxSecretBytes, without one line break at its end. Errors: not_found, too_large,
/// unavailable, refused (not a regular file); the detail names neither content nor path.
[[nodiscard]] Result<std::string> read_secret_file(std::string const& path);

using Loaded = std::variant<Config, std::vector<Mistake>>;

/// Mistakes are in the order of the file; at most kMaxMistakes of them. `file` only names the text in mistakes.
[[nodiscard]] Loaded load_config(std::string_view text, std::string const& file, Sources const& sources);

/// One setting that another configuration has otherwise.
struct SettingChange {
  std::string path;  ///< e.g. `people.alice.role`: list items go by their id or name
  Notice what;       ///< `setting.added`, `setting.removed`, `setting.changed`, `setting.hidden`
  bool needs_restart = false;
  friend bool operator==(SettingChange const&, SettingChange const&) = default;
};

/// What a reload from `old` to `next` changes, in the order of the settings; empty: nothing. A changed secret is
/// named, its value never is.
[[nodiscard]] std::vector<SettingChange> difference(Config const& old, Config const& next);

/// The configuration as a file that loads into an equal one: JSON, which is YAML; secrets as their sources.
[[nodiscard]] std::string print(Config const& config);

/// The JSON Schema of the file (draft 2020-12), made from the same declarations that the loader reads by.
[[nodiscard]] std::string schema_text();

}  // namespace tocsin
