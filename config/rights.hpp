// What somebody may do, and what a command can do to the running system.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "config/describe.hpp"

namespace tocsin {

/// What a person may do; each may do what those before it may. Somebody unknown is a viewer.
enum class Role : std::uint8_t { viewer, responder, operator_, admin };
template <>
struct Names<Role> {
  static constexpr std::array<std::string_view, 4> kAll{"viewer", "responder", "operator", "admin"};
};

/// `read` looks only; `change` alters the running system; `danger` can lose data or service.
enum class Effect : std::uint8_t { read, change, danger };
template <>
struct Names<Effect> {
  static constexpr std::array<std::string_view, 3> kAll{"read", "change", "danger"};
};

}  // namespace tocsin
