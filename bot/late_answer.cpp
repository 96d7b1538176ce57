#include "bot/late_answer.hpp"

#include "incidents/store/inbox.hpp"

namespace tocsin {

namespace {
constexpr std::string_view kTo = "to";
}

void put_late_answer(Database& database, Instant now, Room room, PersonId alone, Message const& answer,
                     std::string const& to) {
  auto record = decode_notice(encode(answer));
  if (record.has_error()) return;
  record->with(std::string(kTo), to);
  store::put_outbox(database, {{}, now, {}, std::move(room), std::move(alone), *record, now, 0});
}

std::string answer_key(std::string const& to) { return "answer:" + to; }

std::string answer_key(Notice const& stored) {
  auto const* to = stored.find(kTo);
  auto const* text = to == nullptr ? nullptr : std::get_if<std::string>(to);
  return text == nullptr || text->empty() ? std::string() : answer_key(*text);
}

Message too_late(std::string const& line, Instant sent, Instant now) {
  auto const age = now - sent;
  Message message(Notice("refused.too_late").with("what", line).with("at", sent).with("ago", age).with("age", age));
  Buttons buttons;
  buttons.buttons.push_back({Button::Style::plain, Notice("button.again"), line});
  message.blocks.emplace_back(std::move(buttons));
  message.choices.push_back(line);
  return message;
}

}  // namespace tocsin
