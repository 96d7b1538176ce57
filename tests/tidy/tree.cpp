#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>

#include "tests/tidy/rules.hpp"

namespace tocsin::tidy {
namespace {

/// Folders whose purpose the README above them tells: tests that mirror a folder, and insides.
bool described_above(std::string_view folder) {
  constexpr std::array kMirrors{"tests/incidents", "tests/config", "tests/integrations",
                                "tests/commands",  "tests/bot",    "incidents/base"};
  return std::find(kMirrors.begin(), kMirrors.end(), folder) != kMirrors.end() || folder.ends_with("/detail");
}

/// Depth first over the includes; a file met again while its own includes are being followed closes a circle.
class Circles {
 public:
  explicit Circles(std::vector<Source> const& tree) {
    for (auto const& source : tree) {
      if (!is_cpp(source.path)) continue;
      for (auto const& include : includes_of(source)) {
        if (include.ours) edges_[source.path].push_back(include);
      }
    }
  }
  Findings run() {
    for (auto const& [path, includes] : edges_) follow(path);
    return std::move(found_);
  }

 private:
  void follow(std::string const& path) {
    if (!seen_.insert(path).second) return;
    way_.push_back(path);
    if (auto const includes = edges_.find(path); includes != edges_.end()) {
      for (auto const& include : includes->second) {
        auto const begin = std::find(way_.begin(), way_.end(), include.path);
        if (begin == way_.end()) {
          follow(include.path);
          continue;
        }
        std::string circle;
        for (auto step = begin; step != way_.end(); ++step) circle += *step + " -> ";
        found_.push_back({path, include.line, "cycle", circle + include.path});
      }
    }
    way_.pop_back();
  }

  std::map<std::string, std::vector<Include>> edges_;
  std::set<std::string> seen_;
  std::vector<std::string> way_;
  Findings found_;
};

}  // namespace

Findings cycles(std::vector<Source> const& tree) { return Circles(tree).run(); }

Findings unresolved(std::vector<Source> const& tree) {
  std::set<std::string_view> paths;
  for (auto const& source : tree) paths.insert(source.path);
  Findings found;
  for (auto const& source : tree) {
    if (!is_cpp(source.path)) continue;
    for (auto const& include : includes_of(source)) {
      if (!include.ours || paths.contains(include.path)) continue;
      found.push_back({source.path, include.line, "include", include.path + " is no file from the root"});
    }
  }
  return found;
}

Findings undescribed(std::vector<Source> const& tree) {
  std::set<std::string> folders;
  std::set<std::string> described;
  for (auto const& source : tree) {
    auto const slash = source.path.rfind('/');
    if (slash == std::string::npos) continue;
    auto const folder = source.path.substr(0, slash);
    if (is_cpp(source.path)) folders.insert(folder);
    if (source.path.ends_with("/README.md")) described.insert(folder);
  }
  Findings found;
  for (auto const& folder : folders) {
    if (!described.contains(folder) && !described_above(folder)) {
      found.push_back({folder, 0, "readme", "no README.md says what this folder is"});
    }
  }
  return found;
}

Findings unbuilt(std::vector<Source> const& tree, std::string_view root, std::string_view compile_commands) {
  Findings found;
  for (auto const& source : tree) {
    if (!source.path.ends_with(".cpp")) continue;
    auto const name = "\"" + std::string(root) + "/" + source.path + "\"";
    auto const is_after = [&](char const* word) {
      return compile_commands.find(word + name) != std::string_view::npos;
    };
    if (!is_after("\"file\": ") && !is_after("#include ")) {
      found.push_back({source.path, 0, "unbuilt", "no target builds it"});
    }
  }
  return found;
}

}  // namespace tocsin::tidy
