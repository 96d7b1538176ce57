// What a credential looks like to somebody who does not know it: an address with a password, a header, a value with a
// telling name, a token of a known make. Pure functions on one line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace tocsin {

/// Bytes [begin, end) of a line.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
  friend bool operator==(Span const&, Span const&) = default;
};

/// The word that makes a line suspicious; what stands around it decides.
enum class Telltale : std::uint8_t {
  address,      ///< "://"
  header,       ///< "authorization"
  cookie,       ///< "cookie"
  scheme,       ///< "bearer ", "basic "
  name,         ///< "password", "api_key", …
  token,        ///< "xoxb-", "ghp_", …
  private_key,  ///< "-----BEGIN "
};

struct TelltaleWord {
  std::string_view text;
  Telltale kind;
};
/// Every telltale, each once; ASCII letters count in either case.
[[nodiscard]] std::vector<TelltaleWord> const& telltales();

/// The bytes to hide, if the telltale at `word` of `line` means what it seems to; never empty. What was hidden before
/// (it begins with kMarkBegin) is no secret any more. Of a private key: from its first line to the end of `line`, or
/// of its last line where that is on the same.
[[nodiscard]] std::optional<Span> hidden_by(Telltale kind, std::string_view line, Span word);

/// What stands farther before a telltale than this does not change what it means.
inline constexpr std::size_t kLookBehindBytes = 64;

/// Every mark begins so, in every language.
inline constexpr std::string_view kMarkBegin = "‹";

/// `-----END … PRIVATE KEY-----`: where it stands; nothing if it doesn't.
[[nodiscard]] std::optional<Span> end_of_private_key(std::string_view line, std::size_t from = 0);
/// Can this line stand between the first and the last line of a private key?
[[nodiscard]] bool inside_private_key(std::string_view line);

/// The whole run of base64 around `part`, at most 512 bytes to each side.
[[nodiscard]] Span base64_around(std::string_view line, Span part);

}  // namespace tocsin
