// What commands that take time may use beyond the store: programs, probes, backups. Made once by whoever composes the
// bot; shared by all runs, so everything here is safe from several threads at once.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "commands/message.hpp"
#include "config/config.hpp"
#include "incidents/base/ids.hpp"
#include "incidents/base/result.hpp"
#include "incidents/base/time.hpp"
#include "integrations/web/probe.hpp"

namespace tocsin {

/// What verbs about running work ask of the dispatcher.
class Interpreter {
 public:
  virtual ~Interpreter() = default;
  [[nodiscard]] virtual std::vector<std::string> stop_work(PersonId const& by, std::string const& code) = 0;
};

/// How old the newest verified backup of a data set is.
struct Freshness {
  Millis age{};
  bool verified = false;
  std::string name;
};

/// The one port through which the guard knows backups. None known is an answer, not an error.
class BackupPort {
 public:
  virtual ~BackupPort() = default;
  [[nodiscard]] virtual std::optional<Freshness> freshness(DataSet const& set, Instant now) = 0;
  /// Makes and verifies one. The result names it.
  [[nodiscard]] virtual Result<std::string> make(DataSet const& set, Instant now, std::stop_token stop) = 0;
};

struct Tools {
  std::filesystem::path workdir;
  /// One variable of the bot's own environment; programs get those that their action names.
  std::function<std::optional<std::string>(std::string const&)> environment;
  /// Fetches a health check within its deadline. Blocks.
  std::function<web::Finding(HealthCheck const&)> probe;
  BackupPort* backups = nullptr;
  Interpreter* interpreter = nullptr;
  /// Reads the configuration again; the answer says what changed or what is wrong.
  std::function<Message()> reload;
  /// A one-time link to the web page for a person.
  std::function<std::string(PersonId const&)> login_link;
  std::string version;
};

}  // namespace tocsin
