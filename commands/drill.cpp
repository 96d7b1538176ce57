#include "commands/drill.hpp"

#include <algorithm>

#include "commands/card.hpp"
#include "incidents/decision.hpp"
#include "incidents/drill.hpp"

namespace tocsin {
namespace {

/// A clock that was neither answered nor lapsed when the drill ended has no verdict.
Notice verdict(TargetClock const& clock, Pauses pauses, Instant until) {
  auto const state = state_at(clock, pauses, until);
  if (state == ClockState::met || state == ClockState::lapsed) return clock_words(clock, pauses, until);
  return Notice("drill.unfinished").with("elapsed", elapsed(clock, pauses, until)).with("limit", clock.target);
}

/// A page without deliveries was folded into another one of the same moment; what was called off before its first try
/// reached nobody and was not meant to.
bool counts(store::Page const& page) {
  return std::any_of(page.deliveries.begin(), page.deliveries.end(),
                     [](Delivery const& each) { return each.tries > 0; });
}

bool arrived(store::Page const& page) {
  return std::any_of(page.deliveries.begin(), page.deliveries.end(),
                     [](Delivery const& each) { return each.state == DeliveryState::accepted; });
}

std::vector<Notice> channels_of(store::Page const& page) {
  std::vector<Notice> items;
  for (auto const& each : page.deliveries) {
    if (each.tries == 0) continue;
    items.push_back(Notice("drill.channel")
                        .with("channel", one(Notice("channel." + each.channel)))
                        .with("state", one(Notice("delivery." + std::string(name_of(each.state))))));
  }
  return items;
}

Table table_of(Incident const& drill, std::vector<store::Page> const& pages) {
  Table table;
  table.heads = {Notice("head.after"), Notice("head.who"), Notice("head.channel"), Notice("head.state")};
  for (auto const& page : pages) {
    if (!counts(page)) continue;
    auto const after = std::max(Millis{0}, page.due - drill.opened_at);
    bool const taken = page.state == PageState::acknowledged;
    table.rows.push_back({{one(Notice("drill.after").with("after", after)), page.person, channels_of(page),
                           one(Notice("page_state." + std::string(name_of(page.state))))},
                          taken           ? Verdict::good
                          : arrived(page) ? Verdict::none
                                          : Verdict::bad});
  }
  return table;
}

std::vector<Notice> missed(Incident const& drill, std::vector<store::Page> const& pages, Instant until) {
  std::vector<Notice> items;
  auto const pauses = pauses_of(drill);
  if (state_at(drill.response, pauses, until) == ClockState::lapsed)
    items.push_back(Notice("drill.missed_response").with("limit", drill.response.target));
  if (state_at(drill.recovery, pauses, until) == ClockState::lapsed)
    items.push_back(Notice("drill.missed_recovery").with("limit", drill.recovery.target));
  auto const lost =
      std::count_if(pages.begin(), pages.end(), [](store::Page const& page) { return counts(page) && !arrived(page); });
  if (lost > 0) items.push_back(Notice("drill.missed_pages").with("count", static_cast<std::int64_t>(lost)));
  return items;
}

}  // namespace

Message drill_report(Incident const& drill, std::vector<store::Page> const& pages, Instant now) {
  auto const pauses = pauses_of(drill);
  auto const until = drill.resolved_at.value_or(now);
  auto head = deciding::about(kDrillReportKey, drill)
                  .with("speed", std::int64_t{drill.drill_speed})
                  .with("started", drill.opened_at)
                  .with("response", one(verdict(drill.response, pauses, until)))
                  .with("recovery", one(verdict(drill.recovery, pauses, until)))
                  .with("pages", static_cast<std::int64_t>(std::count_if(pages.begin(), pages.end(), counts)))
                  .with("missed", missed(drill, pages, until));
  if (drill.resolved_at) head.with("ended", *drill.resolved_at);
  if (drill.response.met_at) head.with("who", drill.acknowledged_by);
  Message message(std::move(head));
  auto table = table_of(drill, pages);
  if (!table.rows.empty()) message.blocks.emplace_back(std::move(table));
  return message;
}

std::string drill_report_key(IncidentId id) { return "drill:INC-" + std::to_string(id.value); }

}  // namespace tocsin
