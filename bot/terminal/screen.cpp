#include "bot/terminal/screen.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>

#include "bot/terminal/rows.hpp"
#include "config/text.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kMaxLiveLines = 6;  // of all that is in progress, together
constexpr std::size_t kMaxWaitingBytes = 4 * 1024 * 1024;
constexpr std::size_t kDefaultColumns = 80;
constexpr std::size_t kPieceBytes = 512;  // so that an end is noticed between two pieces
constexpr int kPatienceMs = 50;
constexpr std::string_view kCut = "…\n";  // a terminal that took nothing for a long time missed something

}  // namespace

Screen::Screen(std::string prompt, bool moves)
    : moves_(moves),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      sink_(::open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)),
      prompt_(prompt),
      drawn_prompt_(prompt),
      next_prompt_(std::move(prompt)) {}

Screen::~Screen() {
  ::close(wake_);
  if (sink_ >= 0) ::close(sink_);
}

void Screen::print(std::string text) {
  if (text.empty()) return;
  {
    std::lock_guard const lock(mutex_);
    waiting_bytes_ += text.size();
    waiting_.push_back(std::move(text));
    while (waiting_bytes_ > kMaxWaitingBytes && waiting_.size() > 1) {
      waiting_bytes_ -= waiting_.front().size();
      waiting_.pop_front();
      cut_ = true;
    }
  }
  wake();
}

void Screen::live(std::string const& key, std::string text) {
  {
    std::lock_guard const lock(mutex_);
    auto const old = std::find_if(live_.begin(), live_.end(), [&](auto const& each) { return each.first == key; });
    if (text.empty()) {
      if (old == live_.end()) return;
      live_.erase(old);
    } else if (old == live_.end()) {
      live_.emplace_back(key, std::move(text));
    } else {
      old->second = std::move(text);
    }
    changed_ = true;
  }
  wake();
}

void Screen::prompt(std::string text) {
  {
    std::lock_guard const lock(mutex_);
    prompt_ = std::move(text);
    changed_ = true;
  }
  wake();
}

void Screen::wake() const {
  std::uint64_t const one = 1;
  if (::write(wake_, &one, sizeof one) < 0) return;  // full: it is awake already
}

void Screen::calm() const {
  std::uint64_t count = 0;
  if (::read(wake_, &count, sizeof count) < 0) return;  // nothing was left to read
}

bool Screen::take() {
  std::lock_guard const lock(mutex_);
  if (std::exchange(cut_, false)) pending_ += kCut;
  for (auto const& text : waiting_) {
    pending_ += text;
    if (!pending_.ends_with('\n')) pending_ += '\n';
  }
  waiting_.clear();
  waiting_bytes_ = 0;
  next_prompt_ = prompt_;
  return std::exchange(changed_, false) || !pending_.empty();
}

void Screen::draw_above(std::wstring_view before, std::string_view more) {
  auto out = erased(before);
  out += std::exchange(pending_, {});
  out += more;
  if (moves_) out += live_lines();
  drawn_prompt_ = next_prompt_;
  write_all(out);
}

void Screen::entered(std::wstring_view line, std::string_view text) {
  if (live_rows_ == 0) return;
  ++live_rows_;  // the row of the cursor itself
  auto out = erased(line) + drawn_prompt_;
  out += text;
  out += '\n';
  write_all(out + live_lines());
}

void Screen::finish(std::wstring_view before) {
  auto const out = erased(before) + std::exchange(pending_, {});
  write_all(out);
}

/// To the first column of the first row that is ours, with nothing left from there on.
std::string Screen::erased(std::wstring_view before) {
  if (!moves_) return "\n";
  auto const up = rows_below_first(columns(drawn_prompt_), before, width()) + std::exchange(live_rows_, 0);
  return "\r" + (up > 0 ? "\033[" + std::to_string(up) + "A" : std::string()) + "\033[J";
}

/// One row each: they are counted to be taken away again.
std::string Screen::live_lines() {
  std::lock_guard const lock(mutex_);
  std::string out;
  for (auto const& [key, text] : live_) {
    std::string_view rest(text);
    while (!rest.empty() && live_rows_ < kMaxLiveLines) {
      auto const end = std::min(rest.find('\n'), rest.size());
      out += cut_columns(rest.substr(0, end), width() - 1) + "\n";
      ++live_rows_;
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return out;
}

void Screen::write_all(std::string_view out) {
  std::fflush(stdout);  // libedit's own
  int const sink = sink_ >= 0 ? sink_ : STDOUT_FILENO;
  while (!out.empty() && !let_go_) {
    auto const written = ::write(sink, out.data(), std::min(out.size(), kPieceBytes));
    if (written > 0) {
      out.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd room{sink, POLLOUT, 0};
      if (::poll(&room, 1, kPatienceMs) < 0 && errno != EINTR) return;
    } else if (errno != EINTR) {
      return;  // nobody reads any more
    }
  }
}

std::size_t Screen::width() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kDefaultColumns;
  return size.ws_col;
}

}  // namespace tocsin
