// DingTalk as one of the platforms: joins its streams, its APIs and the dispatcher.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "bot/acquaintances.hpp"
#include "bot/chat_facts.hpp"
#include "bot/clock.hpp"
#include "bot/dispatcher.hpp"
#include "bot/platform.hpp"
#include "integrations/paging/carrier.hpp"

namespace boost::asio {
class io_context;
}

namespace tocsin::dingtalk {

/// Belongs to the thread of the io_context.
class DingTalk final : public Platform {
 public:
  struct Parts {
    boost::asio::io_context& io;
    Lane& lane;
    BotClock const& clock;
    Chance& chance;
    Dispatcher& dispatcher;
    CurrentSetup setup;  ///< of which `chat.dingtalk` is set
    std::filesystem::path workdir;
    std::function<std::optional<std::string>(std::string const&)> environment;
    /// The connection got worse or well again: to be told wherever DingTalk is not.
    std::function<void(Notice const&, bool hurt)> tell;
    Acquaintances known;  ///< from an earlier life; the setup names them
    /// Who people are there whom the configuration does not name: from now on the setup does.
    std::function<void(Acquaintances const&)> learned;
  };

  explicit DingTalk(Parts parts);
  ~DingTalk() override;

  void start();
  /// The configuration may name others now.
  void look_again();
  /// Closes what is open, politely but not for long; then `done`.
  void stop(std::function<void()> done);

  std::string_view name() const override { return "dingtalk"; }
  void post(Post const& post, std::function<void(bool)> done) override;
  void settle(Post const& post) override;
  bool reaches(PersonId const& person) const override;
  bool also_tells(Post const& post) const override;

  /// Pages by DING. Any thread may hold it, longer than this lives.
  [[nodiscard]] std::shared_ptr<paging::Carrier> carrier() const;
  /// Pages by work notification; null: no agent is configured.
  [[nodiscard]] std::shared_ptr<paging::Carrier> work_carrier() const;

  [[nodiscard]] ChatFacts facts() const;
  /// What is typed there arrives.
  [[nodiscard]] bool hears() const;

 private:
  class Body;
  std::shared_ptr<Body> body_;
};

}  // namespace tocsin::dingtalk
