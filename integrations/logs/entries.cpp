#include "integrations/logs/entries.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "integrations/logs/words.hpp"
#include "integrations/process/output.hpp"

namespace tocsin::logs {
namespace {

/// Levels, stamps and statuses stand within so many bytes of a line.
constexpr std::size_t kFactBytes = 2 * 1'024;
/// One entry may bear a wrong time; so many that are too old mean that the search has gone back far enough.
constexpr std::size_t kOldEntries = 3;
/// Of a line that is cut anyway: far enough behind the cut.
constexpr std::size_t kRedactedBytes = 16 * kMaxLineBytes;

/// What one line says by itself.
struct Facts {
  std::optional<Instant> at;
  Level level = Level::none;
  bool begins_with_level = false;
  bool indented = false;  ///< or empty
  bool traces = false;    ///< the first line of a stack trace
  bool joins = false;     ///< links one stack trace to the next
};

Facts facts_of(std::string_view line, StampRules const& rules) {
  auto head = line.substr(0, kFactBytes);
  std::string plain;  // scripts colour their levels
  if (std::any_of(head.begin(), head.end(), [](char c) { return '\0' <= c && c < ' ' && c != '\t'; })) {
    plain = process::cleaned(head);
    head = plain;
  }
  Facts facts;
  facts.indented = head.empty() || head.front() == ' ' || head.front() == '\t';
  facts.traces = head.find("Traceback (most recent call last)") != std::string_view::npos ||
                 head.starts_with("panic: ") || head.starts_with("Exception in thread ");
  facts.joins = head.starts_with("Caused by: ") || head.starts_with("During handling of the above exception") ||
                head.starts_with("The above exception was the direct cause") || head.starts_with("goroutine ");
  if (facts.indented) return facts;
  facts.at = parse_stamp(head, rules);
  facts.begins_with_level = begins_with_level(head);
  auto const status = http_status(head);
  // Behind the quote stands what a visitor wrote: /ERROR is no level.
  facts.level = level_of_line(status ? head.substr(0, head.find('"')) : head);
  if (status && *status / 100 == 5) facts.level = Level::error;
  return facts;
}

struct Line {
  std::string_view text;
  bool continues = false;
};

/// Lines [begin, end).
struct Entry {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::optional<Instant> at;
  bool error = false;
};

/// Puts lines together to entries, from the first to the last.
class Assembler {
 public:
  explicit Assembler(StampRules const& rules) : rules_(rules) {}

  void take(std::string_view text) {
    auto const facts = facts_of(text, rules_);
    bool const begins = entries_.empty() || !belongs(facts);
    if (begins) {
      entries_.push_back({lines_.size(), lines_.size(), facts.at, false});
      headed_ = facts.at || facts.begins_with_level;
      trace_ = Trace::none;
      if (!facts.at && entries_.size() > 1) entries_.back().at = entries_[entries_.size() - 2].at;
    } else if (lines_.size() - entries_.back().begin >= kMaxEntryLines) {
      auto const& before = entries_.back();
      entries_.push_back({lines_.size(), lines_.size(), before.at, before.error});
    }
    lines_.push_back({text, !begins});
    auto& entry = entries_.back();
    entry.end = lines_.size();
    if (facts.traces || facts.level == Level::error) entry.error = true;
    follow(facts);
  }

  [[nodiscard]] std::vector<Line> const& lines() const { return lines_; }

  /// All entries; those before the first recognised time have that time.
  [[nodiscard]] std::vector<Entry> take_entries() {
    auto const first = std::find_if(entries_.begin(), entries_.end(), [](Entry const& entry) { return entry.at; });
    if (first != entries_.end()) {
      for (auto entry = entries_.begin(); entry != first; ++entry) entry->at = first->at;
    }
    return std::move(entries_);
  }

 private:
  /// Where in a stack trace that stands by itself we are, in a log without stamps and levels.
  enum class Trace : std::uint8_t { none, frames, over, joined };

  /// Does the line belong to the entry before it?
  [[nodiscard]] bool belongs(Facts const& facts) const {
    if (facts.level == Level::detail) return true;
    if (facts.at || facts.begins_with_level) return false;
    if (facts.indented || facts.joins || headed_) return true;
    if (facts.traces) return trace_ == Trace::joined;
    return trace_ == Trace::frames;  // the exception itself, which ends the frames
  }

  void follow(Facts const& facts) {
    if (facts.traces) {
      trace_ = Trace::frames;
    } else if (facts.joins) {
      trace_ = Trace::joined;
    } else if (!facts.indented && trace_ == Trace::frames) {
      trace_ = Trace::over;
    }
  }

  StampRules const& rules_;
  std::vector<Line> lines_;
  std::vector<Entry> entries_;
  bool headed_ = false;
  Trace trace_ = Trace::none;
};

/// The last kMaxScannedLines lines of the text, without their ends. `whole` tells whether these are all.
std::vector<std::string_view> last_lines(std::string_view text, bool& whole) {
  std::vector<std::string_view> lines;
  if (text.ends_with('\n')) text.remove_suffix(1);
  whole = text.empty();
  while (!whole && lines.size() < kMaxScannedLines) {
    auto const end = text.rfind('\n');
    auto line = end == std::string_view::npos ? text : text.substr(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    whole = end == std::string_view::npos;
    if (!whole) text.remove_suffix(text.size() - end);
  }
  std::reverse(lines.begin(), lines.end());
  return lines;
}

/// Also where colours stand between the letters.
bool holds(std::string_view line, std::string_view text) {
  if (line.find(text) != std::string_view::npos) return true;
  return line.find('\x1B') != std::string_view::npos && shown(line).find(text) != std::string::npos;
}

/// The line for whose sake an entry is wanted; nothing if it is not.
std::optional<std::size_t> key_line(Entry const& entry, std::vector<Line> const& lines, Filter const& filter) {
  if (std::holds_alternative<ErrorsOnly>(filter)) return entry.error ? std::optional(entry.begin) : std::nullopt;
  if (auto const* const wanted = std::get_if<Containing>(&filter)) {
    for (auto i = entry.begin; i < entry.end; ++i) {
      if (holds(lines[i].text, wanted->text)) return i;
    }
    return std::nullopt;
  }
  return entry.end - 1;
}

/// Collects wanted lines from the newest to the oldest, until there are enough.
class Collector {
 public:
  Collector(Wanted const& wanted, std::vector<Line> const& lines) : wanted_(wanted), lines_(lines) {}

  void add(Entry const& entry, std::size_t key) {
    auto const room = wanted_.lines - std::min(wanted_.lines, selection_.lines.size());
    auto const count = entry.end - entry.begin;
    auto first = entry.begin + (count > room ? count - room : 0);
    bool const apart = room > 0 && key < first;  // the key line takes the place of the oldest of the others
    if (apart) ++first;
    for (auto i = entry.end; i > first; --i) put(entry, i - 1);
    if (apart) put(entry, key);
    selection_.left_out += first - entry.begin - (apart ? 1 : 0);
  }

  Selection take() {
    std::reverse(selection_.lines.begin(), selection_.lines.end());
    selection_.full = selection_.lines.size() >= wanted_.lines || selection_.over_limit;
    return std::move(selection_);
  }

 private:
  void put(Entry const& entry, std::size_t index) {
    auto const line = lines_[index].text;
    auto text = wanted_.redact && line.size() > kMaxLineBytes ? shown(wanted_.redact(line.substr(0, kRedactedBytes)))
                                                              : shown(line);
    bytes_ += text.size();
    // Once over the limit everything older is left out, so that the lines given follow each other.
    if (selection_.over_limit || (bytes_ > wanted_.bytes && !selection_.lines.empty())) {
      selection_.over_limit = true;
      ++selection_.left_out;
      return;
    }
    selection_.lines.push_back({std::move(text), entry.at, lines_[index].continues});
  }

  Wanted const& wanted_;
  std::vector<Line> const& lines_;
  Selection selection_;
  std::size_t bytes_ = 0;
};

}  // namespace

std::string shown(std::string_view line) {
  auto text = std::string(process::utf8_prefix(line, kMaxLineBytes));
  // A lone return would hide what stands before it; in a log that is a way to forge lines.
  std::replace(text.begin(), text.end(), '\r', ' ');
  auto clean = process::cleaned(text);
  auto const cut = line.size() - text.size();
  // Each invalid byte becomes three.
  if (clean.size() > kMaxLineBytes) clean = std::string(process::utf8_prefix(clean, kMaxLineBytes));
  if (cut > 0) clean += " […+" + std::to_string(cut) + " B]";
  return clean;
}

Selection select(std::string_view text, Wanted const& wanted, StampRules const& rules) {
  bool whole = true;
  Assembler assembler(rules);
  for (auto const line : last_lines(text, whole)) assembler.take(line);
  auto const entries = assembler.take_entries();
  bool const dated = !entries.empty() && entries.front().at;

  Collector collector(wanted, assembler.lines());
  std::size_t too_old = 0;
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    if (wanted.since && entry->at && *entry->at < *wanted.since) {
      if (*entry->at < *wanted.since - kDisorder) ++too_old;
      continue;
    }
    if (auto const key = key_line(*entry, assembler.lines(), wanted.filter)) collector.add(*entry, *key);
  }
  auto selection = collector.take();
  selection.dated = dated;
  bool const past = too_old >= kOldEntries;
  selection.over_limit = selection.over_limit || (!whole && selection.lines.size() < wanted.lines && !past);
  selection.full = selection.full || past || !whole;
  return selection;
}

}  // namespace tocsin::logs
