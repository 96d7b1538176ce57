#include "bot/slack/parts.hpp"

#include <utility>

#include "bot/detail/json.hpp"

namespace tocsin::slack {
namespace {

using detail::Json;
using detail::list_at;
using detail::parsed;
using detail::text_at;
using detail::written;

/// What it looks like now without its colour: a few blocks under its key.
Json blocks_for(std::string const& key, Rendered const& content) {
  constexpr std::size_t kBlocks = 2;
  auto blocks = parsed(content.blocks);
  if (!blocks.is_array()) blocks = Json::array();
  auto const attachments = parsed(content.attachments);
  if (attachments.is_array()) {
    for (auto const& each : attachments) {
      for (auto const& block : list_at(each, "blocks")) blocks.push_back(block);
    }
  }
  while (blocks.size() > kBlocks) blocks.erase(blocks.size() - 1);
  for (std::size_t index = 0; index < blocks.size(); ++index)
    blocks[index]["block_id"] = index == 0 ? key : key + ":" + std::to_string(index);
  return blocks;
}

}  // namespace

std::string buttons_of(std::string const& key) { return key + ":buttons"; }

std::optional<Whole> with_part(std::string_view body, std::string const& key, Rendered const& content) {
  auto const answer = parsed(body);
  auto const& messages = list_at(answer, "messages");
  if (messages.empty()) return std::nullopt;
  bool placed = false;
  Json blocks = Json::array();
  for (auto const& block : list_at(messages.front(), "blocks")) {
    auto const id = text_at(block, "block_id");
    if (id != key && !id.starts_with(key + ":")) {
      blocks.push_back(block);
    } else if (!std::exchange(placed, true)) {
      for (auto& each : blocks_for(key, content)) blocks.push_back(std::move(each));
    }
  }
  return placed ? std::optional(Whole{text_at(messages.front(), "text"), written(blocks)}) : std::nullopt;
}

}  // namespace tocsin::slack
