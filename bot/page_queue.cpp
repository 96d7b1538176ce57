#include "bot/page_queue.hpp"

#include <utility>

namespace tocsin {

bool PageQueue::push(PageJob job) {
  auto& count = job.urgent ? urgent_waiting_ : ordinary_waiting_;
  if (count >= kWaiting) return false;
  ++count;
  auto& channel = channels_[job.channel];
  (job.urgent ? channel.urgent : channel.ordinary).waiting.push_back(std::move(job));
  return true;
}

std::optional<PageJob> PageQueue::pop() {
  if (urgent_under_way_ + ordinary_under_way_ >= kAtOnce) return std::nullopt;
  auto const take = [](Kind& kind, std::size_t& under_way, std::size_t& waiting) {
    auto job = std::move(kind.waiting.front());
    kind.waiting.pop_front();
    ++kind.under_way;
    ++under_way;
    --waiting;
    return job;
  };
  // Of two channels in which something waits the one with less under way: it is the quicker one.
  Channel* best = nullptr;
  auto const busy = [](Channel const& each) { return each.urgent.under_way + each.ordinary.under_way; };
  for (auto& [name, channel] : channels_) {
    if (channel.urgent.waiting.empty() || busy(channel) >= kOfChannel) continue;
    if (best == nullptr || busy(channel) < busy(*best)) best = &channel;
  }
  if (best != nullptr) return take(best->urgent, urgent_under_way_, urgent_waiting_);
  if (ordinary_under_way_ >= kOrdinary) return std::nullopt;
  for (auto& [name, channel] : channels_) {
    bool const full = busy(channel) >= kOfChannel || channel.ordinary.under_way >= kOrdinaryThere;
    if (channel.ordinary.waiting.empty() || full) continue;
    if (best == nullptr || busy(channel) < busy(*best)) best = &channel;
  }
  if (best == nullptr) return std::nullopt;
  return take(best->ordinary, ordinary_under_way_, ordinary_waiting_);
}

void PageQueue::ended(PageJob const& job) {
  auto& channel = channels_[job.channel];
  --(job.urgent ? channel.urgent : channel.ordinary).under_way;
  --(job.urgent ? urgent_under_way_ : ordinary_under_way_);
}

}  // namespace tocsin
