// What the tests of the configuration share.
#pragma once

#include <doctest/doctest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <variant>
#include <vector>

#include "config/loader.hpp"

namespace tocsin::testing {

inline std::string source_path(std::string const& relative) { return std::string(TOCSIN_SOURCE_DIR) + "/" + relative; }

inline std::string read_file(std::string const& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE_MESSAGE(file.good(), "can not read " << path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Secrets that every test may use; `env:MISSING` and `file:/missing` are not there.
inline Sources sources() {
  return {[](std::string const& name) -> std::optional<std::string> {
            static std::map<std::string, std::string> const known{{"SMTP_PASSWORD", "correct-horse"},
                                                                  {"SLACK_APP_TOKEN", "xapp-1-secret"},
                                                                  {"SLACK_BOT_TOKEN", "xoxb-secret"},
                                                                  {"EMPTY", ""},
                                                                  {"TWO_LINES", "one\ntwo"}};
            auto const found = known.find(name);
            return found == known.end() ? std::nullopt : std::optional(found->second);
          },
          [](std::string const& path) -> Result<std::string> {
            if (path == "/run/token") return std::string("from-a-file");
            return Error{Errc::not_found, "there is no such file"};
          }};
}

inline std::string listed(std::vector<Mistake> const& mistakes) {
  std::ostringstream text;
  for (auto const& each : mistakes) {
    text << each.file << ':' << each.line << ':' << each.column << ' ' << each.path << ' ' << each.what.key << '\n';
  }
  return text.str();
}

/// The configuration of a text that must be right.
inline Config loaded(std::string const& text, std::string const& file = "test.yaml") {
  auto result = load_config(text, file, sources());
  if (auto const* mistakes = std::get_if<std::vector<Mistake>>(&result)) FAIL(listed(*mistakes));
  return std::get<Config>(std::move(result));
}

/// The mistakes of a text that must be wrong.
inline std::vector<Mistake> mistakes_of(std::string const& text) {
  auto result = load_config(text, "test.yaml", sources());
  REQUIRE_MESSAGE(std::holds_alternative<std::vector<Mistake>>(result), "loaded without a mistake:\n" << text);
  return std::get<std::vector<Mistake>>(std::move(result));
}

}  // namespace tocsin::testing
