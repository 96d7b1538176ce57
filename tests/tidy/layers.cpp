#include <algorithm>
#include <array>

#include "tests/tidy/rules.hpp"

namespace tocsin::tidy {
namespace {

using Names = std::vector<std::string_view>;

/// What one room may include. Every entry is the beginning of a path; an empty one matches all.
struct Layer {
  std::string_view room;
  Names ours;               ///< besides the room itself
  Names never;              ///< exceptions from `ours`
  Names others_in_headers;  ///< besides the standard library
  Names others_in_sources;  ///< .cpp and detail/: and these too
};

constexpr std::string_view kResult = "boost/system/result.hpp";
Names const kAnything{""};
Names const kPosix{"arpa/",    "dirent.h", "fcntl.h",  "grp.h",     "ifaddrs.h", "net/",    "netdb.h",
                   "netinet/", "linux/",   "poll.h",   "pthread.h", "pwd.h",     "sched.h", "signal.h",
                   "spawn.h",  "sys/",     "syslog.h", "termios.h", "time.h",    "unistd.h"};

Names both(Names a, Names const& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// The longest `room` that begins a file's path is its row. As the house is drawn in each folder's README: an arrow
/// that is not here does not exist. Tests may include everything, and nothing includes a test.
std::vector<Layer> const& table() {
  static Names const kJoiners{"incidents/store/", "incidents/desk", "incidents/due."};
  static std::vector<Layer> const rows{
      {"incidents/base/", {}, {}, {kResult}, {}},
      // Decisions: no sockets, no JSON, no SQL. Digests, because an approval binds a hash.
      {"incidents/", {}, kJoiners, {kResult, "date/"}, {"openssl/evp.h", "openssl/sha.h"}},
      // The use cases are the only ones to join decisions and store.
      {"incidents/desk", {"incidents/"}, {}, {kResult, "date/"}, {}},
      {"incidents/due.", {"incidents/"}, {}, {kResult, "date/"}, {}},
      {"incidents/store/",
       {"incidents/"},
       {"incidents/desk", "incidents/due."},
       {kResult},
       both({"SQLiteCpp/", "sqlite3.h", "libpq-fe.h", "openssl/", "date/"}, kPosix)},
      {"config/",
       {"incidents/"},
       kJoiners,
       {kResult, "date/"},
       {"yaml-cpp/", "fmt/", "nlohmann/", "fcntl.h", "sys/stat.h", "unistd.h"}},
      // A public header of an integration is a port: our types, no vendor's (pid_t and the like are the system's).
      {"integrations/",
       {"incidents/base/", "integrations/net/", "integrations/process/"},
       {},
       {kResult, "sys/types.h"},
       kAnything},
      {"commands/", {"incidents/", "config/", "integrations/"}, {}, {kResult, "date/"}, {"fmt/"}},
      {"bot/", {"incidents/", "config/", "integrations/", "commands/"}, {}, kAnything, {}},
      {"bot/chat/",
       {"incidents/", "config/", "integrations/", "commands/", "bot/"},
       {"bot/slack/", "bot/dingtalk/"},
       kAnything,
       {}},
      {"bot/slack/", {"incidents/", "config/", "integrations/", "commands/", "bot/"}, {"bot/dingtalk/"}, kAnything, {}},
      {"bot/dingtalk/", {"incidents/", "config/", "integrations/", "commands/", "bot/"}, {"bot/slack/"}, kAnything, {}},
      {"tests/", kAnything, {}, kAnything, {}},
  };
  return rows;
}

bool begins_with_any(std::string_view path, Names const& beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [path](std::string_view beginning) { return path.starts_with(beginning); });
}

Layer const* layer_of(std::string_view path) {
  Layer const* best = nullptr;
  for (auto const& layer : table()) {
    if (path.starts_with(layer.room) && (best == nullptr || layer.room.size() > best->room.size())) best = &layer;
  }
  return best;
}

/// integrations/docker/wire.cpp -> "integrations/docker/"; elsewhere the room of the table.
std::string_view own_room(std::string_view path, Layer const& layer) {
  if (layer.room != "integrations/") return layer.room;
  auto const end = path.find('/', layer.room.size());
  return path.substr(0, end == std::string_view::npos ? end : end + 1);
}

/// What stands in `detail/` belongs to the folder above it alone.
bool is_foreign_detail(std::string_view path, std::string_view included) {
  auto const detail = included.find("/detail/");
  return detail != std::string_view::npos && !path.starts_with(included.substr(0, detail + 1)) &&
         !path.starts_with("tests/");
}

bool is_standard(std::string_view header) { return header.find_first_of("/.") == std::string_view::npos; }

bool may_include_ours(std::string_view path, Layer const& layer, std::string_view included) {
  if (is_foreign_detail(path, included)) return false;
  if (begins_with_any(included, layer.never)) return false;
  return included.starts_with(own_room(path, layer)) || begins_with_any(included, layer.ours);
}

bool may_include_others(std::string_view path, Layer const& layer, std::string_view header) {
  if (is_standard(header) || begins_with_any(header, layer.others_in_headers)) return true;
  bool const visible = is_header(path) && path.find("/detail/") == std::string_view::npos;
  return !visible && begins_with_any(header, layer.others_in_sources);
}

}  // namespace

Findings layers(Source const& source) {
  if (!is_cpp(source.path)) return {};
  auto const* layer = layer_of(source.path);
  if (layer == nullptr) return {{source.path, 0, "layer", "no row of the layer table is for this folder"}};
  Findings found;
  for (auto const& include : includes_of(source)) {
    bool const allowed = include.ours ? may_include_ours(source.path, *layer, include.path)
                                      : may_include_others(source.path, *layer, include.path);
    if (!allowed) found.push_back({source.path, include.line, "layer", "may not include " + include.path});
  }
  return found;
}

}  // namespace tocsin::tidy
