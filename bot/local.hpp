// The built-in channel: one room that terminal and web share. Its newest messages are kept in memory and in the store,
// so that a page that comes back, even after a crash of the bot, finds each line once.
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
#include "incidents/store/writer.hpp"

namespace tocsin {

inline constexpr std::string_view kLocalPlatform = "local";
inline constexpr std::string_view kLocalRoom = "main";
/// The one room of this channel.
[[nodiscard]] inline Room local_room() { return {std::string(kLocalPlatform), std::string(kLocalRoom), ""}; }
inline constexpr std::size_t kKeptEntries = 1'000;
inline constexpr std::size_t kShownEntries = 200;  ///< to whoever comes without a past

/// One message of the room.
struct LocalEntry {
  std::int64_t id = 0;     ///< grows; an edit gets a new one, so that "since" finds it
  std::int64_t first = 0;  ///< the id of its first version: the order in which messages stand
  std::string key;         ///< the same for all versions of a message that is edited in place
  Instant at{};            ///< of its first version
  std::optional<Instant> edited_at;
  PersonId author;                                ///< empty: the bot
  std::string reply_to;                           ///< the envelope it answers
  std::optional<std::vector<PersonId>> audience;  ///< absent: everybody
  Message message;
  std::string typed;  ///< what the author typed, when it is not the bot
};

/// Belongs to the thread of the io_context.
class Local final : public Platform {
 public:
  Local(Clock const& clock, Lane& lane) : clock_(clock), lane_(lane) {}

  /// Brings back what was said before the last end. Waits for the store; before anything is said.
  void load(Chance& chance);

  std::string_view name() const override { return kLocalPlatform; }
  void post(Post const& post, std::function<void(bool)> done) override;
  bool reaches(PersonId const&) const override { return true; }

  /// Says something in the room; gives the entry its number. The same again under the same key is not said twice.
  /// `kept` is called once it would survive a crash, or could not be stored; on any thread.
  void say(LocalEntry entry, std::function<void(bool)> kept = {});

  using Listener = std::function<void(LocalEntry const&)>;
  /// Called for each new entry until the returned handle dies.
  [[nodiscard]] std::shared_ptr<void> listen(Listener listener);
  /// Which store the numbers belong to.
  [[nodiscard]] std::string const& log() const { return log_; }
  struct Past {
    bool reset = false;  ///< it can't be continued: whoever asks forgets what they have
    std::vector<LocalEntry> entries;
  };
  /// What `reader` may see of what came after `since` of `log`, in the order of the first versions; of an edited
  /// message its last version only. Without a past that can be continued: the newest kShownEntries.
  [[nodiscard]] Past since(std::int64_t since, std::string_view log, PersonId const& reader) const;

 private:
  void keep(LocalEntry const& entry, std::int64_t forget, std::function<void(bool)> kept);

  Clock const& clock_;
  Lane& lane_;
  std::string log_;
  std::int64_t forgotten_ = 0;  ///< the highest number that is kept no more
  std::int64_t next_ = 1;
  std::deque<LocalEntry> entries_;
  std::map<std::int64_t, Listener> listeners_;
  std::int64_t next_listener_ = 1;
};

[[nodiscard]] bool visible_to(LocalEntry const& entry, PersonId const& person);

}  // namespace tocsin
