// Who people are in DingTalk whom the configuration names only by their telephone, or only by their department. What
// was found is kept, so that no page and no restart waits for a look-up.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bot/acquaintances.hpp"
#include "bot/dingtalk/open_api.hpp"
#include "bot/setup.hpp"
#include "incidents/store/writer.hpp"

namespace tocsin::dingtalk {

/// Somebody of the organization.
struct Member {
  std::string staff;
  std::string name;    ///< one line, without marks
  std::string mobile;  ///< empty: the app may not read it
  std::vector<std::string> departments;
};

/// Of `user/get`; nothing: nobody.
[[nodiscard]] std::optional<Member> member_of(std::string_view body);
/// As DingTalk writes a number of the configuration: one of China without its +86.
[[nodiscard]] std::string mobile_of(std::string_view phone);

/// Lives and is called on the io_context's thread.
class DingDirectory {
 public:
  struct Parts {
    boost::asio::io_context& io;
    OpenApi& api;
    Lane& lane;
    CurrentSetup setup;
    std::function<Moment()> now;
    Acquaintances known;  ///< from an earlier life
    /// Something else is known: from now on the setup names them so.
    std::function<void(Acquaintances const&)> learned;
  };

  explicit DingDirectory(Parts parts);
  ~DingDirectory();
  DingDirectory(DingDirectory const&) = delete;
  DingDirectory& operator=(DingDirectory const&) = delete;

  /// Whoever has a telephone only is asked for, and whoever is known by department once more: now and every so often.
  void start();
  /// The configuration may name others now.
  void look_again();
  /// Once it is known who `staff` is, or that nobody knows; at once for those the setup names. May call from inside.
  void meet(std::string const& staff, std::function<void()> then);
  /// The staff id behind a union id; empty: there is none in this organization. Nothing: it could not be asked for.
  void staff_of_union(std::string const& union_id, std::function<void(std::optional<std::string>)> found);

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tocsin::dingtalk
