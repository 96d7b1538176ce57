// The database as a whole: sound or damaged, how large, of which schema.
#include "incidents/store/inspection.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "incidents/store/inbox.hpp"
#include "incidents/store/sqlite.hpp"
#include "tests/incidents/support.hpp"

using namespace tocsin;

TEST_CASE("a sound database, seen through a read-only connection") {
  test::TempDir const folder;
  auto const file = folder.file("tocsin.db");
  auto const writing = test::open_store(file);
  auto const reading = open_sqlite(file, OpenMode::read_only);
  REQUIRE(reading.has_value());
  CHECK(store::schema_version(**reading) == newest_schema());
  CHECK_FALSE(store::first_damage(**reading).has_value());
  auto const before = store::size_of(**reading);
  CHECK(before.bytes > 0);
  store::put_fact(*writing, "large", std::string(200'000, 'x'), from_millis(2));
  CHECK(store::size_of(**reading).bytes >= before.bytes + 190'000);
  writing->run("DELETE FROM facts", {});
  CHECK(store::size_of(**reading).free_bytes >= 190'000);
}

TEST_CASE("an empty database has no schema") {
  test::TempDir const folder;
  auto const database = open_sqlite(folder.file("tocsin.db"), OpenMode::read_write);
  REQUIRE(database.has_value());
  CHECK(store::schema_version(**database) == 0);
}

TEST_CASE("damage is found and told in the engine's words") {
  test::TempDir const folder;
  auto const file = folder.file("tocsin.db");
  {
    auto const writing = test::open_store(file);
    for (int i = 0; i < 200; ++i)
      store::put_fact(*writing, "fact " + std::to_string(i), std::string(500, 'x'), from_millis(2));
    writing->script("PRAGMA wal_checkpoint(TRUNCATE)");
  }
  {
    // The last pages, which hold the facts.
    std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(static_cast<std::streamoff>(std::filesystem::file_size(file)) - 16'384);
    bytes << std::string(16'384, 'Z');
  }
  auto const reading = open_sqlite(file, OpenMode::read_only);
  REQUIRE(reading.has_value());
  auto const damage = store::first_damage(**reading);
  REQUIRE(damage.has_value());
  CHECK_FALSE(damage->empty());
}
