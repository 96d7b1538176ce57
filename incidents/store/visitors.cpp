#include "incidents/store/visitors.hpp"

#include "incidents/store/digest.hpp"

namespace tocsin::store {

std::string new_token(Chance& chance) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string token;
  for (int half = 0; half < 2; ++half) {
    auto bits = chance.bits();
    for (int i = 0; i < 16; ++i, bits >>= 4) token += kDigits[bits & 15];
  }
  return token;
}

void keep_link(Database& database, std::string const& token, PersonId const& person, Instant now) {
  // Whoever follows an old link is told when it ended.
  database.run("DELETE FROM web_tokens WHERE expires <= ?1", {value_of(now - kRemembered)});
  database.run("INSERT INTO web_tokens (hash, kind, person, expires) VALUES (?1, 'login', ?2, ?3)",
               {sha256_hex(token), person.value, value_of(now + kLinkLife)});
}

std::optional<Link> peek_link(Database& database, std::string const& token) {
  std::optional<Link> link;
  database.each("SELECT person, expires FROM web_tokens WHERE hash = ?1 AND kind = 'login'", {sha256_hex(token)},
                [&link](Row const& row) {
                  link = Link{{row.string(0)}, row.instant(1)};
                });
  return link;
}

std::optional<PersonId> redeem_link(Database& database, std::string const& token, std::string const& session,
                                    Instant now) {
  auto const link = peek_link(database, token);
  if (!link || link->until <= now) return std::nullopt;
  database.run("DELETE FROM web_tokens WHERE hash = ?1", {sha256_hex(token)});
  database.run("INSERT INTO web_tokens (hash, kind, person, expires) VALUES (?1, 'session', ?2, ?3)",
               {sha256_hex(session), link->person.value, value_of(now + kSessionLife)});
  return link->person;
}

std::optional<PersonId> person_of_session(Database& database, std::string const& session, Instant now) {
  std::optional<PersonId> person;
  database.each("SELECT person FROM web_tokens WHERE hash = ?1 AND kind = 'session' AND expires > ?2",
                {sha256_hex(session), value_of(now)}, [&person](Row const& row) { person = PersonId{row.string(0)}; });
  return person;
}

}  // namespace tocsin::store
