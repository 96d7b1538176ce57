// Typical arguments for every message, from tests/config/arguments.yaml.
#pragma once

#include <map>
#include <sstream>
#include <string>

#include "config/yaml_tree.hpp"
#include "tests/config/catalogue_support.hpp"
#include "tests/config/support.hpp"

namespace tocsin::testing {

/// The declared types, `name` or `key.name` → type.
class ArgumentTypes {
 public:
  ArgumentTypes() {
    auto parsed = yaml::parse(read_file(source_path("tests/config/arguments.yaml")), "arguments.yaml");
    REQUIRE(std::holds_alternative<yaml::Node>(parsed));
    root_ = std::get<yaml::Node>(std::move(parsed));
  }

  /// Empty: not declared.
  [[nodiscard]] std::string of(std::string const& key, std::string const& name) const {
    for (auto const& wanted : {key + "." + name, name}) {
      if (auto const* type = root_.find(wanted)) return type->text;
    }
    return {};
  }

  [[nodiscard]] std::vector<yaml::Entry> const& entries() const { return root_.entries; }

 private:
  yaml::Node root_;
};

inline Notice typical_notice(std::string const& key, Locale locale, ArgumentTypes const& types);

/// What a text of this name usually holds.
inline std::string typical_text(std::string const& name, bool zh) {
  static std::map<std::string, std::string> const plain{{"key", "7"},
                                                        {"service", "postgres"},
                                                        {"code", "K7"},
                                                        {"path", "/"},
                                                        {"limit", "90 %"},
                                                        {"value", "87 %"},
                                                        {"version", "v2.8.1"},
                                                        {"status", "open"},
                                                        {"response", "met"},
                                                        {"recovery", "lapsed"},
                                                        {"account", "terminal:alice"},
                                                        {"hash", "0f3a9c41d2b7e685"},
                                                        {"data", "scratch"},
                                                        {"load", "0.42"},
                                                        {"command", "incident resolve"},
                                                        {"platform", "dingtalk"},
                                                        {"usage", "escalate [incident] [level] [reason]"},
                                                        {"link", "https://tocsin.example.org/ack/42-0f3a9c41d2b7e685"},
                                                        {"url", "https://tocsin.example.org/login/0f3a9c41d2b7"}};
  if (auto const found = plain.find(name); found != plain.end()) return found->second;
  if (name == "title" || name == "main_title") return zh ? "网站无法访问" : "Website down";
  return zh ? "登录全断" : "logins down";
}

inline Arg typical(std::string const& type, std::string const& name, Locale locale, ArgumentTypes const& types) {
  using namespace std::chrono_literals;
  if (type == "number") return std::int64_t{9};
  if (type == "instant") return at(3, 15);
  if (type == "length") return Millis{6min};
  if (type == "severity") return Severity::p0;
  if (type == "person") return zhang_san;
  if (type == "incident") return IncidentId{42};
  if (!type.starts_with("list ")) return typical_text(name, locale == Locale::zh_cn);
  std::vector<Notice> items;
  std::istringstream keys(type.substr(5));
  for (std::string key; keys >> key;) items.push_back(typical_notice(key, locale, types));
  return items;
}

/// A notice with every argument that its text knows.
inline Notice typical_notice(std::string const& key, Locale locale, ArgumentTypes const& types) {
  Notice notice(key);
  for (auto const& name : shipped_catalogue().arguments(key, locale))
    notice.with(name, typical(types.of(key, name), name, locale, types));
  return notice;
}

}  // namespace tocsin::testing
