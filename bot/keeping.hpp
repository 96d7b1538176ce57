// What is kept how long, and what proves that it was kept: chores of the upkeep. Old envelopes and outputs are
// forgotten, old rows of the audit sealed into files, its signed head sent away.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "bot/setup.hpp"
#include "bot/workers.hpp"
#include "incidents/base/secret.hpp"
#include "incidents/store/writer.hpp"
#include "integrations/paging/carrier.hpp"

namespace tocsin {

inline constexpr Millis kForgetEvery = std::chrono::hours{1};
inline constexpr Millis kSealEvery = std::chrono::hours{24};

class Keeping {
 public:
  struct Parts {
    Lane& lane;
    Workers& workers;
    Clock const& clock;
    CurrentSetup setup;
    Secret key;                                              ///< signs anchors
    std::filesystem::path storage;                           ///< the database; segments and anchors stand beside it
    std::function<std::shared_ptr<paging::Carrier>()> mail;  ///< null: mail is not configured
    std::string message_domain;
    std::function<void()> committed;
  };
  explicit Keeping(Parts parts) : parts_(std::move(parts)) {}

  /// As Chore::run says: returns at once, and `done` comes from any thread, with an earlier turn when there is more.
  using Done = std::function<void(std::optional<Millis> again)>;
  void forget(Done done) const;
  void seal(Done done) const;
  void anchor(Done done) const;

 private:
  void send_away(std::string const& made, std::string const& to_mail, Done const& done, std::stop_token stop) const;
  [[nodiscard]] bool mail(std::string const& line, std::stop_token stop) const;

  Parts parts_;
  /// When the last anchor was made. On the writer's thread.
  std::shared_ptr<Instant> const anchored_ = std::make_shared<Instant>();
};

}  // namespace tocsin
