// Files of an answer: put into a channel or thread one after the other, again where that may work later.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "bot/slack/saying.hpp"
#include "bot/slack/web_api.hpp"

namespace tocsin::slack {

/// Lives and is called on the io_context's thread.
class Uploading {
 public:
  Uploading(boost::asio::io_context& io, WebApi& api);
  ~Uploading();
  Uploading(Uploading const&) = delete;
  Uploading& operator=(Uploading const&) = delete;

  struct Files {
    Where where;
    std::vector<Upload> files;
    /// The first try failed, and others follow: nobody should wait for them. May be empty.
    std::function<void()> later{};
    /// All are there, or the rest is given up, `file` first; what nobody knows the outcome of is not sent twice.
    std::function<void(Said const&, std::string const& file)> over{};
  };
  void upload(Files files);

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tocsin::slack
