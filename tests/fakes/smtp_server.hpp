// tests/fakes/smtp_server.py as a fixture: a real SMTP server that fails on demand.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fakes/certificates.hpp"
#include "tests/fakes/child_process.hpp"

namespace tocsin::fakes {

struct SmtpServerOptions {
  std::string mode = "plain";        ///< plain, starttls, tls
  std::string certificate = "good";  ///< one of Certificates
  std::string user;                  ///< not empty: AUTH is demanded
  std::string password;
};

/// See smtp_server.py for rules and stages. Throws what a test should not survive.
class SmtpServer {
 public:
  explicit SmtpServer(SmtpServerOptions const& options = {}) : process_(command(options)) {
    auto const ready = nlohmann::json::parse(process_.must_say());
    port = ready.at("port").get<std::uint16_t>();
    control_port_ = ready.at("control_port").get<std::uint16_t>();
  }

  /// The next accepted message, in the order of acceptance.
  nlohmann::json next_message() { return nlohmann::json::parse(process_.must_say()); }
  /// All accepted so far.
  [[nodiscard]] nlohmann::json messages() const { return call("GET", "/messages", ""); }
  [[nodiscard]] nlohmann::json counts() const { return call("GET", "/counts", ""); }
  /// `rules` is a JSON list; it replaces what was set before.
  void set_faults(std::string_view rules) const { call("POST", "/faults", rules); }
  /// False: the port refuses connections until it is set again.
  void set_listening(bool listening) const { call("POST", "/listening", listening ? "true" : "false"); }
  [[nodiscard]] pid_t pid() const noexcept { return process_.pid(); }

  std::uint16_t port = 0;

 private:
  static std::vector<std::string> command(SmtpServerOptions const& options) {
    std::vector<std::string> words{"/usr/bin/python3", TOCSIN_SOURCE_DIR "/tests/fakes/smtp_server.py", "--mode",
                                   options.mode};
    if (options.mode != "plain") {
      auto const& made = Certificates::shared();
      words.insert(words.end(),
                   {"--cert", made.certificate(options.certificate), "--key", made.key(options.certificate)});
    }
    if (!options.user.empty()) words.insert(words.end(), {"--user", options.user, "--password", options.password});
    return words;
  }

  nlohmann::json call(std::string const& method, std::string const& path, std::string_view body) const {
    int const connection = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    timeval const patience{20, 0};
    ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(control_port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::string answer;
    if (::connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
      auto const request = method + ' ' + path + " HTTP/1.1\r\nContent-Length: " + std::to_string(body.size()) +
                           "\r\n\r\n" + std::string(body);
      ::send(connection, request.data(), request.size(), MSG_NOSIGNAL);
      char buffer[65536];
      for (ssize_t got = 0; (got = ::recv(connection, buffer, sizeof buffer, 0)) > 0;) {
        answer.append(buffer, static_cast<std::size_t>(got));
      }
    }
    ::close(connection);
    auto const end = answer.find("\r\n\r\n");
    if (!answer.starts_with("HTTP/1.1 200") || end == std::string::npos) {
      throw std::runtime_error("the fake SMTP server refused: " + answer);
    }
    return nlohmann::json::parse(answer.substr(end + 4));
  }

  ChildProcess process_;
  std::uint16_t control_port_ = 0;
};

}  // namespace tocsin::fakes
