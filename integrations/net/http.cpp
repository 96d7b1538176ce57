#include "integrations/net/http.hpp"

#include <algorithm>
#include <boost/beast/http/status.hpp>
#include <boost/url/pct_string_view.hpp>

namespace tocsin::net {
namespace {

Result<std::string> decode(std::string_view text, bool plus_is_blank) {
  auto const checked = boost::urls::make_pct_string_view(text);
  if (!checked) return Error{Errc::invalid, "a broken percent escape"};
  boost::urls::encoding_opts options;
  options.space_as_plus = plus_is_blank;
  std::string decoded = checked->decode(options);
  if (decoded.find('\0') != std::string::npos) return Error{Errc::invalid, "an encoded NUL"};
  return decoded;
}

bool is_token_char(char c) noexcept {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         kMarks.find(c) != std::string_view::npos;
}

bool is_unreserved(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

}  // namespace

std::string_view field(Fields const& fields, std::string_view name) noexcept {
  auto const found = std::find_if(fields.begin(), fields.end(), [&](auto const& pair) { return pair.first == name; });
  return found == fields.end() ? std::string_view{} : std::string_view{found->second};
}

HttpResponse plain_response(int status, std::string text) {
  return {status, {{"content-type", "text/plain; charset=utf-8"}}, std::move(text)};
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  return result;
}

std::string_view reason_of(int status) noexcept {
  if (status < 100 || status > 599) return "Unknown";
  auto const known = boost::beast::http::int_to_status(static_cast<unsigned>(status));
  if (known == boost::beast::http::status::unknown) return "Unknown";
  auto const text = boost::beast::http::obsolete_reason(known);
  return {text.data(), text.size()};
}

Result<Fields> decode_form(std::string_view text) {
  Fields pairs;
  while (!text.empty()) {
    auto const piece = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), piece.size() + 1));
    if (piece.empty()) continue;
    if (pairs.size() == kMaxQueryPairs) return Error{Errc::too_large, "more than 256 parameters"};
    auto const equals = piece.find('=');
    auto name = decode(piece.substr(0, equals), true);
    if (!name) return name.error();
    auto value =
        equals == std::string_view::npos ? Result<std::string>{std::string{}} : decode(piece.substr(equals + 1), true);
    if (!value) return value.error();
    pairs.emplace_back(std::move(*name), std::move(*value));
  }
  return pairs;
}

Result<std::string> percent_decode(std::string_view text) { return decode(text, false); }

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (char const c : text) {
    if (is_unreserved(c)) {
      encoded += c;
      continue;
    }
    auto const byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kHex[byte >> 4U];
    encoded += kHex[byte & 15U];
  }
  return encoded;
}

std::string encode_form(Fields const& pairs) {
  std::string text;
  for (auto const& [name, value] : pairs) {
    if (!text.empty()) text += '&';
    text += percent_encode(name);
    text += '=';
    text += percent_encode(value);
  }
  return text;
}

bool is_sendable(std::string_view name, std::string_view value) noexcept {
  constexpr std::string_view kForbidden{"\r\n\0", 3};
  return !name.empty() && std::all_of(name.begin(), name.end(), is_token_char) &&
         value.find_first_of(kForbidden) == std::string_view::npos;
}

}  // namespace tocsin::net
