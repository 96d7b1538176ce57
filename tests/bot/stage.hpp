// A whole bot above the sockets for tests: real store and dispatcher, a clock that stands still until it is moved.
#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <string>

#include "bot/backups.hpp"
#include "bot/dispatcher.hpp"
#include "bot/setup.hpp"
#include "bot/workers.hpp"
#include "config/loader.hpp"
#include "incidents/store/sqlite.hpp"
#include "incidents/store/writer.hpp"

namespace tocsin::test {

class MovableClock final : public Clock {
 public:
  Instant now() const override { return from_millis(now_.load()); }
  void move(Millis by) { now_ += by.count(); }

 private:
  std::atomic<std::int64_t> now_{1'795'403'400'000};  // 2026-11-23T03:10:00Z
};

/// A configuration text with every key it needs; fails the test if it has mistakes.
[[nodiscard]] Config config_of(std::string const& yaml);
/// One of the shipped files.
[[nodiscard]] Config shipped_config(std::string const& name);

class Stage {
 public:
  explicit Stage(Config config);
  ~Stage();

  /// Types a line as an account of a platform; waits for the final answer.
  Reply say(std::string const& platform, std::string const& account, std::string const& text, std::string id = {});
  /// The same with more said about the message; what is left empty is filled in.
  Reply send(std::string const& platform, std::string const& account, Inbound inbound);
  /// As a web account.
  Reply say(std::string const& account, std::string const& text) { return say("web", account, text); }
  /// The answer's first notice.
  static Notice first(Reply const& reply);
  static std::string key(Reply const& reply) { return first(reply).key; }
  /// The answer in words, in the person's language.
  std::string worded(Reply const& reply) const;

  /// Waits until `settled` holds, asked anew after each commit of something that takes time.
  void wait_until(std::function<bool(Database&)> const& settled);

  /// Another configuration from now on: changed on the writer's thread, which reads it too.
  void use(Config config);
  /// Runs in a unit of work.
  void unit(std::function<void(Database&, Instant)> const& body);

  std::filesystem::path folder;
  MovableClock clock;
  std::shared_ptr<Setup const> setup;
  std::unique_ptr<Writer> writer;
  std::unique_ptr<Workers> workers;
  std::unique_ptr<FolderBackups> backups;
  Tools tools;
  std::unique_ptr<Dispatcher> dispatcher;

 private:
  void committed();

  std::atomic<int> next_id_{1};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::int64_t commits_ = 0;
};

}  // namespace tocsin::test
