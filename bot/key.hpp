// The bot's own key: signs links, the self-test of the public address and heads of the audit.
#pragma once

#include <optional>

#include "incidents/base/ports.hpp"
#include "incidents/base/secret.hpp"
#include "incidents/store/database.hpp"
#include "incidents/store/writer.hpp"

namespace tocsin {

/// Made once, kept in the database. Waits for its commit: not on the writer's thread.
[[nodiscard]] Secret own_key(Lane& lane, Chance& chance);

/// The key as it is stored; nothing before the first run. For whoever only reads: the command line.
[[nodiscard]] std::optional<Secret> stored_key(Database& database);

}  // namespace tocsin
