// What a user typed for a parameter of an action, checked: the one door between chat text and a program's arguments.
#pragma once

#include <string>
#include <string_view>

#include "config/config.hpp"
#include "incidents/notice.hpp"

namespace tocsin {

/// The value to hand over for `text`: names of services and logs in their configured spelling, numbers without leading
/// zeros, the others as typed. Never empty, never begins with a dash, never holds a control character.
/// Refused with `parameter.…`: what was expected.
[[nodiscard]] Decided<std::string> accept(ActionParameter const& parameter, std::string_view text,
                                          Config const& config);

}  // namespace tocsin
