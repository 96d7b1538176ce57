// Who somebody is in Slack: by the configuration, else by the e-mail address; with a cache.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bot/setup.hpp"
#include "bot/slack/web_api.hpp"

namespace tocsin::slack {

/// Lives and is called on the io_context's thread.
class People {
 public:
  struct Parts {
    WebApi& api;
    CurrentSetup setup;
    std::function<Moment()> now;
  };
  using Found = std::function<void(std::string)>;

  explicit People(Parts parts);
  ~People();
  People(People const&) = delete;
  People& operator=(People const&) = delete;

  /// The member id of a person; empty: there is none, or it could not be asked for. May call from inside.
  void id_of(PersonId const& person, Found found);
  void ids_of(std::vector<PersonId> const& people, std::function<void(std::vector<std::string>)> found);
  /// Who is in user groups, by their handles; of one that is not there nobody, and the log says so.
  void members_of(std::vector<std::string> const& groups, std::function<void(std::vector<std::string>)> found);
  /// The conversation with one member alone; empty with why if there is none.
  /// `urgency` and `deadline` are those of the call that it takes the first time.
  void direct(std::string const& user, std::function<void(std::string channel, ApiFailure const& failure)> found,
              Urgency urgency = Urgency::normal, Millis deadline = Call{}.deadline);

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tocsin::slack
