// How single values read in each language.
#pragma once

#include <cstdint>
#include <string>

#include "config/locale.hpp"
#include "config/template.hpp"
#include "incidents/base/time.hpp"

namespace tocsin {

/// `03:15`; `11-23 03:15` when that is not today where the reader is; `2025-11-23 03:15` when not this year.
/// `seconds`: `03:15:30`.
[[nodiscard]] std::string worded(Instant at, Instant now, std::string const& zone, HoleFormat format,
                                 bool seconds = false);

/// `850 ms`, `3.2 s`, `2:10` (minutes and seconds below ten minutes), `27 分`, `1 小时 5 分`, `3 天`.
[[nodiscard]] std::string worded(Millis length, Locale locale, HoleFormat format);

/// `1.8 GB`, powers of ten.
[[nodiscard]] std::string worded_bytes(std::int64_t bytes);

}  // namespace tocsin
