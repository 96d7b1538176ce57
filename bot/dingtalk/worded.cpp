#include "bot/dingtalk/worded.hpp"

namespace tocsin::dingtalk {

Rendered worded_for_group(Message const& message, Setup const& setup, Instant now, std::string const& bot,
                          IncidentId about, std::vector<std::string> const& calls) {
  Face face;
  face.bot = bot;
  face.about = about;
  face.calls = calls;
  return render(message, setup, setup.reader_of({}, now, Medium::chat), face);
}

Rendered worded_for_person(Message const& message, Setup const& setup, Instant now, PersonId const& person,
                           IncidentId about) {
  Face face;
  face.group = false;
  face.about = about;
  return render(message, setup, setup.reader_of(person, now, Medium::chat), face);
}

}  // namespace tocsin::dingtalk
