// The chain: whatever is done to its rows is found, and the first bad one is named.
#include "incidents/store/audit.hpp"

#include <sys/stat.h>

#include <fstream>

#include "incidents/store/anchors.hpp"
#include "incidents/store/segments.hpp"
#include "tests/incidents/support.hpp"

using namespace tocsin;
using namespace tocsin::test;
using Kind = store::AuditFinding::Kind;

namespace {

store::AuditRow row_of(int number, Instant at) {
  store::AuditRow row;
  row.at = at;
  row.person = kAlice;
  row.place = "terminal";
  row.what = "note text=\"第 " + std::to_string(number) + " 条\"";
  row.outcome = "done";
  row.length = Millis{number};
  return row;
}

/// A store whose chain has `count` rows, a minute apart.
struct Chain {
  explicit Chain(int count) { grow(count); }
  void grow(int count) {
    store.unit([count](Desk const& desk) {
      for (int i = 1; i <= count; ++i) store::append_audit(desk.database, row_of(i, desk.now + i * 1min));
    });
  }
  void tamper(std::string const& sql) {
    store.unit([&sql](Desk const& desk) { desk.database.script(sql); });
  }
  std::optional<std::pair<Kind, std::int64_t>> finding(std::vector<store::AuditHead> const& anchors = {},
                                                       std::filesystem::path const& segments = {}) {
    std::optional<std::pair<Kind, std::int64_t>> found;
    store.unit([&](Desk const& desk) {
      if (auto const bad = store::verify_audit(desk.database, anchors, segments))
        found = std::pair(bad->kind, bad->sequence);
    });
    return found;
  }
  store::AuditHead head() {
    store::AuditHead head;
    store.unit([&head](Desk const& desk) { head = store::audit_head(desk.database); });
    return head;
  }
  /// Seals the next `rows`; false: there are not as many that are old enough.
  bool seal(std::filesystem::path const& folder, Instant before, std::size_t rows) {
    std::vector<store::AuditRow> next;
    store.unit([&](Desk const& desk) { next = store::next_to_seal(desk.database, before, rows); });
    if (next.empty()) return false;
    auto const segment = store::write_segment(folder, next, before);
    REQUIRE(segment.has_value());
    store.unit([&segment](Desk const& desk) { store::seal(desk.database, *segment); });
    return true;
  }

  Store store;
};

using Found = std::optional<std::pair<Kind, std::int64_t>>;
Found found(Kind kind, std::int64_t sequence) { return std::pair(kind, sequence); }

void rewrite(std::filesystem::path const& file, std::string const& from, std::string const& to) {
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  auto const at = text.find(from);
  REQUIRE(at != text.npos);
  std::filesystem::remove(file);
  std::ofstream(file, std::ios::binary) << text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a whole chain is whole, and so is an empty one") {
  CHECK(Chain(0).finding() == std::nullopt);
  CHECK(Chain(1).finding() == std::nullopt);
  CHECK(Chain(40).finding() == std::nullopt);
}

TEST_CASE("every column of a row counts") {
  for (std::string const change : {"at = at + 1", "person = 'bob'", "place = 'web'", "what = 'x'",
                                   "outcome = 'refused'", "detail = 'x'", "length = 7777", "hash = 'x'"}) {
    CAPTURE(change);
    Chain chain(9);
    chain.tamper("UPDATE audit SET " + change + " WHERE sequence = 5");
    CHECK(chain.finding() == found(Kind::changed, 5));
  }
}

TEST_CASE("what is between two fields can't be moved from one to the other") {
  Chain chain(3);
  chain.tamper("UPDATE audit SET place = 'terminaln', what = substr(what, 2) WHERE sequence = 2");
  CHECK(chain.finding() == found(Kind::changed, 2));
}

TEST_CASE("removed, reordered, put in between, cut off") {
  Chain removed(9);
  removed.tamper("DELETE FROM audit WHERE sequence = 4");
  CHECK(removed.finding() == found(Kind::missing, 4));

  Chain first(9);
  first.tamper("DELETE FROM audit WHERE sequence = 1");
  CHECK(first.finding() == found(Kind::missing, 1));

  Chain closed_up(9);
  closed_up.tamper("DELETE FROM audit WHERE sequence = 4; UPDATE audit SET sequence = sequence - 1 WHERE sequence > 4");
  CHECK(closed_up.finding() == found(Kind::changed, 4));

  Chain reordered(9);
  reordered.tamper(
      "UPDATE audit SET sequence = 100 WHERE sequence = 6; UPDATE audit SET sequence = 6 WHERE sequence = 7; "
      "UPDATE audit SET sequence = 7 WHERE sequence = 100");
  CHECK(reordered.finding() == found(Kind::changed, 6));

  Chain cut(9);
  auto const head = cut.head();
  cut.tamper("DELETE FROM audit WHERE sequence > 6");
  CHECK(cut.finding() == std::nullopt);  // alone it can't know
  CHECK(cut.finding({head}) == found(Kind::cut_off, 7));

  Chain anew(9);
  CHECK(anew.finding({head}) == std::nullopt);  // the same rows at the same instants
  anew.tamper("DELETE FROM audit");
  anew.store.clock.move(1h);
  anew.grow(9);
  CHECK(anew.finding() == std::nullopt);
  CHECK(anew.finding({head}) == found(Kind::anchor_differs, 9));
}

TEST_CASE("an anchor is signed: no other line is one") {
  Secret const key("secret");
  store::AuditHead const head{12, std::string(64, 'a')};
  auto const line = store::sign_anchor(head, key);
  CHECK(store::read_anchor(line, key) == head);
  CHECK_FALSE(store::read_anchor(line, Secret("other")).has_value());
  for (std::size_t i = 0; i < line.size(); ++i) {
    auto changed = line;
    changed[i] = changed[i] == '7' ? '8' : '7';
    CHECK_FALSE(store::read_anchor(changed, key).has_value());
    CHECK_FALSE(store::read_anchor(line.substr(0, i), key).has_value());
  }
}

TEST_CASE("the file of anchors: durable, private, each once; what is not ours is named") {
  Store store;
  auto const file = store::anchors_file(store.dir.path() / "tocsin.db");
  Secret const key("secret");
  CHECK(store::read_anchors(file, key).heads.empty());
  auto const one = store::sign_anchor({1, "a"}, key);
  auto const two = store::sign_anchor({2, "b"}, key);
  for (auto const& line : {one, one, two}) REQUIRE(store::append_anchor(file, line).has_value());
  CHECK(store::read_anchors(file, key).heads == std::vector<store::AuditHead>{{1, "a"}, {2, "b"}});
  struct stat status {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  // Half a line is what a crash leaves; the next one takes its place.
  std::ofstream(file, std::ios::app) << "3 c";
  CHECK(store::read_anchors(file, key).foreign.empty());
  auto const four = store::sign_anchor({4, "d"}, key);
  REQUIRE(store::append_anchor(file, four).has_value());
  CHECK(store::read_anchors(file, key).heads.back() == store::AuditHead{4, "d"});
  rewrite(file, "2 b", "2 c");
  CHECK(store::read_anchors(file, key).foreign == std::vector<std::size_t>{2});
  CHECK(store::append_anchor(store.dir.path() / "nowhere" / "x", one).has_error());
}

TEST_CASE("an anchor is made when the chain went on, and mailed until somebody took it") {
  Chain chain(3);
  Secret const key("secret");
  chain.store.unit([&](Desk const& desk) {
    CHECK_FALSE(store::anchor_to_mail(desk.database).has_value());
    auto const line = store::make_anchor(desk.database, key, desk.now);
    REQUIRE(line.has_value());
    CHECK(store::read_anchor(*line, key) == store::audit_head(desk.database));
    CHECK_FALSE(store::make_anchor(desk.database, key, desk.now).has_value());
    CHECK(store::anchor_to_mail(desk.database) == line);
    store::anchor_mailed(desk.database, *line, desk.now);
    CHECK_FALSE(store::anchor_to_mail(desk.database).has_value());
    store::append_audit(desk.database, row_of(4, desk.now));
    CHECK(store::make_anchor(desk.database, key, desk.now).has_value());
  });
  Chain empty(0);
  empty.store.unit([&](Desk const& desk) { CHECK_FALSE(store::make_anchor(desk.database, key, desk.now)); });
}

TEST_CASE("old rows are sealed into files, and the chain goes on") {
  Chain chain(25);
  auto const folder = store::segments_folder(chain.store.dir.path() / "tocsin.db");
  auto const head = chain.head();
  auto const later = kStart + 1h;
  CHECK_FALSE(chain.seal(folder, kStart + 10min, 10));  // the tenth is not older
  CHECK(chain.seal(folder, later, 10));
  CHECK(chain.seal(folder, later, 10));
  CHECK_FALSE(chain.seal(folder, later, 10));  // five are not worth a file
  CHECK_FALSE(chain.seal(folder, later, 5));   // the newest stay
  CHECK(chain.store.count("audit", "1") == 5);
  CHECK(chain.head() == head);
  CHECK(chain.finding({head}, folder) == std::nullopt);
  CHECK(chain.finding({head}) == std::nullopt);  // without the files: from where they end
  chain.grow(3);
  CHECK(chain.head().sequence == 28);
  CHECK(chain.finding({head}, folder) == std::nullopt);
  auto const file = folder / "000000011-000000020.rows";
  struct stat status {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0400);
  CHECK(chain.finding({{7, "x"}}, folder) == found(Kind::anchor_differs, 7));

  SUBCASE("a row of a file is changed") {
    rewrite(file, "第 15 条", "第 16 条");
    CHECK(chain.finding({}, folder) == found(Kind::changed, 15));
  }
  SUBCASE("the end of a file is cut off, between two rows or within one") {
    std::ifstream in(file, std::ios::binary);
    std::string const text{std::istreambuf_iterator<char>(in), {}};
    auto const third = text.find("第 14 条");
    auto const end = text.rfind('\n', third) + 1;
    std::filesystem::resize_file(file, end);
    CHECK(chain.finding({}, folder) == found(Kind::missing, 14));
    std::filesystem::resize_file(file, end - 2);
    CHECK(chain.finding({}, folder) == found(Kind::changed, 11));
  }
  SUBCASE("a row of a file is removed") {
    std::ifstream in(file, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    auto const begin = text.rfind('\n', text.find("第 13 条")) + 1;
    text.erase(begin, text.find('\n', begin) + 1 - begin);
    std::filesystem::remove(file);
    std::ofstream(file, std::ios::binary) << text;
    CHECK(chain.finding({}, folder) == found(Kind::missing, 13));
  }
  SUBCASE("a file is no such file any more, or gone") {
    rewrite(file, ":", ";");
    CHECK(chain.finding({}, folder) == found(Kind::changed, 11));
    std::filesystem::remove(file);
    CHECK(chain.finding({}, folder) == found(Kind::missing, 11));
  }
  SUBCASE("a segment is forgotten") {
    chain.tamper("DELETE FROM audit_segments WHERE first = 1");
    CHECK(chain.finding({}, folder) == found(Kind::missing, 1));
  }
  SUBCASE("rows after it are changed") {
    chain.tamper("UPDATE audit SET detail = 'x' WHERE sequence = 21");
    CHECK(chain.finding({}, folder) == found(Kind::changed, 21));
    CHECK(chain.finding({}) == found(Kind::changed, 21));
  }
}

TEST_CASE("a crash between the file and the database seals the same rows again") {
  Chain chain(12);
  auto const folder = store::segments_folder(chain.store.dir.path() / "tocsin.db");
  std::vector<store::AuditRow> rows;
  chain.store.unit([&](Desk const& desk) { rows = store::next_to_seal(desk.database, kStart + 1h, 10); });
  REQUIRE(store::write_segment(folder, rows, kStart).has_value());
  CHECK(chain.seal(folder, kStart + 1h, 10));
  CHECK(chain.finding({}, folder) == std::nullopt);
}

TEST_CASE("whatever bytes a row holds, a file gives them back") {
  Store store;
  auto const folder = store::segments_folder(store.dir.path() / "tocsin.db");
  std::vector<store::AuditRow> rows;
  for (std::string const& text : {std::string("\n1:\n"), std::string(1, '\0'), std::string("\xFF\xFE")}) {
    auto row = row_of(1, kStart);
    row.detail = text;
    rows.push_back(row);
  }
  auto const segment = store::write_segment(folder, rows, kStart);
  REQUIRE(segment.has_value());
  CHECK(store::read_segment(folder, *segment).value() == rows);
}
