#include "incidents/base/secret_forms.hpp"

#include <algorithm>
#include <cstdint>

namespace tocsin {
namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kHex = "0123456789abcdef";
/// Fewer characters of base64 would be found in texts that have nothing to do with the secret.
constexpr std::size_t kShortestEncoded = 6;

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

std::string hex_of(std::string_view bytes, std::string_view lead) {
  std::string out;
  for (char const c : bytes) {
    auto const byte = static_cast<unsigned char>(c);
    out += lead;
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

/// Encoders differ in what they leave alone; `kept` is what this one does.
std::string percent_encoded(std::string_view text, std::string_view kept) {
  std::string out;
  for (char const c : text) {
    if (is_unreserved(c) || kept.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += hex_of({&c, 1}, "%");
    }
  }
  return out;
}

std::string json_escaped(std::string_view text, std::string_view escaped) {
  std::string out;
  for (char const c : text) {
    if (escaped.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

/// The characters of base64 that depend on `bytes` alone when `offset` bytes (of 3) stand before them.
std::string base64_inside(std::string_view bytes, std::size_t offset) {
  auto text = base64_of(std::string(offset, '\0') + std::string(bytes));
  text.erase(text.find_last_not_of('=') + 1);
  // A character carries 6 bits: those at the edges are shared with the neighbours.
  auto const first = (offset * 8 + 5) / 6;
  auto const last = (offset + bytes.size()) * 8 / 6;
  return last > first ? text.substr(first, last - first) : std::string{};
}

}  // namespace

std::string base64_of(std::string_view bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    auto const byte = [&](std::size_t at) {
      return at < bytes.size() ? std::uint32_t{static_cast<unsigned char>(bytes[at])} : 0U;
    };
    auto const group = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    for (unsigned k = 0; k < 4; ++k) out += i + k > bytes.size() ? '=' : kDigits[group >> (18 - 6 * k) & 63];
  }
  return out;
}

std::vector<std::string> forms_of(std::string_view secret) {
  if (secret.size() < kShortestSecret) return {};
  secret = secret.substr(0, kSearchedSecretBytes);
  std::vector<std::string> forms{std::string(secret)};
  auto const add = [&forms](std::string form) {
    if (form.size() >= kShortestSecret && std::find(forms.begin(), forms.end(), form) == forms.end())
      forms.push_back(std::move(form));
  };
  add(percent_encoded(secret, ""));
  add(percent_encoded(secret, "!*'()"));               // what encodeURIComponent leaves
  add(percent_encoded(secret, "!$&'()*+,;=:@"));       // what a path may hold
  add(percent_encoded(secret, "!#$&'()*+,/:;=?@[]"));  // what encodeURI leaves
  auto form = percent_encoded(secret, "*");
  for (auto at = form.find("%20"); at != std::string::npos; at = form.find("%20", at + 1)) form.replace(at, 3, "+");
  add(std::move(form));  // a form field
  add(hex_of(secret, "%"));
  add(json_escaped(secret, "\"\\"));
  add(json_escaped(secret, "\"\\/"));
  add(hex_of(secret, ""));
  for (std::size_t offset = 0; offset < 3; ++offset) {
    auto encoded = base64_inside(secret, offset);
    if (encoded.size() < kShortestEncoded) continue;
    auto safe = encoded;
    std::replace(safe.begin(), safe.end(), '+', '-');
    std::replace(safe.begin(), safe.end(), '/', '_');
    add(std::move(encoded));
    add(std::move(safe));
  }
  return forms;
}

}  // namespace tocsin
