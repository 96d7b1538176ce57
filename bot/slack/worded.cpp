#include "bot/slack/worded.hpp"

#include "bot/slack/gesture.hpp"
#include "bot/slack/mrkdwn.hpp"

namespace tocsin::slack {
namespace {

constexpr std::size_t kTopic = 200;  // of 250 characters; entities take more

}  // namespace

Rendered worded_for_channel(Message const& message, Setup const& setup, Instant now, std::string const& bot,
                            IncidentId about, std::vector<std::string> const& calls) {
  Face face;
  face.calls = calls;
  face.bot = bot;
  face.about = about;
  return render(message, setup, setup.reader_of({}, now, Medium::chat), face);
}

Rendered worded_for_person(Message const& message, Setup const& setup, Instant now, PersonId const& person,
                           IncidentId about, std::string const& bot) {
  Face face;
  face.bot = bot;
  face.about = about;
  return render(message, setup, setup.reader_of(person, now, Medium::chat), face);
}

Message no_file(std::string const& file, std::string const& error) {
  return Message(Notice("slack.no_file").with("file", file).with("detail", error));
}

std::string topic_of(Message const& message, Setup const& setup, Instant now) {
  for (auto const& block : message.blocks) {
    auto const* said = std::get_if<Say>(&block);
    if (said == nullptr) continue;
    auto text =
        setup.redactor->redact(setup.catalogue->render(said->notice, setup.reader_of({}, now, Medium::subject)));
    // A topic mentions like any other text.
    return encoded(first_units(text.substr(0, text.find('\n')), kTopic));
  }
  return {};
}

}  // namespace tocsin::slack
