#include "commands/postmortem.hpp"

#include <algorithm>

#include "config/text.hpp"
#include "incidents/store/incidents.hpp"
#include "incidents/store/pages.hpp"
#include "incidents/store/upkeep.hpp"

namespace tocsin {
namespace {

/// Longer output of a command is folded.
constexpr std::size_t kOpenOutputLines = 12;

constexpr std::size_t kForeign = 8'000;  // characters: a note is told whole

/// Foreign text in Markdown: nothing in it may become markup, an entity, a mention or, by itself, a link. `:` and `.`
/// are what GitHub's autolinks hang on.
std::string plain_markdown(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char const c = text[i];
    bool const link = text.substr(i).starts_with("://") || (c == '.' && out.ends_with("www"));
    if (link || std::string_view("\\`*_{}[]<>#|~&@$!^").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

/// The same of text that no catalogue has made fit for one line yet.
std::string one_line(std::string_view text) { return plain_markdown(harmless(text, kForeign)); }

/// An address that can stand between < and > and in a cell of a table: nothing in it ends either.
bool is_plain_address(std::string_view url) {
  constexpr std::string_view kOther = "-._~:/?#@!$&'()*+,;=%";
  return (url.starts_with("https://") || url.starts_with("http://")) &&
         std::all_of(url.begin(), url.end(), [&](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  kOther.find(c) != std::string_view::npos;
         });
}

class Writing {
 public:
  Writing(Database& database, Incident const& incident, Catalogue const& words, Reader reader)
      : database_(database), incident_(incident), words_(words), reader_(std::move(reader)) {
    reader_.escape = plain_markdown;
    reader_.medium = Medium::plain;
    reader_.foreign = kForeign;
    entries_ = store::timeline_of(database, incident.id);
    pages_ = store::pages_of(database, incident.id);
  }

  std::string write() && {
    auto title = Notice("postmortem.title")
                     .with("severity", incident_.severity)
                     .with("incident", incident_.id)
                     .with("title", incident_.title);
    if (incident_.drill) title.with("drill", std::int64_t{1});
    line("# " + say(title));
    line("");
    summary();
    impact();
    people();
    targets();
    timeline();
    commands();
    pages();
    section("postmortem.cause");
    fill_in("postmortem.fill_cause");
    section("postmortem.well");
    fill_in("postmortem.fill_well");
    todos();
    return std::move(out_);
  }

 private:
  void line(std::string const& text) { out_ += text + "\n"; }
  [[nodiscard]] std::string say(Notice const& notice) const { return words_.render(notice, reader_); }
  [[nodiscard]] std::string cell(Arg value) const { return say(Notice("cell").with("value", std::move(value))); }
  [[nodiscard]] std::string full(Instant at) const { return say(Notice("postmortem.instant").with("at", at)); }
  [[nodiscard]] std::string person(PersonId const& who) const {
    return who.empty() ? say(Notice("the_bot")) : cell(who);
  }

  void section(std::string const& key) {
    line("");
    line("## " + say(Notice(key)));
    line("");
  }
  void fill_in(std::string const& key) { line("> _" + say(Notice(key)) + "_"); }
  void fact(std::string const& key, std::string const& value) { line("- **" + say(Notice(key)) + "**: " + value); }

  void summary() {
    section("postmortem.summary");
    fact("postmortem.opened", full(incident_.opened_at) + " (" + person(incident_.opened_by) + ")");
    if (incident_.response.met_at)
      fact("postmortem.acknowledged",
           full(*incident_.response.met_at) + " (" + person(incident_.acknowledged_by) + ")");
    if (incident_.recovery.met_at) fact("postmortem.mitigated", full(*incident_.recovery.met_at));
    if (incident_.resolved_at) fact("postmortem.resolved", full(*incident_.resolved_at));
    fact("postmortem.status", say(Notice(incident_.false_alarm ? "status.false_alarm"
                                                               : "status." + std::string(name_of(incident_.status)))));
    if (incident_.drill)
      line("- " + say(Notice("postmortem.drill").with("speed", std::int64_t{incident_.drill_speed})));
    if (incident_.merged_into) fact("postmortem.merged", cell(incident_.merged_into));
  }

  /// What is known of it: for how long it was broken, by the clock on the wall and by the clocks of the incident.
  void impact() {
    section("postmortem.impact");
    auto const until = incident_.recovery.met_at ? incident_.recovery.met_at : incident_.resolved_at;
    if (until) {
      fact("postmortem.lasted",
           cell(*until - incident_.opened_at) + " (" + full(incident_.opened_at) + " – " + full(*until) + ")");
    }
    fill_in("postmortem.fill_impact");
  }

  void people() {
    section("postmortem.roles");
    auto const role = [&](std::string const& key, PersonId const& who) {
      if (!who.empty()) fact(key, person(who));
    };
    role("postmortem.assignee", incident_.assignee);
    role("role.commander", incident_.commander);
    role("role.scribe", incident_.scribe);
    role("role.communications", incident_.communications);
    std::string others;
    for (auto const& who : incident_.responders) others += (others.empty() ? "" : ", ") + person(who);
    if (!others.empty()) fact("postmortem.responders", others);
    if (incident_.assignee.empty() && others.empty()) line(say(Notice("postmortem.nobody")));
  }

  void target_row(std::string const& key, TargetClock const& clock, Instant until) {
    auto const pauses = pauses_of(incident_);
    auto const state = state_at(clock, pauses, until);
    line("| " + say(Notice(key)) + " | " + cell(clock.target) + " | " + cell(elapsed(clock, pauses, until)) + " | " +
         say(Notice("word." + std::string(name_of(state)))) + " |");
  }

  void targets() {
    section("postmortem.targets");
    line("| " + say(Notice("head.target")) + " | " + say(Notice("head.limit")) + " | " + say(Notice("head.took")) +
         " | " + say(Notice("head.verdict")) + " |");
    line("|---|---|---|---|");
    auto const until = incident_.resolved_at.value_or(reader_.now);
    target_row("target.response", incident_.response, until);
    target_row("target.recovery", incident_.recovery, until);
    line("");
    if (incident_.claimed_at) line("- " + say(Notice("postmortem.claimed").with("at", *incident_.claimed_at)));
    if (incident_.pauses.empty()) line(say(Notice("postmortem.no_pauses")));
    for (auto const& pause : incident_.pauses) {
      auto const to = pause.to.value_or(reader_.now);
      auto said = Notice("postmortem.paused").with("from", pause.from).with("to", to).with("length", to - pause.from);
      // Who, and why, stands on the timeline; after a regression the clock had stood still by itself.
      for (auto const& entry : entries_) {
        if (entry.kind != EntryKind::paused || entry.happened != pause.from) continue;
        said.with("who", entry.author);
        if (auto const* why = entry.what.find("why")) said.with("why", *why);
      }
      line("- " + say(said));
    }
  }

  void timeline() {
    section("postmortem.timeline");
    line("| # | " + say(Notice("head.at")) + " | " + say(Notice("head.who")) + " | " + say(Notice("head.what")) + " |");
    line("|---|---|---|---|");
    for (auto const& entry : entries_) {
      auto what = entry.what;
      std::erase_if(what.args, [](auto const& each) { return each.first == "output"; });
      auto text = say(what);
      if (entry.kind == EntryKind::link) text = linked(entry.what);
      for (auto at = text.find('\n'); at != std::string::npos; at = text.find('\n', at)) text.replace(at, 1, "<br>");
      auto when = full(entry.happened);
      // Whoever writes an entry later than it happened is believed, and seen to have done so.
      if (entry.recorded - entry.happened >= Millis{60'000})
        when += " " + say(Notice("postmortem.recorded").with("at", entry.recorded));
      line("| " + std::to_string(entry.sequence) + " | " + when + " | " + person(entry.author) + " | " + text + " |");
    }
  }

  /// A link that somebody put on the timeline is one here too, if its address is one throughout.
  [[nodiscard]] std::string linked(Notice const& what) const {
    auto const* url = what.text("url");
    if (url == nullptr || !is_plain_address(*url)) return say(what);
    auto const* words = what.text("title");
    return (words == nullptr || words->empty() ? "" : one_line(*words) + " ") + "<" + *url + ">";
  }

  void commands() {
    auto const runs = store::runs_of(database_, incident_.id);
    if (runs.empty()) return;
    section("postmortem.commands");
    for (auto const& run : runs) {
      auto const length = run.ended_at ? cell(*run.ended_at - run.started_at) : say(Notice("unknown"));
      line("### " + full(run.started_at) + " " + one_line(run.action) +
           (run.parameters.empty() ? "" : " " + one_line(run.parameters)));
      line("");
      line(say(Notice("postmortem.run")
                   .with("who", run.person)
                   .with("state", std::vector{Notice("run_word." + run.state)})) +
           " · " + length);
      if (run.output.empty()) continue;
      output(run.output);
    }
  }

  void output(std::string const& text) {
    auto const lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    // A fence longer than any in the text, so that output can't end its own block.
    std::string fence = "```";
    while (text.find(fence) != std::string::npos) fence += '`';
    bool const folded = lines > kOpenOutputLines;
    line("");
    if (folded)
      line("<details><summary>" + say(Notice("postmortem.output").with("lines", static_cast<std::int64_t>(lines))) +
           "</summary>\n");
    line(fence);
    out_ += text;
    if (!text.ends_with('\n')) out_ += '\n';
    line(fence);
    if (folded) line("\n</details>");
    line("");
  }

  void pages() {
    section("postmortem.pages");
    if (pages_.empty()) return line(say(Notice("postmortem.no_pages")));
    line("| " + say(Notice("head.at")) + " | " + say(Notice("head.who")) + " | " + say(Notice("head.step")) + " | " +
         say(Notice("head.channel")) + " | " + say(Notice("head.state")) + " |");
    line("|---|---|---|---|---|");
    for (auto const& page : pages_) {
      std::string channels;
      for (auto const& delivery : page.deliveries) {
        if (delivery.tries == 0) continue;
        channels += (channels.empty() ? "" : ", ") + say(Notice("channel." + delivery.channel)) + " " +
                    say(Notice("delivery." + std::string(name_of(delivery.state))));
        if (delivery.tries > 1) channels += " ×" + std::to_string(delivery.tries);
        if (!delivery.detail.empty()) channels += " (" + one_line(delivery.detail) + ")";
      }
      line("| " + full(page.due) + " | " + person(page.person) + " | " + std::to_string(page.step) + " | " + channels +
           " | " + say(Notice("page_state." + std::string(name_of(page.state)))) + " |");
    }
  }

  void todos() {
    section("postmortem.todos");
    auto const todos = store::todos_of(database_, incident_.id);
    for (auto const& todo : todos) {
      line(std::string("- [") + (todo.done_at ? "x" : " ") + "] " + std::to_string(todo.id.value) + ". " +
           one_line(todo.text) + " (" + person(todo.owner) + (todo.due ? ", " + full(*todo.due) : "") + ")");
    }
    if (todos.empty()) fill_in("postmortem.fill_todos");
  }

  Database& database_;
  Incident const& incident_;
  Catalogue const& words_;
  Reader reader_;
  std::vector<TimelineEntry> entries_;
  std::vector<store::Page> pages_;
  std::string out_;
};

}  // namespace

std::string postmortem_markdown(Database& database, Incident const& incident, Catalogue const& words,
                                Reader const& reader) {
  return Writing(database, incident, words, reader).write();
}

}  // namespace tocsin
