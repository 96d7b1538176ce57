// What the tests of the runner share: short specs, a folder of their own, a look at /proc.
#pragma once

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include "integrations/process/runner.hpp"

namespace tocsin::process::testing {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

inline ProcessSpec shell(std::string script) {
  ProcessSpec spec;
  spec.argv = {"/bin/sh", "-c", std::move(script)};
  spec.environment = {{"PATH", std::string(kProgramPath)}};
  spec.timeout = 20s;
  return spec;
}

inline ProcessOutcome run_now(ProcessSpec const& spec) { return run(spec, {}); }

/// A directory of its own, gone with the test.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "tocsin-runner-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  Folder(Folder const&) = delete;
  Folder& operator=(Folder const&) = delete;
  ~Folder() { fs::remove_all(path_); }

  [[nodiscard]] fs::path const& path() const { return path_; }
  fs::path write(std::string const& name, std::string const& text, mode_t mode) const {
    auto const file = path_ / name;
    std::ofstream(file) << text;
    ::chmod(file.c_str(), mode);
    return file;
  }

 private:
  fs::path path_;
};

inline std::string text_of(fs::path const& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

inline bool is_process(fs::directory_entry const& entry) {
  return entry.path().filename().string().find_first_not_of("0123456789") == std::string::npos;
}

/// How many processes have this in their command line. A zombie has none.
inline int alive_with(std::string const& marker) {
  int count = 0;
  for (auto const& entry : fs::directory_iterator("/proc")) {
    if (!is_process(entry)) continue;
    if (text_of(entry.path() / "cmdline").find(marker) != std::string::npos) ++count;
  }
  return count;
}

/// A number of seconds nobody else sleeps: shows in the command line of `sleep`.
inline std::string long_sleep() {
  static std::atomic<int> serial = 0;
  return "86399." + std::to_string(::getpid()) + std::to_string(++serial);
}

inline bool eventually(auto&& condition) {
  auto const limit = std::chrono::steady_clock::now() + 5s;
  while (std::chrono::steady_clock::now() < limit) {
    if (condition()) return true;
    std::this_thread::yield();
  }
  return false;
}

}  // namespace tocsin::process::testing
