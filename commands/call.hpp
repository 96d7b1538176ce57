// One run of a command: who, where, with which arguments, and what it may use. Made by the dispatcher, used by verbs.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "commands/arguments.hpp"
#include "commands/command.hpp"
#include "commands/message.hpp"
#include "commands/vocabulary.hpp"
#include "config/catalogue.hpp"
#include "config/config.hpp"
#include "incidents/base/redactor.hpp"
#include "incidents/desk.hpp"

namespace tocsin {

/// The person behind the account that spoke.
struct Caller {
  PersonId person;  ///< empty: nobody the configuration knows; a viewer
  Role role = Role::viewer;
  Locale locale = Locale::zh_cn;
  std::string zone;
  std::string account;  ///< "web:alice", "slack:U024BE7LH": for the audit
};

/// What a command that takes time may do while it runs. On the worker's thread.
class Work {
 public:
  virtual ~Work() = default;
  /// Runs a unit of work and waits for its commit; throws what it threw.
  virtual void unit(std::function<void(Desk const&)> const& body) = 0;
  /// Shows how far it is: the answer so far, edited in place. Paced by the platform.
  virtual void show(Message const& so_far) = 0;
  [[nodiscard]] virtual std::stop_token stopping() const = 0;
  /// What `/stop` calls it: "R3".
  [[nodiscard]] virtual std::string code() const = 0;
  /// Who said stop; empty: nobody.
  [[nodiscard]] virtual PersonId stopped_by() const = 0;
};

struct Tools;

struct Call {
  Caller caller;
  Room room;            ///< where it was typed
  bool direct = false;  ///< between this person and the bot alone
  Command const* command = nullptr;
  Arguments args;
  std::string typed;  ///< as typed, for the record
  Instant now{};
  Config const& config;
  Redactor const& redactor;  ///< what a program or a log says goes through it first
  CommandTable const& table;
  Vocabulary const* vocabulary = nullptr;
  Catalogue const* words = nullptr;
  Desk const* desk = nullptr;  ///< instant commands: their unit of work
  Work* work = nullptr;        ///< the others
  Tools* tools = nullptr;      ///< the others: what reaches outside
  bool confirmed = false;      ///< the guard has had its word: this is the run itself
  std::string approval{};      ///< its code, then
  bool glass_broken = false;   ///< nobody else approved it, or nothing is backed up: broken glass, then
  IncidentId incident{};       ///< the incident it belongs to, then
};

}  // namespace tocsin
