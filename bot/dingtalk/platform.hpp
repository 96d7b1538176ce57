// What this platform is called wherever platforms are told apart: in the store, in keys, in the configuration.
#pragma once

namespace tocsin::dingtalk {

inline constexpr char const* kPlatform = "dingtalk";

}  // namespace tocsin::dingtalk
