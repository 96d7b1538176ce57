// What this platform is called wherever platforms are told apart: in the store, in keys, in the configuration.
#pragma once

namespace tocsin::slack {

inline constexpr char const* kPlatform = "slack";

}  // namespace tocsin::slack
