#include "commands/lapse.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "incidents/advance.hpp"

namespace tocsin {
namespace {

/// What a message has room for.
constexpr std::size_t kPeople = 2;
constexpr std::size_t kCalls = 2;
constexpr std::size_t kChannels = 2;

Notice facts_of(store::Page const& page) {
  std::vector<Notice> facts;
  for (auto const& delivery : page.deliveries) {
    if (delivery.tries == 0) continue;
    facts.push_back(Notice("delivery." + std::string(name_of(delivery.state)))
                        .with("channel", std::vector{Notice("channel." + delivery.channel)})
                        .with("at", page.first_tried.value_or(page.created)));
  }
  if (facts.empty()) facts.push_back(Notice("delivery.waiting"));
  return Notice("delivery.person").with("who", page.person).with("facts", std::move(facts));
}

/// The newest page of each person speaks.
std::vector<Notice> deliveries_before(std::vector<store::Page> const& pages, Incident const& incident, Instant lapsed) {
  std::vector<PersonId> told;
  std::vector<Notice> people;
  for (auto page = pages.rbegin(); page != pages.rend() && people.size() < kPeople; ++page) {
    // Those of the lapse itself are among whom it calls.
    if (page->arming != incident.arming || page->deliveries.empty() || page->created >= lapsed) continue;
    if (std::find(told.begin(), told.end(), page->person) != told.end()) continue;
    told.push_back(page->person);
    people.push_back(facts_of(*page));
  }
  return people;
}

/// `called`: the list of people in the announcement, if it calls any.
std::vector<Notice> chain_after(Arg const* called, Desk const& desk, Incident const& incident) {
  std::vector<Notice> chain;
  if (auto const* list = called == nullptr ? nullptr : std::get_if<std::vector<Notice>>(called)) {
    for (auto const& item : *list) {
      auto const* who = item.find("who");
      if (who == nullptr || !desk.directory.channels) continue;
      std::vector<Notice> channels;
      for (auto const& [channel, contact] :
           desk.directory.channels(std::get<PersonId>(*who), incident.severity, desk.now)) {
        if (channels.size() < kChannels) channels.push_back(Notice("channel." + channel));
      }
      if (!channels.empty() && chain.size() < kCalls)
        chain.push_back(Notice("chain.calling").with("who", *who).with("channels", std::move(channels)));
    }
  }
  for (auto const& step : coming_steps(incident, DeskRoster(desk), desk.now)) {
    if (chain.size() > kCalls || step.people.empty()) continue;
    chain.push_back(Notice("chain.next").with("at", step.at).with("who", step.people.front()));
  }
  return chain;
}

}  // namespace

bool announces_lapse(Notice const& announcement) { return announcement.key.starts_with("lapse."); }

void tell_circumstances(Notice& announcement, Desk const& desk, Incident const& incident,
                        std::vector<store::Page> const& pages, Instant lapsed) {
  auto people = deliveries_before(pages, incident, lapsed);
  auto chain = chain_after(announcement.find("next"), desk, incident);
  if (!people.empty()) announcement.with("delivery", std::move(people));
  if (!chain.empty()) announcement.with("chain", std::move(chain));
}

}  // namespace tocsin
