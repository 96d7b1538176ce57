// tests/fakes/https_server.py as a fixture.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/fakes/certificates.hpp"
#include "tests/fakes/child_process.hpp"

namespace tocsin::net::test {

class HttpsServer {
 public:
  explicit HttpsServer(std::string const& certificate, std::vector<std::string> const& more = {})
      : process_(command(certificate, more)),
        port(nlohmann::json::parse(process_.must_say()).at("port").get<std::uint16_t>()) {}

  [[nodiscard]] std::string url(std::string const& path, std::string const& host = "127.0.0.1") const {
    return "https://" + host + ":" + std::to_string(port) + path;
  }

 private:
  static std::vector<std::string> command(std::string const& certificate, std::vector<std::string> const& more) {
    auto const& made = fakes::Certificates::shared();
    std::vector<std::string> words{"/usr/bin/python3",
                                   TOCSIN_SOURCE_DIR "/tests/fakes/https_server.py",
                                   "--cert",
                                   made.certificate(certificate),
                                   "--key",
                                   made.key(certificate)};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  fakes::ChildProcess process_;

 public:
  std::uint16_t const port;
};

}  // namespace tocsin::net::test
