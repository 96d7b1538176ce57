// Says a thing once: posts it, edits it in place, looks for it where nobody knows whether it arrived.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bot/slack/saying.hpp"
#include "bot/slack/uploading.hpp"
#include "bot/slack/web_api.hpp"
#include "incidents/base/ports.hpp"
#include "incidents/store/writer.hpp"

namespace tocsin::slack {

/// Lives and is called on the io_context's thread.
class Posting {
 public:
  struct Parts {
    boost::asio::io_context& io;
    WebApi& api;
    Lane& lane;
    Clock const& clock;
    /// What is said where a file was given up.
    std::function<Rendered(std::string const& file, std::string const& error)> no_file;
  };
  using Done = std::function<void(Said const&)>;

  explicit Posting(Parts parts);
  ~Posting();
  Posting(Posting const&) = delete;
  Posting& operator=(Posting const&) = delete;

  /// While the same key is being said the newest waits, and those between are never seen.
  void say(Saying saying, Done done);
  /// To one person in a channel, who alone sees it until they reload. Not kept, not edited.
  void whisper(Where const& where, std::string const& user, Rendered const& content, Done done);
  /// Files of their own.
  void upload(Uploading::Files files);

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tocsin::slack
