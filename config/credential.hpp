// A secret of the configuration: the file says only where it is kept.
#pragma once

#include <string>

#include "incidents/base/secret.hpp"

namespace tocsin {

/// Written as `env:NAME` or `file:PATH`; the value is read once, when the configuration is loaded.
struct Credential {
  std::string source;  ///< as written; may be shown
  Secret value;        ///< never shown, never written anywhere

  [[nodiscard]] bool given() const noexcept { return !source.empty(); }
  friend bool operator==(Credential const& a, Credential const& b) noexcept {
    return a.source == b.source && equal_in_constant_time(a.value.reveal(), b.value.reveal());
  }
};

}  // namespace tocsin
