// The built-in channel: one room that terminal and web share, kept in memory. What matters is in the store; this is the
// conversation around it.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bot/platform.hpp"
#include "incidents/base/ports.hpp"

namespace tocsin {

inline constexpr std::string_view kLocalPlatform = "local";
inline constexpr std::string_view kLocalRoom = "main";
inline constexpr std::size_t kKeptEntries = 1'000;

/// One message of the room.
struct LocalEntry {
  std::int64_t id = 0;                            ///< grows; an edit gets a new one, so that "since" finds it
  std::string key;                                ///< the same for all versions of a message that is edited in place
  Instant at{};                                   ///< of its first version
  PersonId author;                                ///< empty: the bot
  std::string reply_to;                           ///< the envelope it answers
  std::optional<std::vector<PersonId>> audience;  ///< absent: everybody
  Message message;
  std::string typed;  ///< what the author typed, when it is not the bot
};

/// Belongs to the thread of the io_context.
class Local final : public Platform {
 public:
  explicit Local(Clock const& clock) : clock_(clock) {}

  std::string_view name() const override { return kLocalPlatform; }
  void post(Post const& post, std::function<void(bool)> done) override;
  bool reaches(PersonId const&) const override { return true; }

  /// Says something in the room; gives the entry its number.
  void say(LocalEntry entry);

  using Listener = std::function<void(LocalEntry const&)>;
  /// Called for each new entry until the returned handle dies.
  [[nodiscard]] std::shared_ptr<void> listen(Listener listener);
  /// What came after `since`, oldest first; of an edited message its last version only.
  [[nodiscard]] std::vector<LocalEntry> since(std::int64_t since) const;

 private:
  Clock const& clock_;
  std::int64_t next_ = 1;
  std::deque<LocalEntry> entries_;
  std::map<std::int64_t, Listener> listeners_;
  std::int64_t next_listener_ = 1;
};

[[nodiscard]] bool visible_to(LocalEntry const& entry, PersonId const& person);

}  // namespace tocsin
