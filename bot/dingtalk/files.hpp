// Files: handed over first, then said. Pure.
#pragma once

#include <string>

#include "bot/dingtalk/api.hpp"
#include "bot/dingtalk/render.hpp"

namespace tocsin::dingtalk {

/// `media/upload`, as a form of one part (RFC 7578).
[[nodiscard]] Call upload_call(Upload const& upload);
/// Of the body of such a call.
[[nodiscard]] std::string form_type(std::string_view body);
/// `msgParam` of a `sampleImageMsg`.
[[nodiscard]] std::string picture_parameters(std::string const& media);
/// `msgParam` of a `sampleFile`.
[[nodiscard]] std::string file_parameters(std::string const& media, std::string const& name);

}  // namespace tocsin::dingtalk
