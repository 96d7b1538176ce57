// What the page is told, as JSON texts: see README.md for the protocol.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bot/local.hpp"
#include "bot/setup.hpp"
#include "commands/completion.hpp"
#include "incidents/approval.hpp"
#include "incidents/store/pages.hpp"

namespace tocsin::web_json {

/// What the server says of itself.
struct Server {
  Instant now{};
  double rate = 1;  ///< of its clock
  std::string version;
  std::string log;     ///< which store the numbers of entries belong to
  bool reset = false;  ///< the page forgets what it has
};
[[nodiscard]] std::string hello(Caller const& caller, Setup const& setup, Server const& server);
[[nodiscard]] std::string pong(Instant now);
[[nodiscard]] std::string entry(LocalEntry const& entry, Setup const& setup, Reader const& reader);
[[nodiscard]] std::string result(std::string const& id, std::string_view state);
[[nodiscard]] std::string completions(std::int64_t sequence, std::vector<Completion> const& items, Setup const& setup,
                                      Reader const& reader);
[[nodiscard]] std::string incidents(std::vector<Incident> const& live, Setup const& setup, Reader const& reader,
                                    Instant now);
/// `live` and `requests`: the incidents that can be taken and the approvals that can be given, by this reader.
[[nodiscard]] std::string inbox(std::vector<store::Page> const& pages, std::vector<Incident> const& live,
                                std::vector<Approval> const& requests, Setup const& setup, Reader const& reader);
[[nodiscard]] std::string error(std::string const& text);

/// What the page may say. Hostile input is an outcome.
struct FromPage {
  enum class Kind : std::uint8_t { hello, command, complete, ping, unknown } kind = Kind::unknown;
  std::int64_t since = 0;
  std::int64_t sequence = 0;
  std::string id;
  std::string text;
  std::string log;
};
[[nodiscard]] FromPage read(std::string_view text);

}  // namespace tocsin::web_json
