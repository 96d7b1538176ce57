// The address under which phones reach the bot: no link goes out before it is proven that the bot itself answers there.
// A proof holds for one URL and one day; the bot renews it every hour, at start and when the configuration changes.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "bot/setup.hpp"
#include "incidents/base/ports.hpp"
#include "incidents/base/secret.hpp"
#include "incidents/store/writer.hpp"

namespace boost::asio {
class io_context;
}

namespace tocsin {

/// Somebody asked at `url` and the bot's own answer came back.
struct AddressProof {
  std::string url;
  Instant at{};
  friend bool operator==(AddressProof const&, AddressProof const&) = default;
};

inline constexpr Millis kProofLife = std::chrono::hours{24};
inline constexpr Millis kProofEvery = std::chrono::hours{1};

/// Pure. A proof from the future (the clock was set back) is none.
[[nodiscard]] bool proves(std::optional<AddressProof> const& proof, std::string const& url, Instant now);
[[nodiscard]] std::string encode(AddressProof const& proof);
[[nodiscard]] std::optional<AddressProof> decode_proof(std::string_view text);

class PublicAddress {
 public:
  struct Parts {
    boost::asio::io_context& io;
    Lane& lane;
    Clock const& clock;
    Chance& chance;
    CurrentSetup setup;
    Secret key;
    std::filesystem::path workdir;
    /// For the room: the address became unreachable, or is back. On the io_context's thread.
    std::function<void(Notice)> say;
  };
  /// Recalls the proof of an earlier run: waits for the store.
  explicit PublicAddress(Parts parts);
  ~PublicAddress();

  /// Does a fresh proof for exactly this URL exist? Any thread.
  [[nodiscard]] bool proven(std::string const& url) const;

  /// From any thread. `done` gets what was wrong, or an empty text, on the io_context's thread. Asking while a proof is
  /// under way waits for that one. Without a public URL there is nothing to prove, and that is no problem.
  void prove(std::function<void(std::string const& problem)> done = {});

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tocsin
