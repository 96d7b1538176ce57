#include "incidents/base/pattern_set.hpp"

#include <algorithm>
#include <deque>

namespace tocsin {
namespace {

unsigned char folded(char c) {
  return static_cast<unsigned char>(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
}

}  // namespace

void PatternSet::add(std::string_view text, std::uint32_t number) {
  if (text.empty()) return;
  Pattern pattern{{}, number};
  for (char const c : text) pattern.text += static_cast<char>(folded(c));
  patterns_.push_back(std::move(pattern));
}

void PatternSet::grow(Pattern const& pattern) {
  std::uint32_t state = 0;
  for (std::size_t i = 0; i < pattern.text.size(); ++i) {
    auto const index = state * width_ + class_at(pattern, i);
    if (moves_[index] == 0) {
      moves_[index] = static_cast<std::uint32_t>(outputs_.size());
      outputs_.emplace_back();
      moves_.resize(moves_.size() + width_, 0);
    }
    state = moves_[index];
  }
  outputs_[state].ends.push_back({pattern.number, static_cast<std::uint32_t>(pattern.text.size())});
}

void PatternSet::finish() {
  class_of_.fill(0);
  width_ = 1;
  for (auto const& pattern : patterns_) {
    for (char const c : pattern.text) {
      auto& known = class_of_[static_cast<unsigned char>(c)];
      // No pattern holds all 256 bytes: capital letters are folded away, so 230 classes are the most.
      if (known == 0) known = static_cast<std::uint8_t>(width_++);
    }
  }
  for (unsigned c = 'A'; c <= 'Z'; ++c) class_of_[c] = class_of_[c - 'A' + 'a'];
  beginnings_.assign(width_ * width_, 0);
  for (auto const& pattern : patterns_) {
    auto const row = beginnings_.begin() + static_cast<std::ptrdiff_t>(class_at(pattern, 0) * width_);
    if (pattern.text.size() == 1) {
      std::fill_n(row, width_, std::uint8_t{1});
    } else {
      row[static_cast<std::ptrdiff_t>(class_at(pattern, 1))] = 1;
    }
  }
  moves_.assign(width_, 0);
  outputs_.assign(1, {});
  for (auto const& pattern : patterns_) grow(pattern);

  // Breadth first, so that the shorter state a move falls back to is complete before it is copied from.
  std::vector<std::uint32_t> fallback(outputs_.size(), 0);
  std::deque<std::uint32_t> waiting;
  for (std::size_t c = 0; c < width_; ++c) {
    if (moves_[c] != 0) waiting.push_back(moves_[c]);
  }
  while (!waiting.empty()) {
    auto const state = waiting.front();
    waiting.pop_front();
    auto const shorter = fallback[state];
    outputs_[state].next = outputs_[shorter].ends.empty() ? outputs_[shorter].next : shorter;
    for (std::size_t c = 0; c < width_; ++c) {
      auto& move = moves_[state * width_ + c];
      auto const instead = moves_[shorter * width_ + c];
      if (move == 0) {
        move = instead;
      } else {
        fallback[move] = instead;
        waiting.push_back(move);
      }
    }
  }
  patterns_.clear();
}

}  // namespace tocsin
