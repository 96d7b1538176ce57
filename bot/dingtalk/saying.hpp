// One thing to be said in DingTalk, and what became of it.
#pragma once

#include <string>
#include <string_view>

#include "bot/dingtalk/api.hpp"
#include "bot/dingtalk/render.hpp"

namespace tocsin::dingtalk {

/// A room as it is stored: a group by its openConversationId, one person's own conversation with the robot by `@` and
/// the staff id, for that is what it takes to speak there.
[[nodiscard]] inline std::string alone_with(std::string_view staff) { return "@" + std::string(staff); }
/// The staff id; empty for a group.
[[nodiscard]] inline std::string_view staff_of(std::string_view conversation) {
  return conversation.starts_with('@') ? conversation.substr(1) : std::string_view();
}

struct Saying {
  std::string conversation;
  std::string key;  ///< the same when it is tried again
  Rendered content;
  Urgency urgency = Urgency::normal;
  bool may_repeat = false;   ///< an earlier try may have arrived
  bool once = false;         ///< what was said under the key is not said again, however it reads by now
  bool recallable = false;   ///< by a way that gives it a name, by which it can be taken back
  bool only_change = false;  ///< of a card: one that does not stand there yet is not made
};

struct Said {
  enum class Kind : std::uint8_t {
    said,
    later,    ///< not now; may be tried again
    nowhere,  ///< the group or person is not there
    refused,  ///< never, as it stands
  } kind = Kind::said;
  std::string message{};  ///< its name (processQueryKey), if it has one
  std::string error{};    ///< as DingTalk names it
  bool perhaps = false;   ///< with `later`: it may have arrived all the same
  bool lasting = false;   ///< with `later`: only once an operator has acted
};

/// Nothing is to be gained by saying it again.
[[nodiscard]] inline bool is_over(Said const& said) { return said.kind != Said::Kind::later; }

[[nodiscard]] inline Said said_of(ApiFailure const& failure) {
  Said said;
  said.error = failure.needed.empty() ? failure.error : failure.error + " (" + failure.needed + ")";
  said.kind = failure.trouble == Trouble::gone                                           ? Said::Kind::nowhere
              : failure.trouble == Trouble::refused || failure.trouble == Trouble::scope ? Said::Kind::refused
                                                                                         : Said::Kind::later;
  said.perhaps = failure.trouble == Trouble::unknown;
  said.lasting = failure.trouble == Trouble::credential;
  return said;
}

}  // namespace tocsin::dingtalk
