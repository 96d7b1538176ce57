#include "bot/dingtalk/rooms.hpp"

#include <doctest/doctest.h>

#include "bot/chat/words.hpp"

using namespace tocsin;
using namespace tocsin::dingtalk;

TEST_CASE("which incidents get a group of their own") {
  DingTalkOptions options;
  Incident incident;
  incident.severity = Severity::p0;
  CHECK_FALSE(wants_own_room(incident, options));
  options.room_template = "5ce9e000";
  CHECK(wants_own_room(incident, options));
  incident.severity = Severity::p1;
  CHECK(wants_own_room(incident, options));
  incident.severity = Severity::p2;
  CHECK_FALSE(wants_own_room(incident, options));
  options.own_room = OwnChannel::p3;
  CHECK(wants_own_room(incident, options));
  options.own_room = OwnChannel::never;
  CHECK_FALSE(wants_own_room(incident, options));
  options.own_room = OwnChannel::p3;
  for (auto const change : {+[](Incident& it) { it.drill = true; }, +[](Incident& it) { it.hidden = true; },
                            +[](Incident& it) { it.status = Status::closed; }}) {
    auto other = incident;
    change(other);
    CHECK_FALSE(wants_own_room(other, options));
  }
}

TEST_CASE("a group's name is never longer than DingTalk takes, and says which incident it is") {
  Incident incident;
  incident.id = IncidentId{12};
  incident.severity = Severity::p0;
  incident.title = "网站无法访问,所有地区的用户都打不开首页";
  auto const title = room_title(incident);
  CHECK(title.starts_with("INC-12 P0 网站"));
  CHECK(chat::characters(title) <= 20);
}
