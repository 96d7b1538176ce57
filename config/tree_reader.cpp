#include "config/tree_reader.hpp"

#include <algorithm>
#include <charconv>

#include "config/nearest.hpp"
#include "config/text.hpp"

namespace tocsin {
namespace {

using Kind = yaml::Node::Kind;

std::optional<std::int64_t> parse_whole(std::string_view text) {
  std::int64_t number = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<bool> parse_boolean(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

struct InstantText {
  Target of = Target::response;
  int percent = 0;
};

std::optional<InstantText> parse_step_instant(std::string_view text) {
  auto const space = text.rfind(" of ");
  if (space == std::string_view::npos) return std::nullopt;
  auto const share = parse_percent(text.substr(0, space));
  auto const clock = text.substr(space + 4);
  if (!share || share->tenths % 10 != 0 || share->tenths / 10 > kMaxStepPercent) return std::nullopt;
  for (auto const target : {Target::response, Target::recovery}) {
    if (clock == name_of(target)) return InstantText{target, share->tenths / 10};
  }
  return std::nullopt;
}

// How bounds are shown: as the file would write them.
std::string shown_length(std::int64_t count) { return print(Millis{count}); }
std::string shown_bytes(std::int64_t count) { return print(Bytes{count}); }
std::string shown_percent(std::int64_t count) { return print(Percent{static_cast<std::int32_t>(count)}); }
std::string shown_time(std::int64_t count) { return print(std::chrono::minutes{count}); }

std::string joined(std::vector<std::string_view> const& words) {
  std::string text;
  for (auto const word : words) text += (text.empty() ? "" : ", ") + std::string(word);
  return text;
}

}  // namespace

void TreeReader::complain(int line, int column, Notice what) {
  if (mistakes.size() < kMaxMistakes) mistakes.push_back({file_, line, column, path_, std::move(what)});
}

void TreeReader::complain(yaml::Node const& node, Notice what) { complain(node.line, node.column, std::move(what)); }

std::size_t TreeReader::enter(std::string const& step, yaml::Node const& node) {
  auto const length = path_.size();
  path_ += step;
  positions[path_] = {node.line, node.column};
  return length;
}

bool TreeReader::expect(yaml::Node const& node, Kind kind) {
  if (node.kind == kind) return true;
  if (node.kind == Kind::null) {
    complain(node, Notice("mistake.empty_value"));
  } else {
    constexpr std::array<char const*, 4> kExpected{"mistake.empty_value", "mistake.expected_value",
                                                   "mistake.expected_list", "mistake.expected_map"};
    complain(node, Notice(kExpected[static_cast<std::size_t>(kind)]));
  }
  return false;
}

bool TreeReader::in_range(yaml::Node const& node, std::int64_t count, Rule const& rule,
                          std::string (*shown)(std::int64_t)) {
  auto const show = [&](std::int64_t bound) { return shown != nullptr ? shown(bound) : std::to_string(bound); };
  bool const is_list = node.kind != Kind::scalar;
  if (count < rule.min) {
    complain(node, Notice(is_list ? "mistake.too_few" : "mistake.too_small").with("limit", show(rule.min)));
    return false;
  }
  if (count > rule.max) {
    complain(node, Notice(is_list ? "mistake.too_many" : "mistake.too_great").with("limit", show(rule.max)));
    return false;
  }
  return true;
}

void TreeReader::report_unknown_keys(yaml::Node const& map) {
  for (auto const& entry : map.entries) {
    if (std::find(known_.begin(), known_.end(), entry.key) != known_.end()) continue;
    auto what = Notice("mistake.unknown_key").with("key", entry.key);
    if (auto near = nearest_key(entry.key, known_); !near.empty()) what.with("near", std::move(near));
    auto const length = path_.size();
    path_ += (path_.empty() ? "" : ".") + harmless(entry.key, 60);
    complain(entry.line, entry.column, std::move(what));
    path_.resize(length);
  }
}

bool TreeReader::text(yaml::Node const& node, std::string& into, Rule const& rule) {
  if (!expect(node, Kind::scalar)) return false;
  auto const limit = std::min<std::int64_t>(rule.max, kLongestTextBytes);
  if (std::cmp_greater(node.text.size(), limit)) {
    complain(node, Notice("mistake.too_long").with("limit", limit));
    return false;
  }
  if (!fits(rule.form, node.text)) {
    // What stands here is not repeated: it might be a password in the wrong place.
    complain(node, Notice(node.text.empty() ? "mistake.empty_value" : std::string(mistake_of(rule.form))));
    return false;
  }
  into = node.text;
  return true;
}

template <class T>
void TreeReader::parsed(yaml::Node const& node, T& into, std::optional<T> (*parse)(std::string_view),
                        char const* mistake, Rule const& rule) {
  if (!expect(node, Kind::scalar)) return;
  auto const read = parse(node.text);
  if (!read) {
    auto what = Notice(mistake);
    if (!rule.sensitive) what.with("text", cut_characters(node.text, 40));
    return complain(node, std::move(what));
  }
  into = *read;
}

void TreeReader::value(yaml::Node const& node, bool& into, Rule const& rule) {
  parsed(node, into, parse_boolean, "mistake.boolean", rule);
}

void TreeReader::value(yaml::Node const& node, std::int64_t& into, Rule const& rule) {
  auto read = into;
  auto const before = mistakes.size();
  parsed(node, read, parse_whole, "mistake.number", rule);
  if (mistakes.size() == before && in_range(node, read, rule, nullptr)) into = read;
}

void TreeReader::value(yaml::Node const& node, std::uint16_t& into, Rule const& rule) {
  std::int64_t wide = into;
  value(node, wide, rule);
  into = static_cast<std::uint16_t>(std::clamp<std::int64_t>(wide, 0, 65'535));
}

void TreeReader::value(yaml::Node const& node, Percent& into, Rule const& rule) {
  auto read = into;
  parsed(node, read, parse_percent, "mistake.percent", rule);
  if (read == into || in_range(node, read.tenths, rule, shown_percent)) into = read;
}

void TreeReader::value(yaml::Node const& node, Bytes& into, Rule const& rule) {
  auto read = into;
  parsed(node, read, parse_bytes, "mistake.bytes", rule);
  if (read == into || in_range(node, read.count, rule, shown_bytes)) into = read;
}

void TreeReader::value(yaml::Node const& node, Millis& into, Rule const& rule) {
  auto const before = mistakes.size();
  auto read = into;
  parsed(node, read, parse_length, "mistake.length", rule);
  if (mistakes.size() == before && in_range(node, read.count(), rule, shown_length)) into = read;
}

void TreeReader::value(yaml::Node const& node, std::chrono::minutes& into, Rule const& rule) {
  auto read = into;
  parsed(node, read, parse_time_of_day, "mistake.time_of_day", rule);
  if (read == into || in_range(node, read.count(), rule, shown_time)) into = read;
}

void TreeReader::value(yaml::Node const& node, std::chrono::year_month_day& into, Rule const& rule) {
  parsed(node, into, parse_date, "mistake.date", rule);
}

void TreeReader::value(yaml::Node const& node, DailyHours& into, Rule const& rule) {
  parsed(node, into, parse_daily_hours, "mistake.daily_hours", rule);
}

void TreeReader::value(yaml::Node const& node, WeeklyHours& into, Rule const& rule) {
  parsed(node, into, parse_weekly_hours, "mistake.weekly_hours", rule);
}

void TreeReader::value(yaml::Node const& node, HostPort& into, Rule const& rule) {
  auto read = into;
  parsed(node, read, parse_host_port, "mistake.host_port", rule);
  if (read == into || in_range(node, read.port, rule, nullptr)) into = read;
}

void TreeReader::value(yaml::Node const& node, RateLimit& into, Rule const& rule) {
  parsed(node, into, parse_rate, "mistake.rate", rule);
}

void TreeReader::value(yaml::Node const& node, StepInstant& into, Rule const& rule) {
  InstantText read{into.of, into.percent};
  parsed(node, read, parse_step_instant, "mistake.step_instant", rule);
  into.of = read.of;
  into.percent = read.percent;
}

void TreeReader::value(yaml::Node const& node, Localized& into, Rule const& rule) {
  if (node.kind != Kind::map) {
    std::string one;
    if (text(node, one, rule)) into = Localized(std::move(one));
    return;
  }
  if (node.entries.empty()) return complain(node, Notice("mistake.empty_value"));
  Group const group(*this, node);
  into = {};
  for (auto const locale : kLocales) key(name_of(locale), into.texts[static_cast<std::size_t>(locale)], "");
}

void TreeReader::value(yaml::Node const& node, Credential& into, Rule const&) {
  if (!expect(node, Kind::scalar)) return;
  std::string_view const written = node.text;
  bool const from_environment = written.starts_with("env:");
  if ((!from_environment && !written.starts_with("file:")) || written.size() > 500)
    return complain(node, Notice("mistake.secret_form"));
  std::string const name(written.substr(from_environment ? 4 : 5));
  if (!fits(from_environment ? Form::variable : Form::path, name) || name.ends_with('*'))
    return complain(node, Notice("mistake.secret_form"));

  std::string content;
  if (from_environment) {
    auto found = sources_.environment ? sources_.environment(name) : std::nullopt;
    if (!found) return complain(node, Notice("mistake.secret_missing").with("source", node.text));
    content = std::move(*found);
  } else {
    auto found = sources_.file ? sources_.file(name) : read_secret_file(name);
    if (!found)
      return complain(node, Notice("mistake.secret_file").with("source", node.text).with("why", found.error().detail));
    content = std::move(*found);
  }
  into = Credential{node.text, Secret(std::move(content))};
  auto const shown = into.value.reveal();
  bool const one_line =
      std::all_of(shown.begin(), shown.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x20; });
  if (shown.empty() || !one_line) complain(node, Notice("mistake.secret_content").with("source", node.text));
}

void TreeReader::value(yaml::Node const& node, PersonId& into, Rule const&) {
  text(node, into.value, {.form = Form::word});
}

void TreeReader::value(yaml::Node const& node, Recipient& into, Rule const&) {
  text(node, into.name, {.form = Form::word});
}

void TreeReader::value(yaml::Node const& node, Argument& into, Rule const&) {
  if (!expect(node, Kind::scalar)) return;
  if (node.text.size() > kLongestTextBytes)
    return complain(node, Notice("mistake.too_long").with("limit", std::int64_t{kLongestTextBytes}));
  auto read = parse_argument(node.text);
  if (!read) return complain(node, Notice("mistake.argument"));
  into = std::move(*read);
}

void TreeReader::value(yaml::Node const& node, ChannelTable& into, Rule const& rule) {
  if (node.kind == Kind::list) {
    std::vector<Channel> for_all;
    value(node, for_all, Rule{.min = 1, .max = 10});
    into.fill(for_all);
    return;
  }
  if (!expect(node, Kind::map)) return;
  Group const group(*this, node);
  Rule each = rule;
  each.min = 1;
  each.max = 10;
  for (auto const severity : kSeverities) key(name_of(severity), into[static_cast<std::size_t>(severity)], "", each);
}

void TreeReader::value(yaml::Node const& node, RoleTable& into, Rule const& rule) {
  if (!expect(node, Kind::map)) return;
  into.clear();
  for (auto const& entry : node.entries) {
    if (!fits(Form::word, entry.key)) {
      complain(entry.line, entry.column, Notice(std::string(mistake_of(Form::word))));
      continue;
    }
    auto const length = enter((path_.empty() ? "" : ".") + entry.key, entry.value);
    value(entry.value, into[entry.key], rule);
    path_.resize(length);
  }
}

void TreeReader::value(yaml::Node const& node, ActionStep& into, Rule const&) {
  static std::vector<std::string_view> const kKeys{RunStep::kKey, HttpStep::kKey, HostStep::kKey};
  if (!expect(node, Kind::map)) return;
  if (node.entries.size() != 1 || std::find(kKeys.begin(), kKeys.end(), node.entries.front().key) == kKeys.end()) {
    auto what = Notice("mistake.step_kind").with("choices", joined(kKeys));
    return complain(node, std::move(what));
  }
  auto const& kind = node.entries.front().key;
  if (kind == HttpStep::kKey) into.emplace<HttpStep>();
  if (kind == HostStep::kKey) into.emplace<HostStep>();
  std::visit([&](auto& step) { value(node, step, {}); }, into);
}

bool TreeReader::enumerator(yaml::Node const& node, std::size_t& into, std::vector<std::string_view> const& names) {
  if (!expect(node, Kind::scalar)) return false;
  auto const found = std::find(names.begin(), names.end(), node.text);
  if (found == names.end()) {
    complain(node, Notice("mistake.choice").with("text", cut_characters(node.text, 40)).with("choices", joined(names)));
    return false;
  }
  into = static_cast<std::size_t>(found - names.begin());
  return true;
}

}  // namespace tocsin
