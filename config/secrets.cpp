#include "config/secrets.hpp"

#include "config/detail/setting_writer.hpp"

namespace tocsin {
namespace {

/// A shorter path of an address is no token.
constexpr std::size_t kShortestPath = 8;

}  // namespace

std::vector<Secret> secrets_of(Config const& config) {
  SettingWriter writer;
  SettingWriter::group(config, writer);
  std::vector<Secret> secrets;
  for (auto const& [path, credential] : writer.credentials) secrets.push_back(credential.value);
  for (auto const& text : writer.sensitive_texts) {
    secrets.emplace_back(text);
    auto const host = text.find("://");
    auto const path = host == std::string::npos ? host : text.find('/', host + 3);
    if (path != std::string::npos && text.size() - path > kShortestPath) secrets.emplace_back(text.substr(path + 1));
  }
  return secrets;
}

}  // namespace tocsin
