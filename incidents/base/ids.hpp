// Strong identifiers: an incident's number can't be passed where a page's is wanted.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace tocsin {

/// A row's number. 0 means "not stored yet".
template <class Tag>
struct Number {
  std::int64_t value = 0;
  friend auto operator<=>(Number, Number) = default;
  explicit operator bool() const noexcept { return value != 0; }
};

using IncidentId = Number<struct IncidentTag>;
using PageId = Number<struct PageTag>;
using TodoId = Number<struct TodoTag>;
using RunId = Number<struct RunTag>;
using OutboxId = Number<struct OutboxTag>;

/// A word from the configuration or from a platform.
template <class Tag>
struct Name {
  std::string value;
  friend auto operator<=>(Name const&, Name const&) = default;
  [[nodiscard]] bool empty() const noexcept { return value.empty(); }
};

/// A human being, by the `id` of the configuration's `people:`; never an account on some platform.
using PersonId = Name<struct PersonTag>;

}  // namespace tocsin

template <class Tag>
struct std::hash<tocsin::Number<Tag>> {
  std::size_t operator()(tocsin::Number<Tag> id) const noexcept { return std::hash<std::int64_t>{}(id.value); }
};
template <class Tag>
struct std::hash<tocsin::Name<Tag>> {
  std::size_t operator()(tocsin::Name<Tag> const& id) const noexcept { return std::hash<std::string>{}(id.value); }
};
