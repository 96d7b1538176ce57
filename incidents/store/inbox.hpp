// What came in, with what was answered; and what must still be said.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "incidents/incident.hpp"
#include "incidents/store/database.hpp"

namespace tocsin::store {

enum class EnvelopeState : std::uint8_t { kept, running, done, interrupted };

/// One inbound message, by the platform's own identity for it.
struct Envelope {
  std::string platform;
  std::string id;  ///< what makes a repeat a repeat
  PersonId person;
  Instant at{};
  std::string text;
  std::string room;  ///< as the platform wrote it; opaque here
  EnvelopeState state = EnvelopeState::kept;
  std::string answer;  ///< the encoded answer, once there is one
};

/// True: it is new and now kept. False: it came before (`envelope` then holds what is stored).
[[nodiscard]] bool keep_envelope(Database& database, Envelope& envelope);
/// What was answered to a message that came before, empty while it is still running; nothing: it is new.
[[nodiscard]] std::optional<std::string> answer_to(Database& database, std::string_view platform, std::string_view id);
/// Keeps a new message together with its answer: for what is kept, run and answered in one unit of work.
void put_answered(Database& database, Envelope const& envelope);
void start_envelope(Database& database, std::string_view platform, std::string_view id);
void finish_envelope(Database& database, std::string_view platform, std::string_view id, EnvelopeState state,
                     std::string_view answer);
[[nodiscard]] std::vector<Envelope> unfinished_envelopes(Database& database);
/// Removes what is done and older than `before`; at most `limit` rows, so that a commit stays short.
std::int64_t forget_envelopes(Database& database, Instant before, std::size_t limit);

struct OutboxRow {
  OutboxId id;
  Instant created{};
  IncidentId incident;
  Room room;        ///< where, unless `person` is set
  PersonId person;  ///< whom, on whatever reaches them
  Notice what;
  Instant due{};
  std::int32_t tries = 0;
};

void put_outbox(Database& database, OutboxRow const& row);
/// If the same notice for the same incident and room is waiting already, that is enough; one that is lent, for what may
/// have changed since, becomes due anew.
void put_outbox_once(Database& database, OutboxRow const& row);
[[nodiscard]] std::vector<OutboxRow> due_outbox(Database& database, Instant now, std::size_t limit);
[[nodiscard]] std::optional<Instant> earliest_outbox_due(Database& database);
/// What was lent or put off by a process that is gone is due now.
void return_outbox(Database& database, Instant now);
void drop_outbox(Database& database, OutboxId id);
/// Not due before `due`; counts a try.
void delay_outbox(Database& database, OutboxId id, Instant due);
/// Lends it to a sender until `due`, so that nobody else takes it meanwhile. Which lending it is.
[[nodiscard]] std::int32_t lend_outbox(Database& database, OutboxId id, Instant due);
/// Whoever had it by that lending has said it. It is over, unless it was asked for or lent anew since.
void settle_outbox(Database& database, OutboxId id, std::int32_t lending);

/// Small facts with a name.
void put_fact(Database& database, std::string_view name, std::string_view value, Instant now);
/// All whose name begins so, by name.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> facts_of(Database& database, std::string_view beginning);
[[nodiscard]] std::optional<std::string> fact(Database& database, std::string_view name);

}  // namespace tocsin::store
