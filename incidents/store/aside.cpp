#include "incidents/store/aside.hpp"

#include <system_error>

#include "incidents/store/inspection.hpp"
#include "incidents/store/sqlite.hpp"

namespace tocsin::store {
namespace {

bool sound(std::filesystem::path const& file) {
  auto opened = open_sqlite(file, OpenMode::read_only);
  if (opened.has_error()) return opened.error().code == Errc::unavailable;  // out of reach is not damaged
  try {
    return !first_damage(**opened);
  } catch (StoreUnavailable const& error) {
    return error.why != StoreUnavailable::Why::corrupt;
  }
}

}  // namespace

Result<std::filesystem::path> set_aside(std::filesystem::path const& file, Instant now) {
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return Error{Errc::not_found, "no database at " + file.string()};
  if (sound(file)) return Error{Errc::refused, file.string() + " is not damaged: it stays"};
  auto const seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  std::filesystem::path const aside(file.string() + ".damaged-" + std::to_string(seconds));
  // The log first: a database without its log is older, a log without its database is nothing. The next database has a
  // chain and a key of its own, so what belongs to this one's goes along.
  for (auto const* end : {"-wal", "-shm", ".anchors", ".audit", ""}) {
    std::filesystem::path const from(file.string() + end);
    if (!std::filesystem::exists(from, error)) continue;
    std::filesystem::rename(from, aside.string() + end, error);
    if (error) return Error{Errc::unavailable, "can't rename " + from.string() + ": " + error.message()};
  }
  return aside;
}

}  // namespace tocsin::store
