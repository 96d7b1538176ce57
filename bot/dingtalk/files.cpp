#include "bot/dingtalk/files.hpp"

#include <algorithm>

#include "bot/detail/json.hpp"
#include "incidents/store/digest.hpp"

namespace tocsin::dingtalk {
namespace {

/// What ends a quoted name or a line in a header does not belong into one.
std::string quotable(std::string name) {
  std::erase_if(name, [](unsigned char c) { return c < 0x20 || c == '"' || c == '\\' || c == '/' || c == 0x7f; });
  return name.empty() ? "file" : name;
}

}  // namespace

Call upload_call(Upload const& upload) {
  // A boundary must not stand in what it bounds, and who wrote the bytes can't know their digest.
  auto const boundary = "tocsin-" + sha256_hex(upload.bytes).substr(0, 40);
  Call call{"media/upload", {{"type", upload.picture ? "image" : "file"}}};
  call.urgency = Urgency::slow;
  call.body = "--" + boundary + "\r\nContent-Disposition: form-data; name=\"media\"; filename=\"" +
              quotable(upload.name) + "\"\r\nContent-Type: application/octet-stream\r\n\r\n" + upload.bytes + "\r\n--" +
              boundary + "--\r\n";
  return call;
}

std::string form_type(std::string_view body) {
  auto const end = std::min(body.find("\r\n"), body.size());
  return "multipart/form-data; boundary=" +
         std::string(body.substr(std::min<std::size_t>(2, end), end - std::min<std::size_t>(2, end)));
}

std::string picture_parameters(std::string const& media) { return detail::written({{"photoURL", media}}); }

std::string file_parameters(std::string const& media, std::string const& name) {
  auto const dot = name.rfind('.');
  return detail::written({{"mediaId", media},
                          {"fileName", quotable(name)},
                          {"fileType", dot == std::string::npos ? std::string("txt") : name.substr(dot + 1)}});
}

}  // namespace tocsin::dingtalk
