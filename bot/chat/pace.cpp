#include "bot/chat/pace.hpp"

#include <algorithm>
#include <cmath>

namespace tocsin::chat {
namespace {

constexpr double kKeptForUrgent = 0.2;  // of a budget's size
constexpr std::size_t kMostBuckets = 1'000;

Millis time_for(double amount, Budget const& budget) {
  return Millis{static_cast<std::int64_t>(std::ceil(amount / budget.per_second * 1000))};
}

}  // namespace

Pace::Bucket Pace::level(Budget const& budget, Moment now) const {
  auto const found = buckets_.find(budget.name);
  if (found == buckets_.end()) return {budget.size, now, now};
  auto bucket = found->second;
  auto const since = std::chrono::duration<double>(now - bucket.at).count();
  bucket.level = std::min(budget.size, bucket.level + std::max(0.0, since) * budget.per_second);
  bucket.at = now;
  return bucket;
}

Moment Pace::earliest(std::string const& method, Budgets const& budgets, Urgency urgency, Moment now) const {
  auto at = now;
  if (auto const found = waits_.find(method); found != waits_.end()) at = std::max(at, found->second);
  for (auto const& budget : budgets) {
    double const wanted = 1 + (urgency == Urgency::urgent ? 0 : std::floor(budget.size * kKeptForUrgent));
    auto const has = level(budget, now).level;
    if (has < wanted) at = std::max(at, now + time_for(wanted - has, budget));
  }
  return at;
}

void Pace::spend(Budgets const& budgets, Moment now) {
  for (auto const& budget : budgets) {
    auto bucket = level(budget, now);
    bucket.level -= 1;
    bucket.full_by = now + time_for(budget.size - bucket.level, budget);
    buckets_[budget.name] = bucket;
  }
  // What is full again is as if it had never been spent from: nothing is lost with it.
  if (buckets_.size() > kMostBuckets)
    std::erase_if(buckets_, [now](auto const& each) { return each.second.full_by <= now; });
}

void Pace::wait(std::string const& method, Moment until) {
  auto& kept = waits_[method];
  kept = std::max(kept, until);
}

}  // namespace tocsin::chat
