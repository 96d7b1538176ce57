// What was sent for a page and is taken back once nobody need answer it: from the page to DingTalk's own name for it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bot/platform.hpp"
#include "incidents/store/writer.hpp"

namespace boost::asio {
class io_context;
}

namespace tocsin::dingtalk {

/// Lives and is called on the io_context's thread.
class Recalls {
 public:
  struct Parts {
    boost::asio::io_context& io;
    Lane& lane;
    std::string channel;  ///< of the pages
    std::string shelf;    ///< where the rows of `posted` have a conversation
    /// `over(false)`: not yet.
    std::function<void(std::string const& name, std::function<void(bool)> over)> take_back;
  };

  explicit Recalls(Parts parts);
  ~Recalls();
  Recalls(Recalls const&) = delete;
  Recalls& operator=(Recalls const&) = delete;

  /// `key` as SettledPage has it, `name` as DingTalk. What was settled meanwhile is taken back at once.
  void keep(std::string const& key, std::string const& name);
  /// `done(false)`: not all of them yet.
  void recall(std::vector<SettledPage> const& pages, std::function<void(bool)> done);

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tocsin::dingtalk
