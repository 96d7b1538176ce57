#include "commands/progress.hpp"

#include "integrations/process/output.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kTailBytes = 400;

}  // namespace

ProgressReport::ProgressReport(Work& work, Notice on_stop, std::chrono::milliseconds tick)
    : work_(work), on_stop_(std::move(on_stop)), tick_(tick), thread_([this] { serve(); }) {}

ProgressReport::~ProgressReport() {
  {
    std::lock_guard const lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void ProgressReport::step(Notice what, StepNumber number) {
  std::unique_lock lock(mutex_);
  what_ = std::move(what);
  number_ = number;
  tail_.clear();
  shown_ago_ = silent_for_ = 0;
  news_ = false;
  auto const now = message();
  lock.unlock();
  work_.show(now);
}

void ProgressReport::output(std::string_view text) {
  if (text.empty()) return;
  std::lock_guard const lock(mutex_);
  tail_ += text;
  if (tail_.size() > kTailBytes) tail_ = std::string(process::utf8_suffix(tail_, kTailBytes));
  silent_for_ = 0;
  news_ = true;
}

void ProgressReport::serve() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, tick_, [this] { return ending_; })) {
    ++shown_ago_;
    ++silent_for_;
    bool const just_silent = silent_for_ == kSilence.count();
    // Silence that goes on is news as well, but not every ten seconds.
    bool const still_silent = silent_for_ > kSilence.count() && silent_for_ % kSilence.count() == 0;
    if (what_.key.empty() || shown_ago_ < kProgressEvery.count()) continue;
    if (!news_ && !just_silent && !still_silent) continue;
    news_ = false;
    shown_ago_ = 0;
    auto const now = message();
    lock.unlock();
    work_.show(now);
    lock.lock();
  }
}

Message ProgressReport::message() const {
  auto head = Notice("work.step").with("what", std::vector{what_}).with("n", number_.n).with("of", number_.of);
  if (silent_for_ >= kSilence.count()) head.with("silent", Millis{std::chrono::seconds{silent_for_}});
  if (!on_stop_.key.empty()) head.with("stop", std::vector{on_stop_});
  Message message(std::move(head));
  if (!tail_.empty()) message.blocks.emplace_back(Code{tail_, "", ""});
  return message;
}

}  // namespace tocsin
