#include "bot/key.hpp"

#include <string>

#include "incidents/store/inbox.hpp"

namespace tocsin {
namespace {
constexpr char const* kKeyFact = "key";
constexpr std::size_t kNumbers = 4;  // of 64 bits each
}  // namespace

std::optional<Secret> stored_key(Database& database) {
  auto kept = store::fact(database, kKeyFact);
  if (!kept) return std::nullopt;
  return Secret(std::move(*kept));
}

Secret own_key(Lane& lane, Chance& chance) {
  Secret key;
  run_and_wait(lane, [&](Database& database, Instant now) {
    if (auto kept = stored_key(database)) {
      key = std::move(*kept);
      return;
    }
    std::string made;
    for (std::size_t i = 0; i < kNumbers; ++i) made += std::to_string(chance.bits()) + ".";
    store::put_fact(database, kKeyFact, made, now);
    key = Secret(std::move(made));
  });
  return key;
}

}  // namespace tocsin
