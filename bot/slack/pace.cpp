#include "bot/slack/pace.hpp"

#include <algorithm>
#include <cmath>

namespace tocsin::slack {
namespace {

constexpr double kSecondsPerMinute = 60;
/// "Short bursts are tolerated."
constexpr double kChannelBurst = 4;
constexpr double kMethodBurst = 0.5;    // of a minute's worth
constexpr double kKeptForUrgent = 0.2;  // of the burst
constexpr std::size_t kRememberedChannels = 1'000;

}  // namespace

Pace::Measure Pace::of_method(std::string_view method) {
  auto const per_minute = static_cast<double>(method_of(method).per_minute);
  // Below what is allowed over any minute that begins with a full bucket.
  auto const burst = std::max(1.0, std::floor(per_minute * kMethodBurst));
  return {burst, std::max(1.0, per_minute - burst) / kSecondsPerMinute};
}

Pace::Bucket Pace::level(Buckets const& buckets, std::string_view name, Measure measure, Moment now) {
  auto const found = buckets.find(name);
  if (found == buckets.end()) return {measure.size, now};
  auto const since = std::chrono::duration<double>(now - found->second.at).count();
  return {std::min(measure.size, found->second.level + std::max(0.0, since) * measure.per_second), now};
}

Moment Pace::full_enough(Bucket const& bucket, Measure measure, double wanted) {
  if (bucket.level >= wanted) return bucket.at;
  auto const seconds = (wanted - bucket.level) / measure.per_second;
  return bucket.at + Millis{static_cast<std::int64_t>(std::ceil(seconds * 1000))};
}

Moment Pace::earliest(Call const& call, Moment now) const {
  auto at = now;
  if (auto const found = waits_.find(call.method); found != waits_.end()) at = std::max(at, found->second);
  auto const fits = [&](Buckets const& buckets, std::string const& name, Measure measure) {
    double const kept = call.urgency == Urgency::urgent ? 0 : std::floor(measure.size * kKeptForUrgent);
    at = std::max(at, full_enough(level(buckets, name, measure, now), measure, 1 + kept));
  };
  fits(methods_, call.method, of_method(call.method));
  if (!call.channel.empty()) fits(channels_, call.channel, {kChannelBurst, 1});
  return at;
}

void Pace::spend(Call const& call, Moment now) {
  auto const take = [now](Buckets& buckets, std::string const& name, Measure measure) {
    auto bucket = level(buckets, name, measure, now);
    bucket.level -= 1;
    buckets[name] = bucket;
  };
  take(methods_, call.method, of_method(call.method));
  if (call.channel.empty()) return;
  take(channels_, call.channel, {kChannelBurst, 1});
  // A channel that was left alone so long is full again: nothing is lost with it.
  if (channels_.size() > kRememberedChannels) {
    std::erase_if(channels_, [now](auto const& each) { return now - each.second.at > std::chrono::minutes{1}; });
  }
}

void Pace::wait(std::string const& method, Moment until) {
  auto& kept = waits_[method];
  kept = std::max(kept, until);
}

}  // namespace tocsin::slack
