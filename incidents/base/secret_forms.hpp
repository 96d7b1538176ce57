// The forms in which a credential travels: as it is, and as headers, addresses and documents write it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// A credential shorter than this is no secret, and looking for it would black out half of every text.
inline constexpr std::size_t kShortestSecret = 4;
/// Of a longer one the beginning is looked for, and what follows compared.
inline constexpr std::size_t kSearchedSecretBytes = 256;

/// Texts that give `secret` away: itself, percent-encoded (every way an encoder may choose), as a JSON string, in
/// hexadecimal, and in base64 wherever it stands inside of what was encoded. Empty if it is shorter than
/// kShortestSecret. Compare ASCII letters in either case.
[[nodiscard]] std::vector<std::string> forms_of(std::string_view secret);

[[nodiscard]] std::string base64_of(std::string_view bytes);

}  // namespace tocsin
