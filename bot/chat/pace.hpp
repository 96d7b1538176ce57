// How fast a chat platform may be asked: each call spends from some budgets. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "bot/chat/call.hpp"
#include "bot/chat/moment.hpp"
#include "incidents/base/time.hpp"

namespace tocsin::chat {

/// Fills evenly up to `size`. What is not urgent leaves a part of it.
struct Budget {
  std::string name;       ///< whoever names the same spends from the same
  double size = 1;        ///< at once
  double per_second = 1;  ///< in the long run
};
using Budgets = std::vector<Budget>;

/// One thread.
class Pace {
 public:
  /// When what spends from `budgets` may go: `now` or later. `method`: as `wait` names it.
  [[nodiscard]] Moment earliest(std::string const& method, Budgets const& budgets, Urgency urgency, Moment now) const;
  /// It goes now.
  void spend(Budgets const& budgets, Moment now);
  /// The platform said when it may be asked again: by this method, nobody else.
  void wait(std::string const& method, Moment until);

 private:
  struct Bucket {
    double level = 0;
    Moment full_by{};  ///< if nothing is spent
    Moment at{};
  };

  [[nodiscard]] Bucket level(Budget const& budget, Moment now) const;

  std::map<std::string, Bucket, std::less<>> buckets_;
  std::map<std::string, Moment, std::less<>> waits_;
};

}  // namespace tocsin::chat
