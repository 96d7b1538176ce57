// What is kept of a command: its envelope, its row of the audit, and its answer as something to be said.
#pragma once

#include <string>
#include <utility>

#include "bot/dispatcher.hpp"
#include "commands/call.hpp"
#include "incidents/store/audit.hpp"

namespace tocsin {

[[nodiscard]] store::Envelope envelope_of(Inbound const& inbound, Caller const& caller, std::string line, Instant now);

[[nodiscard]] store::AuditRow audit_row(Call const& call, std::string outcome, std::string detail, Millis length,
                                        Instant now);

/// What the audit keeps of an answer, outcome and detail: the key of its first line says what it was.
[[nodiscard]] std::pair<std::string, std::string> outcome_of(Message const& answer);

/// Refused or done, as `outcome_of` says.
[[nodiscard]] Reply::State state_of(Message const& answer);

/// True: it tells the room where it was asked of a private incident. Where only whoever asked reads it, nothing can.
[[nodiscard]] bool is_too_much_for_the_room(Inbound const& inbound, Message const& answer, Database& database);

/// True: nothing of it must be lost to whoever asked, so it is stored. What has a file in it is said by whoever holds
/// the file, and what is for somebody alone whom nobody knows by whoever heard them.
/// Do the words that go to an incident's room come to where they were asked? On a chat platform only if the incident
/// lives there; the bot's own rooms show everything.
[[nodiscard]] bool is_told_in(Database& database, Config const& config, Room const& room, Message const& answer);
[[nodiscard]] bool is_to_be_posted(Inbound const& inbound, Caller const& caller, Message const& answer,
                                   bool confidential);

/// If it is to be posted: for everybody in the room, but what is refused or confidential for whoever asked alone.
void post_answer(Database& database, Instant now, Inbound const& inbound, Caller const& caller, Message const& answer,
                 bool confidential);

}  // namespace tocsin
