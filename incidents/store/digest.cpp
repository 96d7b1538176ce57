#include "incidents/store/digest.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <memory>
#include <span>
#include <stdexcept>

namespace tocsin {
namespace {

std::string hex(std::span<unsigned char const> bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (auto const byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

constexpr std::size_t kSha256Bytes = 32;

/// Fetched once: EVP_sha256() has each digest search the providers for it, at more than the cost of the digest.
EVP_MD const* algorithm() {
  static std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> const fetched(EVP_MD_fetch(nullptr, "SHA256", nullptr),
                                                                       &EVP_MD_free);
  return fetched.get();
}

std::array<unsigned char, kSha256Bytes> sha256(std::string_view text) {
  std::array<unsigned char, kSha256Bytes> digest{};
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, algorithm(), nullptr) != 1)
    throw std::runtime_error("SHA-256 failed");
  return digest;
}

}  // namespace

std::string sha256_hex(std::string_view text) { return hex(sha256(text)); }

std::string sha256_base64(std::string_view text) {
  auto const digest = sha256(text);
  std::array<unsigned char, (kSha256Bytes + 2) / 3 * 4 + 1> encoded{};  // with the zero that OpenSSL writes
  auto const length = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(digest.size()));
  return {encoded.begin(), encoded.begin() + length};
}

std::string hmac_sha256_hex(Secret const& key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  auto const bytes = key.reveal();
  if (HMAC(EVP_sha256(), bytes.data(), static_cast<int>(bytes.size()),
           reinterpret_cast<unsigned char const*>(text.data()), text.size(), digest.data(), &length) == nullptr)
    throw std::runtime_error("HMAC failed");
  return hex({digest.data(), length});
}

}  // namespace tocsin
