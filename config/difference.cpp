#include <algorithm>

#include "config/detail/setting_writer.hpp"
#include "config/loader.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kShownCharacters = 120;

/// A list as an object, its items by id or name (or by number), so that two lists compare item by item.
Json by_name(Json const& list) {
  auto object = Json::object();
  for (std::size_t i = 0; i < list.size(); ++i) {
    auto const& item = list[i];
    auto name = std::to_string(i);
    for (char const* key : {"id", "name"}) {
      if (item.is_object() && item.contains(key) && item[key].is_string()) {
        name = item[key].get<std::string>();
        break;
      }
    }
    object[name] = item;
  }
  return object;
}

bool is_list_of_groups(Json const& value) {
  return value.is_array() && std::any_of(value.begin(), value.end(), [](Json const& item) { return item.is_object(); });
}

std::string shown(Json const& value) {
  auto text = value.is_string() ? value.get<std::string>() : value.dump();
  if (text.size() > kShownCharacters * 4) text.resize(kShownCharacters * 4);
  return text;
}

bool below(std::set<std::string> const& paths, std::string const& path) {
  return std::any_of(paths.begin(), paths.end(),
                     [&](std::string const& each) { return path == each || path.starts_with(each + "."); });
}

class Comparison {
 public:
  Comparison(SettingWriter const& old, SettingWriter const& next) : old_(old), next_(next) {}

  void compare(std::string const& path, Json const& before, Json const& after) {
    if (before == after) return;
    if (is_list_of_groups(before) || is_list_of_groups(after))
      return compare(path, before.is_null() ? before : by_name(before), after.is_null() ? after : by_name(after));
    if (before.is_null()) return add(path, "setting.added", nullptr, after);
    if (after.is_null()) return add(path, "setting.removed", before, nullptr);
    if (!before.is_object() || !after.is_object()) return add(path, "setting.changed", before, after);
    auto const inside = [&](std::string const& key) { return path.empty() ? key : path + "." + key; };
    for (auto const& [key, value] : before.items())
      compare(inside(key), value, after.contains(key) ? after[key] : Json(nullptr));
    for (auto const& [key, value] : after.items()) {
      if (!before.contains(key)) compare(inside(key), nullptr, value);
    }
  }

  /// Secrets that are read from where they were, but are others now.
  void compare_credentials() {
    for (auto const& [path, credential] : next_.credentials) {
      auto const before = old_.credentials.find(path);
      if (before == old_.credentials.end() || before->second.source != credential.source) continue;
      if (!(before->second == credential)) add(path, "setting.hidden", nullptr, nullptr);
    }
  }

  std::vector<SettingChange> changes;

 private:
  void add(std::string const& path, char const* key, Json const& before, Json const& after) {
    bool const hidden = old_.sensitive.count(path) > 0 || next_.sensitive.count(path) > 0;
    bool const group = before.is_object() || after.is_object();
    auto what = Notice(hidden ? "setting.hidden" : key).with("path", path);
    if (!hidden && !group) {
      if (!before.is_null()) what.with("from", shown(before));
      if (!after.is_null()) what.with("to", shown(after));
    }
    changes.push_back({path, std::move(what), below(old_.restart, path) || below(next_.restart, path)});
  }

  SettingWriter const& old_;
  SettingWriter const& next_;
};

}  // namespace

std::vector<SettingChange> difference(Config const& old, Config const& next) {
  SettingWriter old_writer;
  SettingWriter next_writer;
  auto const before = SettingWriter::group(old, old_writer);
  auto const after = SettingWriter::group(next, next_writer);
  Comparison comparison(old_writer, next_writer);
  comparison.compare("", before, after);
  comparison.compare_credentials();
  return std::move(comparison.changes);
}

std::string print(Config const& config) {
  SettingWriter writer;
  auto file = SettingWriter::group(config, writer);
  // The default chain names roles that a file without a chain need not have; written out it would demand them.
  auto const defaults = default_policies();
  for (auto const severity : kSeverities) {
    auto const index = static_cast<std::size_t>(severity);
    if (config.escalation[index].steps == defaults[index].steps)
      file["escalation"][std::string(name_of(severity))].erase("steps");
  }
  return file.dump(2) + "\n";
}

}  // namespace tocsin
