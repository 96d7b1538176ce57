// A group of its own for an incident, where the app may make one: a scene group of a template that brings a robot of
// its own. "scenegroup/create" of the older API.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bot/dingtalk/open_api.hpp"
#include "bot/platform.hpp"
#include "bot/setup.hpp"
#include "incidents/store/writer.hpp"

namespace tocsin::dingtalk {

/// Is it one that gets a group of its own? A private one does not: its words go to each of its people alone.
[[nodiscard]] bool wants_own_room(Incident const& incident, DingTalkOptions const& options);
/// What the group is called: at most twenty characters.
[[nodiscard]] std::string room_title(Incident const& incident);

/// Lives and is called on the io_context's thread.
class Rooms {
 public:
  struct Parts {
    boost::asio::io_context& io;
    OpenApi& api;
    Lane& lane;
    CurrentSetup setup;
    std::function<Moment()> now;
  };
  struct Place {
    std::string conversation;
    bool own = false;
    /// Why it has no group of its own although it should; not empty once for each incident.
    std::string refused{};
    /// Whoever should be in it and could not be invited; each is named once.
    std::vector<std::string> uninvited{};
  };

  explicit Rooms(Parts parts);
  ~Rooms();
  Rooms(Rooms const&) = delete;
  Rooms& operator=(Rooms const&) = delete;

  /// What is known of the groups of open incidents.
  void start();
  /// Where something about an incident is said that belongs into `origin`; made, if it should have a group and has
  /// none. What DingTalk can't do just now is tried again at the next occasion, and nobody waits for it.
  void place_for(Post const& post, std::string const& origin, std::function<void(Place)> found);
  /// The group is gone: from now on everything is said where the incident was opened.
  void lost(IncidentId incident);
  /// The code of the robot that speaks there.
  [[nodiscard]] std::string robot_in(std::string const& conversation) const;

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tocsin::dingtalk
