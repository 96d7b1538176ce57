#include "bot/doctor/doctor.hpp"

#include <algorithm>

#include "bot/clock.hpp"
#include "bot/doctor/checks.hpp"
#include "bot/load.hpp"
#include "bot/render.hpp"

namespace tocsin::doctor {
namespace {

std::int64_t count(Examination const& done, Verdict verdict) {
  return std::count_if(done.lines.begin(), done.lines.end(),
                       [verdict](Line const& line) { return line.finding.verdict == verdict; });
}

Notice summary(Examination const& done) {
  return Notice("doctor.summary")
      .with("checks", static_cast<std::int64_t>(done.lines.size()))
      .with("bad", count(done, Verdict::bad))
      .with("warning", count(done, Verdict::warning))
      .with("good", count(done, Verdict::good))
      .with("unknown", count(done, Verdict::unknown))
      .with("length", done.took);
}

Line configuration_line(std::filesystem::path const& file, Config const& config) {
  return {Notice("doctor.what_config").with("path", file.string()),
          {Verdict::good,
           Notice("doctor.config")
               .with("people", static_cast<std::int64_t>(config.people.size()))
               .with("actions", static_cast<std::int64_t>(config.actions.size())),
           {}}};
}

}  // namespace

std::string worded(Line const& line, Catalogue const& catalogue, Reader const& reader) {
  bool const cure = !line.finding.cure.key.empty();
  auto text = Notice(cure ? "doctor.line_cure" : "doctor.line")
                  .with("what", std::vector{line.what})
                  .with("value", std::vector{line.finding.value});
  if (cure) text.with("cure", std::vector{line.finding.cure});
  return mark_of(line.finding.verdict) + catalogue.render(text, reader);
}

Outcome examine(Options const& options, std::function<void(std::string const&)> const& print) {
  auto const catalogue = Catalogue::shipped();
  Reader reader;
  reader.now = make_system_clock()->now();
  auto const file = options.config.value_or("demo.yaml");
  auto loaded = load_from(options.config);
  if (auto const* mistakes = std::get_if<std::vector<Mistake>>(&loaded)) {
    reader.locale = options.locale.value_or(Locale::en);
    auto const mistaken = Notice("doctor.config_bad").with("count", static_cast<std::int64_t>(mistakes->size()));
    Line const line{Notice("doctor.what_config").with("path", file.string()),
                    {Verdict::bad, mistaken, Notice("doctor.cure_config")}};
    print(worded(line, catalogue, reader) + "\n" + tocsin::worded(*mistakes, catalogue, reader.locale));
    return {1, false};
  }
  auto& config = std::get<Config>(loaded);
  reader.locale = options.locale.value_or(config.locale);
  reader.zone = config.time_zone;
  auto const workdir = std::filesystem::absolute(config.workdir);
  auto const first = configuration_line(file, config);
  auto const storage = below(workdir, config.storage);
  auto const patient = std::make_shared<Patient const>(Patient{std::move(config), workdir, storage, reader.now});
  auto checks = checks_own(patient);
  for (auto& check : checks_outside(patient)) checks.push_back(std::move(check));
  auto done = side_by_side(std::move(checks));
  // Green: it stands behind all that is not.
  auto const green = std::find_if(done.lines.begin(), done.lines.end(),
                                  [](Line const& line) { return line.finding.verdict == Verdict::good; });
  done.lines.insert(green, first);
  for (auto const& line : done.lines) print(worded(line, catalogue, reader) + "\n");
  print(catalogue.render(summary(done), reader) + "\n");
  return {count(done, Verdict::bad) + count(done, Verdict::unknown) > 0 ? 1 : 0, done.left_behind};
}

}  // namespace tocsin::doctor
