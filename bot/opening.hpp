// What must be there before the bot can be made: its configuration, clock, folder, lock and database.
#pragma once

#include <filesystem>
#include <memory>

#include "bot/app.hpp"
#include "bot/log.hpp"
#include "config/catalogue.hpp"
#include "config/config.hpp"
#include "incidents/store/lifeboat.hpp"
#include "incidents/store/sqlite.hpp"

namespace tocsin {

struct Opening {
  Config config;
  std::shared_ptr<Catalogue const> catalogue;
  std::unique_ptr<BotClock> clock;
  std::filesystem::path workdir;
  std::filesystem::path storage;
  StoreLock lock;
  std::shared_ptr<CurrentRedactor> redactor;
  std::unique_ptr<Lifeboat> lifeboat;
  std::unique_ptr<Database> database;  ///< null while the lifeboat is afloat
};

/// Makes folders, takes the lock, opens and migrates the database; from here on the log is redacted. Errors: invalid
/// for a wrong command line, else what kept the bot from starting, to be shown as it is.
[[nodiscard]] Result<Opening> open_up(RunOptions const& options);

}  // namespace tocsin
