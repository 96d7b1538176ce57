#include "incidents/store/inbox.hpp"

namespace tocsin::store {

bool keep_envelope(Database& database, Envelope& envelope) {
  auto const added = database.run(
      "INSERT INTO inbox (platform, id, person, at, state, text, room, answer) VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6, '') "
      "ON CONFLICT (platform, id) DO NOTHING",
      {envelope.platform, envelope.id, envelope.person.value, value_of(envelope.at), envelope.text, envelope.room});
  if (added == 1) return true;
  database.each("SELECT person, at, state, text, room, answer FROM inbox WHERE platform = ?1 AND id = ?2",
                {envelope.platform, envelope.id}, [&envelope](Row const& row) {
                  envelope.person = {row.string(0)};
                  envelope.at = row.instant(1);
                  envelope.state = static_cast<EnvelopeState>(row.integer(2));
                  envelope.text = row.string(3);
                  envelope.room = row.string(4);
                  envelope.answer = row.string(5);
                });
  return false;
}

std::optional<std::string> answer_to(Database& database, std::string_view platform, std::string_view id) {
  std::optional<std::string> answer;
  database.each("SELECT answer FROM inbox WHERE platform = ?1 AND id = ?2", {platform, id},
                [&answer](Row const& row) { answer = row.string(0); });
  return answer;
}

void put_answered(Database& database, Envelope const& envelope) {
  database.run(
      "INSERT INTO inbox (platform, id, person, at, state, text, room, answer) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
      {envelope.platform, envelope.id, envelope.person.value, value_of(envelope.at),
       static_cast<std::int64_t>(envelope.state), envelope.text, envelope.room, envelope.answer});
}

void start_envelope(Database& database, std::string_view platform, std::string_view id) {
  database.run("UPDATE inbox SET state = 1 WHERE platform = ?1 AND id = ?2", {platform, id});
}

void finish_envelope(Database& database, std::string_view platform, std::string_view id, EnvelopeState state,
                     std::string_view answer) {
  database.run("UPDATE inbox SET state = ?3, answer = ?4 WHERE platform = ?1 AND id = ?2",
               {platform, id, static_cast<std::int64_t>(state), answer});
}

std::vector<Envelope> unfinished_envelopes(Database& database) {
  std::vector<Envelope> envelopes;
  database.each("SELECT platform, id, person, at, text, room, state FROM inbox WHERE state < 2 ORDER BY at", {},
                [&envelopes](Row const& row) {
                  envelopes.push_back({row.string(0),
                                       row.string(1),
                                       {row.string(2)},
                                       row.instant(3),
                                       row.string(4),
                                       row.string(5),
                                       static_cast<EnvelopeState>(row.integer(6)),
                                       {}});
                });
  return envelopes;
}

std::int64_t forget_envelopes(Database& database, Instant before, std::size_t limit) {
  return database.run(
      "DELETE FROM inbox WHERE (platform, id) IN "
      "(SELECT platform, id FROM inbox WHERE at < ?1 AND state >= 2 ORDER BY at LIMIT ?2)",
      {value_of(before), static_cast<std::int64_t>(limit)});
}

void put_outbox(Database& database, OutboxRow const& row) {
  database.run(
      "INSERT INTO outbox (created, incident, platform, conversation, thread, person, what, due, tries, sending) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, 0)",
      {value_of(row.created), row.incident.value, row.room.platform, row.room.conversation, row.room.thread,
       row.person.value, encode(row.what), value_of(row.due)});
}

void put_outbox_once(Database& database, OutboxRow const& row) {
  std::optional<std::int64_t> id;
  bool lent = false;
  database.each(
      "SELECT id, tries FROM outbox WHERE incident = ?1 AND what = ?2 AND platform = ?3 AND conversation = ?4 "
      "ORDER BY tries LIMIT 1",
      {row.incident.value, encode(row.what), row.room.platform, row.room.conversation}, [&](Row const& waiting) {
        id = waiting.integer(0);
        lent = waiting.integer(1) > 0;
      });
  if (!id) return put_outbox(database, row);
  // Another try: whoever has it now has it by a lending that is not the last any more.
  if (lent) delay_outbox(database, {*id}, row.due);
}

std::vector<OutboxRow> due_outbox(Database& database, Instant now, std::size_t limit) {
  std::vector<OutboxRow> rows;
  database.each(
      "SELECT id, created, incident, platform, conversation, thread, person, what, due, tries FROM outbox "
      "WHERE due <= ?1 ORDER BY due, id LIMIT ?2",
      {value_of(now), static_cast<std::int64_t>(limit)}, [&rows](Row const& row) {
        auto what = decode_notice(row.text(7));
        rows.push_back({{row.integer(0)},
                        row.instant(1),
                        {row.integer(2)},
                        {row.string(3), row.string(4), row.string(5)},
                        {row.string(6)},
                        what ? std::move(*what) : Notice("outbox.damaged"),
                        row.instant(8),
                        static_cast<std::int32_t>(row.integer(9))});
      });
  return rows;
}

std::optional<Instant> earliest_outbox_due(Database& database) {
  auto const at = database.number("SELECT min(due) FROM outbox");
  if (!at) return std::nullopt;
  return from_millis(*at);
}

void drop_outbox(Database& database, OutboxId id) { database.run("DELETE FROM outbox WHERE id = ?1", {id.value}); }

void return_outbox(Database& database, Instant now) {
  database.run("UPDATE outbox SET due = ?1 WHERE tries > 0 AND due > ?1", {value_of(now)});
}

void delay_outbox(Database& database, OutboxId id, Instant due) {
  database.run("UPDATE outbox SET due = ?2, tries = tries + 1 WHERE id = ?1", {id.value, value_of(due)});
}

std::int32_t lend_outbox(Database& database, OutboxId id, Instant due) {
  delay_outbox(database, id, due);
  auto const tries = database.number("SELECT tries FROM outbox WHERE id = ?1", {id.value});
  return static_cast<std::int32_t>(tries.value_or(0));
}

void settle_outbox(Database& database, OutboxId id, std::int32_t lending) {
  database.run("DELETE FROM outbox WHERE id = ?1 AND tries = ?2", {id.value, std::int64_t{lending}});
}

void put_fact(Database& database, std::string_view name, std::string_view value, Instant now) {
  database.run(
      "INSERT INTO facts (name, value, at) VALUES (?1, ?2, ?3) "
      "ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = excluded.at",
      {name, value, value_of(now)});
}

std::vector<std::pair<std::string, std::string>> facts_of(Database& database, std::string_view beginning) {
  std::vector<std::pair<std::string, std::string>> found;
  database.each("SELECT name, value FROM facts WHERE substr(name, 1, length(?1)) = ?1 ORDER BY name", {beginning},
                [&found](Row const& row) { found.emplace_back(row.string(0), row.string(1)); });
  return found;
}

std::optional<std::string> fact(Database& database, std::string_view name) {
  std::optional<std::string> value;
  database.each("SELECT value FROM facts WHERE name = ?1", {name}, [&value](Row const& row) { value = row.string(0); });
  return value;
}

}  // namespace tocsin::store
