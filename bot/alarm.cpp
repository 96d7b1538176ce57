#include "bot/alarm.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace tocsin {
namespace {

std::vector<PersonId> to_be_told(Desk const& desk, Setup const& setup) {
  auto people = DeskRoster(desk).holders({Recipient::Kind::role, "duty"}, desk.now);
  for (auto const& person : setup.config.people) {
    bool const known = std::find(people.begin(), people.end(), person.id) != people.end();
    if (person.role == Role::admin && !known) people.push_back(person.id);
  }
  return people;
}

Directory directory_without(std::string const& channel, Directory directory) {
  directory.channels = [channel, all = std::move(directory.channels)](PersonId const& person, Severity severity,
                                                                      Instant at) {
    auto others = all(person, severity, at);
    std::erase_if(others, [&channel](auto const& each) { return each.first == channel; });
    return others.empty() ? all(person, severity, at) : others;
  };
  return directory;
}

}  // namespace

void Alarm::say(Notice const& notice, std::string key) const {
  boost::asio::post(parts_.io, [this, notice, key = std::move(key)] {
    LocalEntry entry;
    entry.key = key;
    entry.message = Message(notice);
    parts_.local.say(std::move(entry));
  });
}

void Alarm::page(Notice const& notice, std::int32_t step, std::int32_t occurrence, std::string const& without) const {
  auto const setup = parts_.setup();
  parts_.lane.submit(
      [setup, notice, step, occurrence, without](Database& database, Instant now) {
        auto const directory = directory_without(without, setup->directory);
        Desk const desk{database, directory, now};
        // Of no incident, by the channels of the most severe one.
        Incident circumstances;
        circumstances.severity = Severity::p0;
        for (auto const& person : to_be_told(desk, *setup))
          order_page(desk, circumstances, {step, occurrence, person, notice, desk.now, false});
      },
      [committed = parts_.committed](std::exception_ptr error) {
        if (!error) committed();
      });
}

}  // namespace tocsin
