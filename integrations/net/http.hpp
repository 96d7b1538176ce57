// What an HTTP exchange is, without any library's types. Names of header fields are lower-case throughout.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "incidents/base/result.hpp"

namespace tocsin::net {

/// In the order of arrival; a name may stand more than once.
using Fields = std::vector<std::pair<std::string, std::string>>;

/// The first value of `name` (lower-case), or empty: an absent field and an empty one mean the same to our callers.
[[nodiscard]] std::string_view field(Fields const& fields, std::string_view name) noexcept;

/// One request as a handler sees it: complete, bounded by the server's limits, decoded once.
struct HttpRequest {
  std::string method;  ///< upper-case as sent; a HEAD arrives as "GET" with `head_only`, so that no handler forgets it
  std::string path;    ///< percent-decoded, starts with '/'; dot segments are left as they came
  Fields query;        ///< decoded pairs in order; here the names keep their case
  Fields headers;      ///< lower-case names, values without surrounding blanks
  std::string body;    ///< raw bytes, for signatures
  std::string target;  ///< the request target as sent
  std::string peer;    ///< the other end's IP address: a proxy's, when there is one in front
  bool head_only = false;  ///< the server sends the headers of the answer and leaves out its body

  [[nodiscard]] std::string_view header(std::string_view name) const noexcept { return field(headers, name); }
  /// The first query parameter of that name, or empty.
  [[nodiscard]] std::string_view param(std::string_view name) const noexcept { return field(query, name); }
};

/// What a handler answers. Content-Length, Connection and Transfer-Encoding are the server's: set here they are
/// dropped. A field that could split the response (CR, LF, NUL, a name that is no token) turns the whole into a 500.
struct HttpResponse {
  int status = 200;  ///< 200..599
  Fields headers;
  std::string body;
};

/// A short text/plain answer.
[[nodiscard]] HttpResponse plain_response(int status, std::string text);

/// "Not Found" for 404; "Unknown" for what RFC 9110 does not name.
[[nodiscard]] std::string_view reason_of(int status) noexcept;

/// ASCII only: names of fields, schemes and hosts.
[[nodiscard]] std::string lower(std::string_view text);

inline constexpr std::size_t kMaxQueryPairs = 256;

/// Splits `a=1&b=x%20y+z` and decodes it (application/x-www-form-urlencoded: '+' is a blank). Also for form bodies.
/// Errc::invalid for a broken escape, Errc::too_large for more than kMaxQueryPairs.
[[nodiscard]] Result<Fields> decode_form(std::string_view text);

/// Decodes %XX only. Errc::invalid for a broken escape or an encoded NUL.
[[nodiscard]] Result<std::string> percent_decode(std::string_view text);

/// RFC 3986: everything but letters, digits and "-._~" becomes %XX (upper-case). Fit for path segments, query
/// values, form fields and for signatures that prescribe this form.
[[nodiscard]] std::string percent_encode(std::string_view text);

/// `a=1&b=x%20y`, each side through percent_encode.
[[nodiscard]] std::string encode_form(Fields const& pairs);

/// True for a field a message may carry: the name is an RFC 9110 token, the value has no CR, LF or NUL.
[[nodiscard]] bool is_sendable(std::string_view name, std::string_view value) noexcept;

}  // namespace tocsin::net
