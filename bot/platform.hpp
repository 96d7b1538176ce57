// What the bot asks of a chat platform when it speaks first: post, edit in place, tell one person.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "commands/message.hpp"
#include "incidents/incident.hpp"

namespace tocsin {

/// A page that needs no answer any more: what it then says, in place of its buttons.
struct SettledPage {
  PersonId person;
  std::string channel;  ///< "slack": by which it was delivered
  std::string contact;  ///< in the channel's own form
  std::string key;      ///< as `page_key` gives it
  Message message;
};

/// What a platform that makes rooms for incidents goes by.
struct About {
  Incident incident;
  std::vector<PersonId> people;  ///< with its card: whoever opened it, has it, was paged for it or helps
};

/// One thing to say, made from an outbox row.
struct Post {
  OutboxId id;
  std::int32_t lending = 0;  ///< of its row
  IncidentId incident;
  Room room;                                      ///< unless `person` is set
  PersonId person;                                ///< this person only
  std::optional<std::vector<PersonId>> audience;  ///< of a private incident; absent: everybody in the room
  std::string key;                                ///< not empty: takes the place of what was posted under the same key
  Message message;                                ///< empty: there is nothing to say but `settled`
  std::vector<SettledPage> settled;
  bool may_repeat = false;  ///< an earlier try may have been said
  bool answer = false;      ///< to what somebody asked, in the room where it was asked
  PersonId asker{};         ///< who did; for an answer that the room can't be told
  /// It answers what a crash cut off: the thread in which everybody saw how far that was; empty: in the room.
  std::optional<std::string> progress_thread{};
  std::optional<About> about;  ///< if it is about an incident
};

/// Belongs to the thread of the io_context; called there, answers on any thread.
class Platform {
 public:
  virtual ~Platform() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// `done(true)` once the platform has it; `done(false)` to have it tried again later.
  virtual void post(Post const& post, std::function<void(bool)> done) = 0;
  /// Takes the buttons away from what the post names as settled. What else it says may have to wait; this does not.
  virtual void settle(Post const&) {}
  /// Does it tell of this, too, although it is said in a room of another platform?
  [[nodiscard]] virtual bool also_tells(Post const&) const { return false; }
  /// Can this platform reach the person quietly?
  [[nodiscard]] virtual bool reaches(PersonId const& person) const = 0;
};

}  // namespace tocsin
