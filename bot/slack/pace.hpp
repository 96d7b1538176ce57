// How fast Slack may be asked: each method by its tier, each channel by a post a second. Pure.
#pragma once

#include <map>
#include <string>

#include "bot/slack/api.hpp"
#include "bot/slack/moment.hpp"
#include "incidents/base/time.hpp"

namespace tocsin::slack {

/// One thread.
class Pace {
 public:
  /// When the call may go: `now` or later. What is not urgent leaves a part of each budget.
  [[nodiscard]] Moment earliest(Call const& call, Moment now) const;
  /// It goes now.
  void spend(Call const& call, Moment now);
  /// Slack said when it may be asked again: by this method, nobody else.
  void wait(std::string const& method, Moment until);

 private:
  /// Fills evenly up to `size`.
  struct Bucket {
    double level = 0;
    Moment at{};
  };
  struct Measure {
    double size = 1;        ///< at once
    double per_second = 1;  ///< in the long run
  };
  using Buckets = std::map<std::string, Bucket, std::less<>>;

  [[nodiscard]] static Measure of_method(std::string_view method);
  [[nodiscard]] static Bucket level(Buckets const& buckets, std::string_view name, Measure measure, Moment now);
  [[nodiscard]] static Moment full_enough(Bucket const& bucket, Measure measure, double wanted);

  Buckets methods_;
  Buckets channels_;
  std::map<std::string, Moment, std::less<>> waits_;
};

}  // namespace tocsin::slack
