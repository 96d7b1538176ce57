// The words: message keys and typed arguments become text for one reader. See README.md for the syntax of the texts.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/locale.hpp"
#include "config/mistake.hpp"
#include "config/template.hpp"
#include "config/text.hpp"
#include "config/words.hpp"
#include "incidents/base/embedded.hpp"
#include "incidents/base/time.hpp"
#include "incidents/notice.hpp"

namespace tocsin {

/// Where the words are read. SMS, voice and subjects get no emoji.
enum class Medium : std::uint8_t { chat, plain, subject, sms, voice };

/// Who reads, and where. Cheap to make; the functions are called during `render` only.
struct Reader {
  Locale locale = Locale::zh_cn;
  std::string zone = "Asia/Shanghai";  ///< IANA name; an unknown one reads as UTC
  Instant now{};                       ///< decides what "today" is
  /// The name of a person as this reader knows it; empty, or no function: the id.
  std::function<std::string(PersonId const&)> names{};
  /// Makes names and foreign text harmless for the platform's markup; no function: as it is.
  std::function<std::string(std::string_view)> escape{};
  /// What stands for an instant whose words are `plain`, on a platform that shows each reader their own zone; no
  /// function: the words.
  std::function<std::string(Instant, std::string const& plain)> instants{};
  /// In front of a printed command, where commands must be addressed, such as "@tocsin "; shown as it is.
  std::string address{};
  Medium medium = Medium::chat;
  std::size_t foreign = kForeignCharacters;  ///< of a foreign text at most; a document takes more than a message
};

inline constexpr std::size_t kAskColumns = 60;   ///< of a message's first line: what a locked screen shows
inline constexpr std::size_t kLineColumns = 80;  ///< of every other line
inline constexpr std::size_t kLeastFitColumns = 12;

/// All texts in all languages. Immutable; may be used from any thread.
class Catalogue {
 public:
  /// `files` are named `<locale>/<anything>.yaml`. A key in two files, a text that does not parse, a key missing in one
  /// of the languages: mistakes.
  [[nodiscard]] static std::variant<Catalogue, std::vector<Mistake>> load(std::vector<embedded::File> const& files);
  /// The ones inside the binary, which the build has packed: there is nothing to parse.
  [[nodiscard]] static Catalogue shipped();

  /// All of one language, and the name of the file that carries it.
  [[nodiscard]] std::string packed(Locale locale) const;
  [[nodiscard]] static std::string packed_name(Locale locale);

  /// The words. Never throws for what the notice holds, never empty: an unknown key shows as itself with its arguments,
  /// an argument that is not there as "unknown". Arguments `drill`, `late` and `may_repeat` put their mark in front;
  /// `drill` and `speed` make all instants show their seconds.
  [[nodiscard]] std::string render(Notice const& notice, Reader const& reader) const;

  [[nodiscard]] bool has(std::string_view key) const noexcept;
  [[nodiscard]] std::vector<std::string> keys() const;
  /// The names of the arguments that the text of `key` uses in one language.
  [[nodiscard]] std::set<std::string> arguments(std::string_view key, Locale locale) const;
  /// How often a key was asked for that no catalogue has, since the start; a metric.
  [[nodiscard]] std::uint64_t unknown_keys() const noexcept { return unknown_->load(); }

 private:
  friend class Rendering;
  using Packed = std::array<std::string, kLocales.size()>;
  Catalogue(std::array<std::string_view, kLocales.size()> const& packed, std::shared_ptr<Packed const> owned);
  [[nodiscard]] std::optional<std::string_view> find(std::string_view key, Locale locale) const noexcept;

  std::shared_ptr<Packed const> owned_;  ///< null: the binary's
  /// As they were written, known to be templates: a microsecond at each rendering is worth less than a megabyte for
  /// good.
  std::array<Words, kLocales.size()> words_;
  std::shared_ptr<std::atomic<std::uint64_t>> unknown_ = std::make_shared<std::atomic<std::uint64_t>>(0);
};

}  // namespace tocsin
