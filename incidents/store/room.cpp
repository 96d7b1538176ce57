#include "incidents/store/room.hpp"

#include <algorithm>

namespace tocsin::store {
namespace {

std::string joined(std::vector<PersonId> const& people) {
  std::string text;
  for (auto const& person : people) text += person.value + '\n';
  return text;
}

std::vector<PersonId> people_in(std::string_view text) {
  std::vector<PersonId> people;
  while (!text.empty()) {
    auto const end = text.find('\n');
    people.push_back({std::string(text.substr(0, end))});
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return people;
}

}  // namespace

void put_room_row(Database& database, RoomRow const& row, std::int64_t forget) {
  auto const audience = row.audience ? std::optional(joined(*row.audience)) : std::nullopt;
  database.run(
      "INSERT INTO room (key, id, first, at, edited_at, author, reply_to, audience, message, typed) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (key) DO UPDATE SET id = excluded.id, "
      "edited_at = excluded.edited_at, author = excluded.author, reply_to = excluded.reply_to, "
      "audience = excluded.audience, message = excluded.message, typed = excluded.typed",
      {row.key, row.id, row.first, value_of(row.at), value_of(row.edited_at), row.author.value, row.reply_to,
       audience ? Value(std::string_view(*audience)) : Value(nullptr), row.message, row.typed});
  if (forget > 0) database.run("DELETE FROM room WHERE id <= ?1", {forget});
}

std::vector<RoomRow> newest_room_rows(Database& database, std::size_t limit) {
  std::vector<RoomRow> rows;
  database.each(
      "SELECT id, first, key, at, edited_at, author, reply_to, audience, message, typed FROM room ORDER BY id DESC "
      "LIMIT ?1",
      {static_cast<std::int64_t>(limit)}, [&rows](Row const& row) {
        RoomRow each;
        each.id = row.integer(0);
        each.first = row.integer(1);
        each.key = row.string(2);
        each.at = row.instant(3);
        each.edited_at = row.maybe_instant(4);
        each.author = {row.string(5)};
        each.reply_to = row.string(6);
        if (!row.null(7)) each.audience = people_in(row.text(7));
        each.message = row.string(8);
        each.typed = row.string(9);
        rows.push_back(std::move(each));
      });
  std::reverse(rows.begin(), rows.end());
  return rows;
}

}  // namespace tocsin::store
