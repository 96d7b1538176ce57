// How pages travel: channels in turn, retries, the next person, what an answer stops.
#include <algorithm>

#include "tests/simulation/model.hpp"

namespace tocsin::simulation {
namespace {

using State = ModelDelivery::State;

constexpr Time kTurn = 10 * kSecond;
constexpr Time kFirstRetry = 2 * kSecond;
constexpr Time kLastRetry = 5 * kMinute;
constexpr Time kLongestWait = kHour;
constexpr int kMostTries = 40;

/// Nobody wakes up by what lies in the inbox, unless it is all they have.
bool heard(ModelPage const& page, ModelDelivery const& delivery) {
  return delivery.state == State::accepted && (page.deliveries.size() == 1 || delivery.channel != "inbox");
}

bool accepted(ModelPage const& page) {
  return std::any_of(page.deliveries.begin(), page.deliveries.end(),
                     [&](auto const& each) { return heard(page, each); });
}

bool hopeless(ModelPage const& page) {
  return std::all_of(page.deliveries.begin(), page.deliveries.end(), [&](auto const& each) {
    return each.state != State::waiting && each.state != State::sending && !heard(page, each);
  });
}

/// When the next person is called if nothing was accepted by then.
std::optional<Time> patience(ModelPage const& page) {
  if (page.handed_over || !page.first_tried || accepted(page)) return std::nullopt;
  return *page.first_tried + kTurn * static_cast<Time>(page.deliveries.size());
}

std::optional<Time> due_of(ModelPage const& page) {
  if (page.ended) return std::nullopt;
  auto due = patience(page);
  if (page.give_up && (!due || *page.give_up < *due)) due = page.give_up;
  for (auto const& each : page.deliveries) {
    if (each.next && (!due || *each.next < *due)) due = each.next;
  }
  return due;
}

void next_channel(ModelPage& page, std::size_t after, Time now) {
  for (std::size_t i = after + 1; i < page.deliveries.size(); ++i) {
    auto& next = page.deliveries[i];
    if (next.state != State::waiting) continue;
    if (next.tries == 0 && next.next) next.next = std::min(*next.next, now);
    return;
  }
}

Time wait_after(int tries, Time asked, double jitter) {
  Time wait = kFirstRetry;
  for (int i = 1; i < tries; ++i) wait = std::min(2 * wait, 2 * kLastRetry);
  wait = std::min(wait, kLastRetry);
  wait += static_cast<Time>(static_cast<double>(wait) * 0.25 * jitter);
  return std::max(wait, std::min(asked, kLongestWait));
}

bool belongs_to_course(ModelPage const& page) { return page.step < kApproval; }

}  // namespace

void Model::page(ModelIncident const& it, int step, std::string const& person, Time due, Time now) {
  ModelPage page;
  page.incident = it.id;
  page.calls = it.calls;
  page.step = step;
  page.person = person;
  page.due = due;
  page.created = now;
  Time turn = now;
  for (auto const& channel : house().channels.at(person)) {
    page.deliveries.push_back({State::waiting, channel, 0, turn, false});
    turn += kTurn;
  }
  pages.push_back(std::move(page));
}

/// Whoever answers has heard; for the others nothing more is sent.
void Model::stand_down(ModelIncident const& it, std::string const& by, Time now) {
  for (auto& page : pages) {
    if (page.incident != it.id || !belongs_to_course(page)) continue;
    if (page.person == by && page.fate < PageFate::acknowledged) {
      page.fate = PageFate::acknowledged;
      page.ended = now;
    }
    if (page.fate < PageFate::accepted) {
      page.fate = PageFate::superseded;
      page.ended = now;
    }
    for (auto& each : page.deliveries) {
      if (each.state != State::waiting) continue;
      each.state = State::skipped;
      each.next.reset();
    }
  }
}

void Model::want_again(ModelIncident const& it, Time stopped, Time now) {
  for (auto& page : pages) {
    if (page.incident != it.id || page.fate != PageFate::superseded || page.ended != stopped || page.folded) continue;
    if (accepted(page)) {
      page.fate = PageFate::accepted;
      continue;
    }
    Time turn = now;
    for (auto& each : page.deliveries) {
      if (each.state != State::skipped) continue;
      each.state = State::waiting;
      each.next = turn;
      turn += kTurn;
    }
    page.ended.reset();
    page.first_tried.reset();
    // What failed while nobody wanted it is given up now: the next person must know.
    if (hopeless(page) && !page.handed_over) {
      page.fate = PageFate::failed;
      page.give_up = now;
    } else {
      settle(page, now);
    }
  }
}

void Model::settle(ModelPage& page, Time now) {
  if (page.ended) {
    for (auto& each : page.deliveries) each.next.reset();
    return;
  }
  page.fate = PageFate::queued;
  for (auto const& each : page.deliveries) {
    if (each.state == State::sending) page.fate = PageFate::sending;
  }
  if (hopeless(page)) page.fate = PageFate::failed;
  if (accepted(page)) page.fate = PageFate::accepted;
  if (page.fate == PageFate::failed || page.fate == PageFate::accepted) page.ended = now;
}

/// The first one up the chain who has not been called yet, then the backups.
void Model::hand_over(std::size_t index, Time now) {
  pages[index].handed_over = true;
  auto* it = find(pages[index].incident);
  if (it == nullptr || it->over()) return;
  Names candidates;
  for (auto const step : steps_to_come(*it, now)) {
    auto const people = people_of(it->chain.steps[step].roles, *coming(*it, step));
    candidates.insert(candidates.end(), people.begin(), people.end());
  }
  candidates.insert(candidates.end(), house().backups.begin(), house().backups.end());
  for (auto const& person : candidates) {
    bool const called = std::any_of(pages.begin(), pages.end(), [&](ModelPage const& each) {
      return each.incident == it->id && each.calls == it->calls && each.person == person;
    });
    if (!called) return page(*it, kManual, person, now, now);
  }
}

std::vector<ModelJob> Model::look(Time now) {
  for (auto& it : incidents) let_time_act(it, now);
  std::vector<std::pair<std::pair<Time, std::int64_t>, std::size_t>> due;
  for (std::size_t i = 0; i < pages.size(); ++i) {
    auto const at = due_of(pages[i]);
    if (at && *at <= now) due.push_back({{*at, pages[i].id}, i});
  }
  std::sort(due.begin(), due.end());
  std::vector<ModelJob> jobs;
  for (auto const& each : due) {
    auto const index = each.second;
    auto const patient = patience(pages[index]);
    if ((patient && *patient <= now) || pages[index].give_up) hand_over(index, now);
    auto& page = pages[index];
    page.give_up.reset();
    for (std::size_t position = 0; position < page.deliveries.size(); ++position) {
      auto& delivery = page.deliveries[position];
      if (delivery.state != State::waiting || !delivery.next || *delivery.next > now) continue;
      delivery.state = State::sending;
      delivery.next.reset();
      ++delivery.tries;
      if (!page.first_tried) page.first_tried = now;
      jobs.push_back({index, position, delivery.tries, delivery.may_repeat});
    }
    settle(page, now);
  }
  return jobs;
}

void Model::report(std::size_t index, std::size_t position, Result result, Time retry_after, double jitter, Time now) {
  auto& page = pages[index];
  auto& delivery = page.deliveries[position];
  if (delivery.state != State::sending) return;
  bool const wanted = !page.ended;
  switch (result) {
    case Result::accepted:
      delivery.state = State::accepted;
      if (!heard(page, delivery)) break;
      for (auto& other : page.deliveries) {
        if (other.state != State::waiting) continue;
        other.state = State::skipped;
        other.next.reset();
      }
      break;
    case Result::rejected:
    case Result::misconfigured:
      delivery.state = State::failed;
      next_channel(page, position, now);
      break;
    case Result::unknown:
    case Result::retry_later:
      if (result == Result::unknown) delivery.may_repeat = true;
      if (accepted(page) || !wanted) {
        delivery.state = State::skipped;
      } else if (delivery.tries >= kMostTries) {
        delivery.state = State::failed;
        next_channel(page, position, now);
      } else {
        delivery.state = State::waiting;
        delivery.next = now + wait_after(delivery.tries, retry_after, jitter);
      }
      break;
  }
  auto const patient = patience(page);
  if (wanted && !page.handed_over && !accepted(page) && (hopeless(page) || (patient && *patient <= now)))
    hand_over(index, now);
  settle(pages[index], now);
}

void Model::recover(Time now) {
  for (auto& page : pages) {
    bool const flying = std::any_of(page.deliveries.begin(), page.deliveries.end(),
                                    [](auto const& each) { return each.state == State::sending; });
    if (!flying) continue;
    for (auto& delivery : page.deliveries) {
      if (delivery.state != State::sending) continue;
      delivery.state = page.ended ? State::skipped : State::waiting;
      if (page.ended) continue;
      delivery.may_repeat = true;
      delivery.next = now;
    }
    settle(page, now);
  }
}

}  // namespace tocsin::simulation
