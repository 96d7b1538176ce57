// Says on every channel there is that the store can't be written, and that it is well again: in the room, on /readyz,
// in the log, and as a page to the duty and the admins. What the store then does is its own affair (Lifeboat).
#pragma once

#include <filesystem>
#include <functional>
#include <mutex>
#include <string>

#include "bot/alarm.hpp"
#include "bot/setup.hpp"
#include "incidents/store/lifeboat.hpp"
#include "incidents/store/writer.hpp"

namespace boost::asio {
class io_context;
}

namespace tocsin {

class StoreWatch {
 public:
  /// The references are used when something happens, not before: their owners may be made later.
  struct Parts {
    Alarm& alarm;
    std::filesystem::path storage;
  };
  explicit StoreWatch(Parts parts) : parts_(std::move(parts)) {}

  /// Everything it refers to is there: what was told so far is said now, if it is worth a word.
  void start();
  /// From any thread; does not wait. Pages are ordered through the lane: afloat it works, too.
  void changed(StoreHealth const& health);
  /// A unit of work failed all the same; empty: units work again.
  void failed(std::string const& detail);
  /// For /readyz and `tocsin doctor`; empty: all is well.
  [[nodiscard]] std::string trouble() const;

 private:
  void announce(StoreHealth const& health);

  Parts parts_;
  mutable std::mutex mutex_;
  bool started_ = false;
  StoreHealth health_;  // told before the start
  std::string afloat_;
  std::string failed_;
};

/// How full the file system of a folder is, and where it is mounted. Asks the system; unknown is nothing.
struct Fullness {
  std::string mount_point;
  int percent = 0;
};
[[nodiscard]] std::optional<Fullness> fullness_of(std::filesystem::path const& folder);

/// What is said of it. Pure.
[[nodiscard]] Notice said_of(StoreHealth const& health, std::optional<Fullness> const& fullness,
                             std::filesystem::path const& storage);

}  // namespace tocsin
