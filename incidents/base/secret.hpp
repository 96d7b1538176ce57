// A credential that can't be printed by accident.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace tocsin {

/// Owns a credential. It has no stream output, no JSON and no formatter: only the adapter that must send it calls
/// `reveal`. The bytes are overwritten when the value dies.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(Secret const&) = default;
  Secret(Secret&& other) noexcept : text_(std::move(other.text_)) { other.wipe(); }
  Secret& operator=(Secret const& other) {
    if (this != &other) {
      wipe();
      text_ = other.text_;
    }
    return *this;
  }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      wipe();
      text_ = std::move(other.text_);
      other.wipe();
    }
    return *this;
  }
  ~Secret() { wipe(); }

  [[nodiscard]] std::string_view reveal() const noexcept { return text_; }
  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }

 private:
  void wipe() noexcept {
    // Volatile: the stores must not be dropped as dead.
    auto volatile* bytes = const_cast<char volatile*>(text_.data());
    for (std::size_t i = 0; i < text_.size(); ++i) bytes[i] = '\0';
    text_.clear();
  }
  std::string text_;
};

/// Equality that takes the same time wherever the first difference stands; lengths are not secret.
[[nodiscard]] inline bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<unsigned>(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]));
  }
  return difference == 0;
}

}  // namespace tocsin
