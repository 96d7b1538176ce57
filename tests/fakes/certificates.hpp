// A private certificate authority for tests, made once for each test program.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "tests/fakes/child_process.hpp"

namespace tocsin::fakes {

/// See make_ca.py for what there is: good, expired, wrong_name, stranger, and the authority, ca.
class Certificates {
 public:
  static Certificates const& shared() {
    static Certificates const made;
    return made;
  }
  [[nodiscard]] std::string ca() const { return path("ca.pem"); }
  [[nodiscard]] std::string certificate(std::string const& name) const { return path(name + ".pem"); }
  [[nodiscard]] std::string key(std::string const& name) const { return path(name + ".key"); }

 private:
  Certificates() {
    auto pattern = (std::filesystem::temp_directory_path() / "tocsin-ca-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no directory for certificates");
    directory_ = pattern;
    if (!run_to_end({"/usr/bin/python3", TOCSIN_SOURCE_DIR "/tests/fakes/make_ca.py", directory_})) {
      throw std::runtime_error("make_ca.py failed: is openssl installed?");
    }
  }
  ~Certificates() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  [[nodiscard]] std::string path(std::string const& name) const { return directory_ + '/' + name; }

  std::string directory_;
};

}  // namespace tocsin::fakes
