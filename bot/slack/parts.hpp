// Several things that stand in one message, each known by the `block_id` of its block.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bot/slack/render.hpp"

namespace tocsin::slack {

/// The `block_id` of the buttons that belong to the block of `key`.
[[nodiscard]] std::string buttons_of(std::string const& key);

struct Whole {
  std::string text;
  std::string blocks;  ///< a JSON array
};

/// The only message in an answer of `conversations.history`, the blocks of `key` and its buttons taken out and
/// `content` in their place, without its colour. Nothing: no such block is there.
[[nodiscard]] std::optional<Whole> with_part(std::string_view body, std::string const& key, Rendered const& content);

}  // namespace tocsin::slack
