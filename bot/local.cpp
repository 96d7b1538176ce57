#include "bot/local.hpp"

#include <algorithm>

#include "incidents/store/inbox.hpp"
#include "incidents/store/room.hpp"
#include "incidents/store/visitors.hpp"

namespace tocsin {
namespace {

/// What was told but not yet stored when the last run ended: a number is never given out twice.
constexpr std::int64_t kUnstored = 100'000;
constexpr std::string_view kLogFact = "room";

store::RoomRow row_of(LocalEntry const& entry) {
  return {entry.id,       entry.first,     entry.key,
          entry.at,       entry.edited_at, entry.author,
          entry.reply_to, entry.audience,  tocsin::encode(entry.message),
          entry.typed};
}

LocalEntry entry_of(store::RoomRow row) {
  LocalEntry entry;
  entry.id = row.id;
  entry.first = row.first;
  entry.key = std::move(row.key);
  entry.at = row.at;
  entry.edited_at = row.edited_at;
  entry.author = std::move(row.author);
  entry.reply_to = std::move(row.reply_to);
  entry.audience = std::move(row.audience);
  if (auto message = decode_message(row.message)) entry.message = std::move(*message);
  entry.typed = std::move(row.typed);
  return entry;
}

bool says_the_same(LocalEntry const& left, LocalEntry const& right) {
  return left.typed == right.typed && left.audience == right.audience && encode(left.message) == encode(right.message);
}

}  // namespace

void Local::load(Chance& chance) {
  std::vector<store::RoomRow> rows;
  auto const fresh = store::new_token(chance);
  run_and_wait(lane_, [&](Database& database, Instant now) {
    rows = store::newest_room_rows(database, kKeptEntries);
    auto const known = store::fact(database, kLogFact);
    log_ = known.value_or(fresh);
    if (!known) store::put_fact(database, kLogFact, log_, now);
  });
  for (auto& row : rows) entries_.push_back(entry_of(std::move(row)));
  if (entries_.empty()) return;
  next_ = entries_.back().id + kUnstored;
  if (entries_.size() == kKeptEntries) forgotten_ = entries_.front().id - 1;
}

void Local::post(Post const& post, std::function<void(bool)> done) {
  LocalEntry entry;
  entry.key = post.key;
  entry.audience = post.audience;
  if (!post.person.empty()) entry.audience = std::vector{post.person};
  entry.message = post.message;
  say(std::move(entry), std::move(done));
}

void Local::say(LocalEntry entry, std::function<void(bool)> kept) {
  entry.id = next_++;
  entry.first = entry.id;
  entry.at = clock_.now();
  if (entry.key.empty()) entry.key = "entry:" + std::to_string(entry.id);
  auto const old =
      std::find_if(entries_.begin(), entries_.end(), [&](auto const& each) { return each.key == entry.key; });
  if (old != entries_.end()) {
    if (says_the_same(*old, entry)) return keep(*old, 0, std::move(kept));
    entry.edited_at = entry.at;
    entry.at = old->at;
    entry.first = old->first;
    entries_.erase(old);
  }
  entries_.push_back(entry);
  if (entries_.size() > kKeptEntries) {
    forgotten_ = entries_.front().id;
    entries_.pop_front();
  }
  keep(entry, forgotten_, std::move(kept));
  // A listener may go away while it is called.
  auto const listeners = listeners_;
  for (auto const& [number, listener] : listeners) listener(entry);
}

void Local::keep(LocalEntry const& entry, std::int64_t forget, std::function<void(bool)> kept) {
  lane_.submit(
      [row = row_of(entry), forget](Database& database, Instant) { store::put_room_row(database, row, forget); },
      [kept = std::move(kept)](std::exception_ptr error) {
        if (kept) kept(!error);
      });
}

std::shared_ptr<void> Local::listen(Listener listener) {
  auto const number = next_listener_++;
  listeners_.emplace(number, std::move(listener));
  return {nullptr, [this, number](void*) { listeners_.erase(number); }};
}

Local::Past Local::since(std::int64_t since, std::string_view log, PersonId const& reader) const {
  Past past;
  bool const has_past = since > 0 && log == log_ && since >= forgotten_ && since < next_;
  past.reset = !has_past && (since > 0 || (!log.empty() && log != log_));
  for (auto const& entry : entries_) {
    if ((!has_past || entry.id > since) && visible_to(entry, reader)) past.entries.push_back(entry);
  }
  std::sort(past.entries.begin(), past.entries.end(),
            [](auto const& left, auto const& right) { return left.first < right.first; });
  if (!has_past && past.entries.size() > kShownEntries)
    past.entries.erase(past.entries.begin(), past.entries.end() - kShownEntries);
  return past;
}

bool visible_to(LocalEntry const& entry, PersonId const& person) {
  if (!entry.audience) return true;
  return std::find(entry.audience->begin(), entry.audience->end(), person) != entry.audience->end();
}

}  // namespace tocsin
