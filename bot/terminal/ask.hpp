// Asking the running bot about itself, over the socket that `tocsin say` uses: nothing is stored, nobody is audited.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "incidents/base/result.hpp"
#include "incidents/base/time.hpp"

namespace tocsin {

struct BotState {
  std::string version;
  std::int64_t process = 0;
  std::int64_t user = 0;  ///< effective user ID
  Instant since{};
  std::string trouble;                  ///< empty while it is well
  std::optional<std::int64_t> slack{};  ///< connections over which things come; absent: it is not configured
};

/// As one JSON object on a line, the answer to {"ask": "state"}.
[[nodiscard]] std::string encode(BotState const& state);
/// Errors: invalid for anything `encode` did not write.
[[nodiscard]] Result<BotState> decode_bot_state(std::string_view line);

/// The bot proves its public address now; the answer to {"ask": "proof"}.
struct ProofAnswer {
  std::string problem;  ///< empty: proven, or there is none to prove
};
inline constexpr char const* kAskProof = "proof";
[[nodiscard]] std::string encode(ProofAnswer const& answer);

/// Sends one line, reads one. Blocks at most `deadline` for each. Errors: not_found (no bot runs), unavailable (one may
/// run that can't be asked), timed_out.
[[nodiscard]] Result<std::string> ask_bot(std::filesystem::path const& socket, std::string const& question,
                                          Millis deadline);
[[nodiscard]] Result<BotState> ask_bot_state(std::filesystem::path const& socket, Millis deadline);
[[nodiscard]] Result<ProofAnswer> ask_bot_proof(std::filesystem::path const& socket, Millis deadline);

}  // namespace tocsin
