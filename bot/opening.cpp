#include "bot/opening.hpp"

#include <fstream>
#include <future>

#include "bot/load.hpp"
#include "config/secrets.hpp"
#include "incidents/duty.hpp"
#include "incidents/redaction.hpp"

namespace tocsin {
namespace {

constexpr std::string_view kDemoLog =
    "2026-11-23 03:09:58 INFO web: v2.8.1 starts\n"
    "2026-11-23 03:10:02 ERROR web: GET /health 502, backend does not answer\n";

Result<std::unique_ptr<BotClock>> clock_for(RunOptions const& options) {
  if (options.test_clock.empty()) return make_system_clock();
  if (!options.test_mode) return Error{Errc::invalid, "--test-clock works with --test-mode only"};
  auto clock = make_test_clock(options.test_clock);
  if (clock.has_error()) return Error{Errc::invalid, "--test-clock: " + clock.error().detail};
  return clock;
}

/// The demonstration brings what its commands work on.
void furnish_demo(Config const& config, std::filesystem::path const& workdir) {
  std::error_code ignored;
  for (auto const& set : config.data_sets) std::filesystem::create_directories(below(workdir, set.path), ignored);
  for (auto const& log : config.logs) {
    auto const path = below(workdir, log.path);
    std::filesystem::create_directories(path.parent_path(), ignored);
    if (!std::filesystem::exists(path)) std::ofstream(path) << kDemoLog;
  }
}

}  // namespace

Result<Opening> open_up(RunOptions const& options) {
  // What the rest of the start will ask for, beside the reading of the configuration: it is a fifth of it all.
  auto catalogue = std::async(std::launch::async, [] {
    static_cast<void>(known_zone("UTC"));
    static_cast<void>(newest_schema());
    return std::make_shared<Catalogue const>(Catalogue::shipped());
  });
  auto loaded = load_from(options.config);
  if (auto const* mistakes = std::get_if<std::vector<Mistake>>(&loaded)) {
    auto text = worded(*mistakes, *catalogue.get(), Locale::en);
    while (text.ends_with('\n')) text.pop_back();
    return Error{Errc::refused, std::move(text)};
  }
  auto& config = std::get<Config>(loaded);
  auto clock = clock_for(options);
  if (clock.has_error()) return clock.error();
  auto const workdir = std::filesystem::absolute(config.workdir);
  auto const storage = below(workdir, config.storage);
  std::error_code ignored;
  std::filesystem::create_directories(workdir, ignored);
  if (config.mode == Mode::demo) furnish_demo(config, workdir);
  std::filesystem::create_directories(storage.parent_path(), ignored);
  auto lock = StoreLock::take(storage);
  if (lock.has_error()) return lock.error();
  // Log and store outlive a configuration, so they ask for its redactor each time.
  auto redactor = std::make_shared<CurrentRedactor>(std::make_shared<Redactor const>(secrets_of(config)));
  redact_log(redactor);
  auto lifeboat = std::make_unique<Lifeboat>(Lifeboat::Parts{
      storage, **clock, [redactor](std::string_view text) { return redacted_for_store(text, *redactor->get()); }});
  auto database = lifeboat->board();
  if (database.has_error()) return database.error();
  return Opening{std::move(config),   catalogue.get(),     std::move(*clock),   workdir, storage, std::move(*lock),
                 std::move(redactor), std::move(lifeboat), std::move(*database)};
}

}  // namespace tocsin
