// The languages the bot speaks, and words that the configuration gives in one or in each of them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tocsin {

enum class Locale : std::uint8_t { zh_cn, en };

inline constexpr std::array kLocales{Locale::zh_cn, Locale::en};

[[nodiscard]] constexpr std::string_view name_of(Locale locale) noexcept {
  return locale == Locale::zh_cn ? "zh-CN" : "en";
}

/// A name or a title: one for all languages (a plain scalar in the file), or one for each
/// (`{zh-CN: 后端, en: Backend}`).
struct Localized {
  std::array<std::string, kLocales.size()> texts;  ///< by Locale; both empty: not given

  Localized() = default;
  explicit Localized(std::string one) { texts.fill(std::move(one)); }
  Localized(std::string zh_cn, std::string en) : texts{std::move(zh_cn), std::move(en)} {}

  /// The text for a reader: theirs, else the other language's.
  [[nodiscard]] std::string const& in(Locale locale) const noexcept {
    auto const& wanted = texts[static_cast<std::size_t>(locale)];
    return wanted.empty() ? texts[1 - static_cast<std::size_t>(locale)] : wanted;
  }
  [[nodiscard]] bool empty() const noexcept { return texts[0].empty() && texts[1].empty(); }
  friend bool operator==(Localized const&, Localized const&) = default;
};

}  // namespace tocsin
