#include "incidents/timeline.hpp"

#include <doctest/doctest.h>

#include <set>

#include "incidents/incident.hpp"

using namespace tocsin;

TEST_CASE("every kind of entry has a name of its own and is found by it") {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(EntryKind::health); ++i) {
    auto const kind = static_cast<EntryKind>(i);
    CHECK(names.insert(name_of(kind)).second);
    CHECK(entry_kind_of(name_of(kind)) == kind);
  }
  CHECK_FALSE(entry_kind_of(""));
  CHECK_FALSE(entry_kind_of("Opened"));
}

TEST_CASE("every status has a name and is found by it") {
  for (auto const status : {Status::open, Status::acknowledged, Status::mitigated, Status::resolved, Status::closed})
    CHECK(status_of(name_of(status)) == status);
  CHECK_FALSE(status_of("OPEN"));
}
