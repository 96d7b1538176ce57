// What the tests of Slack's words share: the demonstration's setup, and samples for the fake's own judgement.
#pragma once

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "bot/slack/render.hpp"
#include "tests/bot/stage.hpp"

namespace tocsin::test {

inline Setup const& demo_setup() {
  static Setup const kSetup(shipped_config("demo.yaml"), std::make_shared<Catalogue const>(Catalogue::shipped()));
  return kSetup;
}

inline Reader demo_reader(Locale locale) {
  auto reader = demo_setup().reader_of({}, from_millis(1'795'403'400'000), Medium::chat);
  reader.locale = locale;
  return reader;
}

/// A line in the file that TOCSIN_SLACK_SAMPLES names, if it names one: the fake judges it by rules of its own.
inline void keep_sample(nlohmann::json const& sample) {
  if (auto const* file = std::getenv("TOCSIN_SLACK_SAMPLES"))
    std::ofstream(file, std::ios::app) << sample.dump() << '\n';
}

inline void keep_message(slack::Rendered const& message) {
  keep_sample({{"message",
                {{"text", message.text},
                 {"blocks", nlohmann::json::parse(message.blocks)},
                 {"attachments", nlohmann::json::parse(message.attachments)}}}});
}

inline void keep_view(std::string const& view) { keep_sample({{"view", nlohmann::json::parse(view)}}); }

}  // namespace tocsin::test
