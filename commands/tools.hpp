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
#include "commands/run_board.hpp"
#include "config/config.hpp"
#include "incidents/base/ids.hpp"
#include "incidents/base/result.hpp"
#include "incidents/base/time.hpp"
#include "incidents/desk.hpp"
#include "incidents/store/anchors.hpp"
#include "integrations/host/vitals.hpp"
#include "integrations/web/probe.hpp"

namespace tocsin {

/// What `/stop` came to.
struct StopOutcome {
  std::vector<std::string> stopped;  ///< the lines of what was told to stop
  PersonId owner;                    ///< not empty: it is this person's, and whoever asked may not stop it
};

/// What verbs about running work ask of the dispatcher.
class Interpreter {
 public:
  virtual ~Interpreter() = default;
  /// Empty code: whatever this person has running. One's own work may always be stopped, that of others by operators.
  [[nodiscard]] virtual StopOutcome stop_work(PersonId const& by, Role role, std::string const& code) = 0;
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
  /// The names there are, for patterns such as DOCKER_*.
  std::function<std::vector<std::string>()> environment_names;
  /// Fetches a health check within its deadline. Blocks.
  std::function<web::Finding(HealthCheck const&)> probe;
  /// How the host is looked at: its root, where a container has it elsewhere than at "/".
  host::VitalsOptions host;
  BackupPort* backups = nullptr;
  Interpreter* interpreter = nullptr;
  /// Reads the configuration again; the answer says what changed or what is wrong.
  std::function<Message()> reload;
  /// A one-time link to the web page for a person.
  std::function<std::string(Desk const&, PersonId const&)> login_link;
  /// Heads of the audit that were sent away, as far as this machine still knows them.
  std::function<store::Anchors()> anchors;
  /// The whole chain against them. Blocks.
  std::function<Result<store::Examination>(std::vector<store::AuditHead> const&)> examine_audit;
  std::string version;
  RunBoard board;  ///< how far what is running is
};

}  // namespace tocsin
