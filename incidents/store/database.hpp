// The port to a relational database: what the store's SQL needs and no more. The SQL is portable (numbered parameters,
// ON CONFLICT, RETURNING), so that another engine can stand behind it.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>

#include "incidents/base/time.hpp"

namespace tocsin {

/// The database can't do its work: the caller's unit of work did not happen. Never thrown for a mistake in our SQL.
class StoreUnavailable : public std::runtime_error {
 public:
  enum class Why : std::uint8_t { full, read_only, corrupt, busy, io } why;
  StoreUnavailable(Why reason, std::string const& what) : std::runtime_error(what), why(reason) {}
};

/// What a parameter may be; text must stay alive during the call only.
using Value = std::variant<std::nullptr_t, std::int64_t, std::string_view>;

/// One row of an answer, valid inside the callback only.
class Row {
 public:
  virtual ~Row() = default;
  [[nodiscard]] virtual bool null(int column) const = 0;
  [[nodiscard]] virtual std::int64_t integer(int column) const = 0;
  [[nodiscard]] virtual std::string_view text(int column) const = 0;

  [[nodiscard]] Instant instant(int column) const { return from_millis(integer(column)); }
  [[nodiscard]] std::optional<Instant> maybe_instant(int column) const {
    if (null(column)) return std::nullopt;
    return instant(column);
  }
  [[nodiscard]] std::string string(int column) const { return std::string(text(column)); }
};

using OnRow = std::function<void(Row const&)>;

/// What every text goes through before it is kept: secrets are taken out of it. Nothing: it may be kept as it is.
/// Applying it twice is applying it once.
using TextFilter = std::function<std::optional<std::string>(std::string_view)>;

/// One connection. Used by one thread at a time.
class Database {
 public:
  virtual ~Database() = default;
  /// Runs one statement; `?1`… are the parameters. Returns the rows changed.
  virtual std::int64_t run(std::string_view sql, std::initializer_list<Value> parameters) = 0;
  /// Runs one statement and hands over each row of its answer. Not reentrant for the same text of SQL.
  virtual void each(std::string_view sql, std::initializer_list<Value> parameters, OnRow const& on_row) = 0;
  /// Several statements without parameters or answers.
  virtual void script(std::string_view sql) = 0;
  /// `text` as it would be kept: what is hashed must be what is stored.
  [[nodiscard]] virtual std::string kept(std::string_view text) const { return std::string(text); }
  /// True while a transaction is open; an engine may roll back by itself when it can't write.
  [[nodiscard]] virtual bool in_transaction() const = 0;

  /// The first integer of the first row.
  [[nodiscard]] std::optional<std::int64_t> number(std::string_view sql, std::initializer_list<Value> parameters = {}) {
    std::optional<std::int64_t> result;
    each(sql, parameters, [&result](Row const& row) {
      if (!result && !row.null(0)) result = row.integer(0);
    });
    return result;
  }
};

/// For whoever gives up: the unit of work failed either way, and an engine that can't even roll back drops the
/// transaction with the connection.
inline void roll_back(Database& database) {
  try {
    if (database.in_transaction()) database.script("ROLLBACK");
  } catch (StoreUnavailable const&) {
    // It has failed already.
  }
}

[[nodiscard]] inline Value value_of(std::optional<Instant> at) {
  if (!at) return nullptr;
  return to_millis(*at);
}
[[nodiscard]] inline Value value_of(Instant at) { return to_millis(at); }

}  // namespace tocsin
