// What stands between a request and its run: rights, a second person, a fresh backup, one remedy per target. Used by
// every command that changes or endangers the running system, on every platform.
#pragma once

#include <optional>
#include <string>

#include "commands/call.hpp"
#include "incidents/approval.hpp"

namespace tocsin {

/// Where a command was typed, as `Approval::place` has it.
[[nodiscard]] std::string place_of(Call const& call);

/// May this person use this row at all? A refusal names the missing role and who on the configuration has it.
[[nodiscard]] std::optional<Notice> missing_role(Call const& call);

/// What has to happen before a command may run.
struct Demand {
  Notice what;                ///< line 1 of the request: the act and its object
  std::vector<Notice> facts;  ///< what is touched, what is spared, what it costs
  std::string plan;           ///< what exactly would run, as people see it
  std::string bound;    ///< everything that decides what would run; with command and arguments it makes the digest
  IncidentId incident;  ///< the incident it belongs to, or none
  bool second_person = false;
  std::optional<Notice> unsaved;  ///< why data it can lose are not backed up: refused, unless the glass may break
};

/// The canonical text of the command: stored with the approval, typed again when it runs.
[[nodiscard]] std::string canonical(Call const& call, std::optional<IncidentId> incident);

/// Over the canonical command and its plan: changed parameters, targets or declaration make another digest.
[[nodiscard]] std::string digest_of(Call const& call, std::optional<IncidentId> incident, std::string const& bound);

/// Stores the request, pages whoever may approve it, and words it. What is not saved is refused; where an urgent
/// incident allows it, the refusal offers to break the glass. Inside a unit of work.
[[nodiscard]] Message request_consent(Desk const& desk, Call const& call, Demand const& demand);

/// The key of the page that asks for consent; its argument `code` says for which.
inline constexpr std::string_view kApprovalPage = "page.approval";
/// For whoever may decide, never for the one who asked.
[[nodiscard]] Buttons consent_buttons(std::string const& code);

/// The confirmation that whoever asked still owes, with its code.
[[nodiscard]] Message confirmation(Approval const& approval);

/// May this person's yes still count? Who lost the role since, or the configuration, approved nothing.
[[nodiscard]] bool may_approve(Config const& config, PersonId const& person);

/// People who may approve: operators and admins but the one who asks, at most kMaxApprovers, duty first.
[[nodiscard]] std::vector<PersonId> approvers(Desk const& desk, Config const& config, PersonId const& asked_by);
inline constexpr std::size_t kMaxApprovers = 5;

}  // namespace tocsin
