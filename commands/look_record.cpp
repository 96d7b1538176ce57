#include "commands/look_record.hpp"

#include <algorithm>

#include "commands/action.hpp"
#include "commands/retype.hpp"
#include "incidents/store/digest.hpp"
#include "incidents/store/incidents.hpp"
#include "incidents/store/upkeep.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kKeptBytes = 64 * 1024;

std::string_view mark_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::good:
      return "✅ ";
    case Verdict::warning:
      return "⚠️ ";
    case Verdict::bad:
      return "❌ ";
    case Verdict::unknown:
      return "❔ ";
    case Verdict::none:
      break;
  }
  return "";
}

/// The words of an answer as lines, in the room's language: outputs are kept as they were seen.
std::string lines_of(Message const& found, Catalogue const& words, Reader const& reader) {
  std::string out;
  for (auto const& block : found.blocks) {
    if (auto const* said = std::get_if<Say>(&block)) {
      out += words.render(said->notice, reader) + "\n";
    } else if (auto const* code = std::get_if<Code>(&block)) {
      out += code->text + (code->text.ends_with('\n') ? "" : "\n");
    } else if (auto const* table = std::get_if<Table>(&block)) {
      for (auto const& row : table->rows) {
        out += mark_of(row.verdict);
        for (std::size_t i = 0; i < row.cells.size(); ++i)
          out += (i == 0 ? "" : "  ") + words.render(Notice("cell").with("value", row.cells[i]), reader);
        out += '\n';
      }
    }
  }
  if (out.size() <= kKeptBytes) return out;
  // The end is where the reason stands; a line is never cut in two.
  auto const from = out.find('\n', out.size() - kKeptBytes);
  return from == std::string::npos ? std::string{} : out.substr(from + 1);
}

}  // namespace

Message on_record(Call& call, Message found) {
  if (call.work == nullptr || call.words == nullptr) return found;
  call.work->unit([&](Desk const& desk) {
    auto const incident = incident_of(desk, call);
    if (!incident) return;
    Reader reader;
    reader.locale = call.config.locale;
    reader.zone = call.config.time_zone;
    reader.now = desk.now;
    auto const typed = retype(*call.command, call.args).substr(1);
    store::Run run;
    run.incident = incident;
    run.action = typed;
    run.target = call.command->name;
    run.effect = std::string(name_of(call.command->effect));
    run.person = call.caller.person;
    run.started_at = std::min(call.now, desk.now);
    run.id = store::insert_run(desk.database, run);
    run.ended_at = desk.now;
    run.state = "ran";
    run.output = lines_of(found, *call.words, reader);
    run.digest = sha256_hex(run.output);
    store::finish_run(desk.database, run);
    store::append_timeline(desk.database, incident,
                           {{EntryKind::command, call.caller.person, run.started_at, desk.now,
                             Notice("timeline.run_ran")
                                 .with("what", std::vector{Notice("what.action").with("title", typed)})
                                 .with("length", desk.now - run.started_at)
                                 .with("run", run.id.value)
                                 .with("output", run.output),
                             0, 0}});
  });
  return found;
}

}  // namespace tocsin
