// The bare parts: the same rows through SQLite's C API and nothing else, as fast as this machine writes them. What the
// bot does is measured against this, in the same run.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace tocsin::bench {

struct CloseStatement {
  void operator()(sqlite3_stmt* statement) const;
};
using Statement = std::unique_ptr<sqlite3_stmt, CloseStatement>;

/// One connection with the store's settings on a file that has the store's schema. Throws when SQLite complains.
class Bare {
 public:
  explicit Bare(std::filesystem::path const& file);
  ~Bare();
  Bare(Bare const&) = delete;
  Bare& operator=(Bare const&) = delete;

  void begin();
  void commit();
  /// One message with its answer, as the inbox holds it.
  void keep(std::string const& id);
  [[nodiscard]] Statement prepare(std::string const& sql);
  void script(std::string const& sql);
  [[nodiscard]] std::vector<std::string> column_names(std::string const& table);

 private:
  sqlite3* database_ = nullptr;
  Statement begin_;
  Statement commit_;
  Statement keep_;
};

/// A migrated, empty database.
void make_store(std::filesystem::path const& file);

/// What `commands` commands wrote into `from`, read into memory and written again into an empty store, `batch`
/// commands in a transaction, each table's share in turn. Returns the seconds of the writing.
class Copy {
 public:
  explicit Copy(std::filesystem::path const& from);
  [[nodiscard]] double write(std::filesystem::path const& to, std::size_t commands, std::size_t batch) const;
  [[nodiscard]] std::size_t rows() const;

 private:
  struct Cell {
    int type = 0;
    std::int64_t number = 0;
    std::string text;
  };
  struct Table {
    std::string name;
    int columns = 0;
    std::vector<std::vector<Cell>> rows;
  };
  std::vector<Table> tables_;
};

}  // namespace tocsin::bench
