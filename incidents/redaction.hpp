// Redaction of what is to be said and of what is kept: the foreign texts inside, at every depth.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "incidents/base/redactor.hpp"
#include "incidents/notice.hpp"

namespace tocsin {

/// Takes secrets out of every text among the arguments. Keys and typed arguments stay. True if anything changed.
bool redact(Notice& notice, Redactor const& redactor);

/// A text as the store may keep it, if it must change for that. Encoded notices stay decodable: only the texts inside
/// them change. Applying it again changes nothing.
[[nodiscard]] std::optional<std::string> redacted_for_store(std::string_view text, Redactor const& redactor);

}  // namespace tocsin
