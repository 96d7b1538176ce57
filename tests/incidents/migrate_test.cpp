// The schema's steps: applied once, each as it is shipped, the file copied before.
#include "incidents/base/embedded.hpp"
#include "incidents/store/digest.hpp"
#include "incidents/store/segments.hpp"
#include "incidents/store/sqlite.hpp"
#include "tests/incidents/support.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

/// As a program left it that knew the first `count` migrations and no digests.
void make_old(std::filesystem::path const& file, std::size_t count) {
  auto opened = open_sqlite(file, OpenMode::read_write);
  REQUIRE(opened.has_value());
  auto& database = **opened;
  for (std::size_t i = 0; i < count; ++i) {
    auto const& each = embedded::migrations()[i];
    database.script(each.text);
    database.run("INSERT INTO migrations (version, name, length, applied_at) VALUES (?1, ?2, ?3, 0)",
                 {static_cast<std::int64_t>(i) + 1, each.name, static_cast<std::int64_t>(each.text.size())});
  }
  store::put_fact(database, "mine", "kept", kStart);
}

std::int64_t version_of(std::filesystem::path const& path) {
  auto database = open_sqlite(path, OpenMode::read_only);
  REQUIRE(database.has_value());
  return (*database)->number("SELECT max(version) FROM migrations").value_or(0);
}

std::string refusal_of(std::filesystem::path const& file) {
  auto const opened = open_for_bot(file, kStart);
  return opened.has_value() ? "" : opened.error().detail;
}

}  // namespace

TEST_CASE("an older database of any age is copied, then migrated; a copy that is there already hinders nobody") {
  auto const before = ".before-" + std::to_string(newest_schema());
  for (std::size_t age = 2; age < static_cast<std::size_t>(newest_schema()); ++age) {
    CAPTURE(age);
    TempDir dir;
    auto const file = dir.file("tocsin.db");
    for (auto const& copy : {before, before + "-2", before + "-3"}) {
      std::filesystem::remove(file);
      make_old(file, age);
      auto const database = open_store(file);
      CHECK(store::fact(*database, "mine") == "kept");
      CHECK(store::segments_of(*database).empty());
      CHECK(version_of(file) == newest_schema());
      REQUIRE(std::filesystem::exists(file.string() + copy));
      CHECK(version_of(file.string() + copy) == static_cast<std::int64_t>(age));
    }
  }
}

TEST_CASE("a new database needs no copy, and knows the digest of every step") {
  TempDir dir;
  auto const file = dir.file("tocsin.db");
  auto const database = open_store(file);
  CHECK_FALSE(std::filesystem::exists(file.string() + ".before-" + std::to_string(newest_schema())));
  std::vector<std::string> digests;
  database->each("SELECT digest FROM migrations ORDER BY version", {},
                 [&](Row const& row) { digests.push_back(row.string(0)); });
  std::vector<std::string> expected;
  for (auto const& each : embedded::migrations()) expected.push_back(sha256_hex(each.text));
  CHECK(digests == expected);
}

TEST_CASE("a step that is not the one shipped is refused by its number, whatever differs") {
  for (std::string const change :
       {"name = 'another.sql'", "length = length + 1", "digest = replace(digest, 'a', 'b')", "digest = NULL"}) {
    CAPTURE(change);
    TempDir dir;
    auto const file = dir.file("tocsin.db");
    open_store(file)->script("UPDATE migrations SET " + change + " WHERE version = 3");
    CHECK(refusal_of(file) == file.string() + ": migration 3 is not the one shipped");
  }
  TempDir dir;
  auto const old = dir.file("tocsin.db");
  make_old(old, 5);
  CHECK(refusal_of(old).empty());
  std::filesystem::remove(old);
  make_old(old, 5);
  open_sqlite(old, OpenMode::read_write).value()->script("UPDATE migrations SET length = 1 WHERE version = 4");
  CHECK(refusal_of(old) == old.string() + ": migration 4 is not the one shipped");
  CHECK(version_of(old) == 5);
}
