#include "bot/command_line.hpp"

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>

#include "bot/app.hpp"
#include "bot/dingtalk/template.hpp"
#include "bot/doctor/doctor.hpp"
#include "bot/environment.hpp"
#include "bot/load.hpp"
#include "bot/private_memory.hpp"
#include "bot/records.hpp"
#include "bot/render.hpp"
#include "bot/setup.hpp"
#include "bot/slack/manifest.hpp"
#include "bot/terminal/socket.hpp"
#include "bot/terminal/socket_path.hpp"
#include "commands/card.hpp"
#include "commands/postmortem.hpp"
#include "commands/verbs/table.hpp"
#include "config/findings.hpp"
#include "incidents/store/anchors.hpp"
#include "incidents/store/aside.hpp"
#include "incidents/store/audit.hpp"
#include "incidents/store/inbox.hpp"
#include "incidents/store/incidents.hpp"
#include "incidents/store/pages.hpp"
#include "incidents/store/segments.hpp"
#include "incidents/store/sqlite.hpp"

namespace tocsin {
namespace {

/// What a subcommand that only reads works with.
struct Opened {
  std::unique_ptr<Setup> setup;
  std::filesystem::path storage;
  std::unique_ptr<Database> database;
  Reader reader;
};

struct Options {
  std::string config;
  std::string locale;
  RunOptions run;
  bool no_terminal = false;
  SayRequest say;
  std::string incident;
  std::string format = "md";
  std::string target;
  std::vector<std::string> anchors;
  bool json = false;
  bool all = false;
  bool ops = false;

  [[nodiscard]] std::optional<std::filesystem::path> config_file() const {
    if (config.empty()) return std::nullopt;
    return std::filesystem::path(config);
  }
};

/// `--locale`, else the configuration's, else the terminal's.
Locale locale_of(Options const& options, std::optional<Locale> configured = std::nullopt) {
  if (!options.locale.empty()) return options.locale == "en" ? Locale::en : Locale::zh_cn;
  if (configured) return *configured;
  for (auto const* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    auto const value = environment_variable(name).value_or("");
    if (!value.empty()) return value.starts_with("zh") ? Locale::zh_cn : Locale::en;
  }
  return Locale::en;
}

std::string worded(Notice const& notice, Locale locale) {
  static auto const words = Catalogue::shipped();
  Reader reader;
  reader.locale = locale;
  reader.medium = Medium::plain;
  return words.render(notice, reader) + "\n";
}

std::optional<Config> load_or_complain(Options const& options, Secrets secrets = Secrets::read) {
  auto loaded = load_from(options.config_file(), secrets);
  if (auto const* mistakes = std::get_if<std::vector<Mistake>>(&loaded)) {
    std::cerr << tocsin::worded(*mistakes, Catalogue::shipped(), locale_of(options));
    return std::nullopt;
  }
  return std::move(std::get<Config>(loaded));
}

std::filesystem::path storage_of(Config const& config) {
  return below(std::filesystem::absolute(config.workdir), config.storage);
}

std::optional<Opened> open_for_reading(Options const& options) {
  auto config = load_or_complain(options);
  if (!config) return std::nullopt;
  Opened opened;
  opened.storage = storage_of(*config);
  auto database = open_sqlite(opened.storage, OpenMode::read_only);
  if (database.has_error()) {
    std::cerr << database.error().detail << '\n';
    return std::nullopt;
  }
  opened.database = std::move(*database);
  opened.setup = std::make_unique<Setup>(std::move(*config), std::make_shared<Catalogue const>(Catalogue::shipped()));
  opened.reader = opened.setup->reader_of({}, make_system_clock()->now(), Medium::chat);
  opened.reader.locale = locale_of(options, opened.reader.locale);
  auto const* setup = opened.setup.get();
  opened.reader.names = [setup, locale = opened.reader.locale](PersonId const& id) {
    return setup->display_name(id, locale);
  };
  return opened;
}

/// `INC-42`, `#42` or `42`.
std::optional<IncidentId> incident_number(std::string_view text) {
  if (text.starts_with("INC-") || text.starts_with("inc-")) {
    text.remove_prefix(4);
  } else if (text.starts_with('#')) {
    text.remove_prefix(1);
  }
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  IncidentId id;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), id.value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return id;
}

std::optional<Incident> named_incident(Opened& opened, Options const& options) {
  auto const id = incident_number(options.incident);
  auto incident = id ? store::load_incident(*opened.database, *id) : std::nullopt;
  if (opened.database && !incident)
    std::cerr << worded(Notice("cli.no_such_incident").with("id", options.incident), opened.reader.locale);
  return incident;
}

int incident_list(Options const& options) {
  auto opened = open_for_reading(options);
  if (!opened) return 1;
  auto const incidents =
      options.all ? store::recent_incidents(*opened->database, 0, 1'000) : store::live_incidents(*opened->database);
  Table table;
  for (auto const& each : incidents) {
    table.rows.push_back({{each.severity, each.id, std::vector{Notice("status." + std::string(name_of(each.status)))},
                           each.opened_at, each.title},
                          Verdict::none});
  }
  Message message;
  if (table.rows.empty()) {
    message.say(Notice("list.none"));
  } else {
    message.blocks.emplace_back(std::move(table));
  }
  std::cout << render_plain(message, *opened->setup, opened->reader);
  return 0;
}

int incident_show(Options const& options) {
  auto opened = open_for_reading(options);
  auto const incident = opened ? named_incident(*opened, options) : std::nullopt;
  if (!incident) return 1;
  Desk const desk{*opened->database, opened->setup->directory, opened->reader.now};
  auto const card =
      incident_card(*incident, store::pages_of(*opened->database, incident->id), DeskRoster(desk), opened->reader.now);
  std::cout << render_plain(card, *opened->setup, opened->reader);
  return 0;
}

int timeline(Options const& options) {
  auto opened = open_for_reading(options);
  auto const incident = opened ? named_incident(*opened, options) : std::nullopt;
  if (!incident) return 1;
  Table table;
  for (auto const& entry : store::timeline_of(*opened->database, incident->id)) {
    table.rows.push_back(
        {{entry.sequence, entry.happened,
          entry.author.empty() ? Arg{std::vector{Notice("the_bot")}} : Arg{entry.author}, std::vector{entry.what}},
         Verdict::none});
  }
  Message message;
  message.blocks.emplace_back(std::move(table));
  std::cout << render_plain(message, *opened->setup, opened->reader);
  return 0;
}

int postmortem(Options const& options) {
  auto opened = open_for_reading(options);
  auto const incident = opened ? named_incident(*opened, options) : std::nullopt;
  if (!incident) return 1;
  std::cout << opened->setup->redactor->redact(
      postmortem_markdown(*opened->database, *incident, *opened->setup->catalogue, opened->reader));
  return 0;
}

int audit_verify(Options const& options) {
  auto opened = open_for_reading(options);
  if (!opened) return 1;
  auto const key = store::fact(*opened->database, "key");
  auto const storage = storage_of(opened->setup->config);
  auto anchors = store::read_anchors(store::anchors_file(storage), Secret(key.value_or("")));
  if (!anchors.foreign.empty()) {
    auto const line = static_cast<std::int64_t>(anchors.foreign.front());
    std::cout << worded(Notice("cli.anchor_foreign").with("line", line), opened->reader.locale);
    return 1;
  }
  for (auto const& line : options.anchors) {
    auto const anchor = key ? store::read_anchor(line, Secret(*key)) : std::nullopt;
    if (!anchor) {
      std::cerr << worded(Notice("cli.not_an_anchor").with("given", line), opened->reader.locale);
      return 1;
    }
    anchors.heads.push_back(*anchor);
  }
  auto const examined = store::examine_audit(storage, anchors.heads);
  if (examined.has_error()) {
    std::cerr << examined.error().detail << '\n';
    return 1;
  }
  auto const& [finding, head] = *examined;
  if (!finding) {
    auto whole = Notice("cli.audit_whole").with("rows", head.sequence).with("hash", head.hash);
    if (!anchors.heads.empty()) whole.with("anchors", static_cast<std::int64_t>(anchors.heads.size()));
    std::cout << worded(whole, opened->reader.locale);
    return 0;
  }
  using enum store::AuditFinding::Kind;
  char const* told = finding->kind == changed   ? "cli.audit_changed"
                     : finding->kind == missing ? "cli.audit_missing"
                     : finding->kind == cut_off ? "cli.audit_cut_off"
                                                : "cli.audit_differs";
  std::cout << worded(Notice(told).with("row", finding->sequence), opened->reader.locale);
  return 1;
}

int audit_export(Options const& options) {
  auto opened = open_for_reading(options);
  if (!opened) return 1;
  // Rows are redacted when they are written; those of before a secret was known are here.
  auto const print = [&](store::AuditRow row) {
    row.what = opened->setup->redactor->redact(row.what);
    row.detail = opened->setup->redactor->redact(row.detail);
    nlohmann::json const line{{"sequence", row.sequence}, {"at", to_millis(row.at)},  {"person", row.person.value},
                              {"place", row.place},       {"what", row.what},         {"outcome", row.outcome},
                              {"detail", row.detail},     {"ms", row.length.count()}, {"hash", row.hash}};
    std::cout << line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  };
  auto const folder = store::segments_folder(storage_of(opened->setup->config));
  opened->database->script("BEGIN");  // one view of segments and rows while a bot seals
  for (auto const& segment : store::segments_of(*opened->database)) {
    auto const rows = store::read_segment(folder, segment);
    if (rows.has_error()) {
      std::cerr << rows.error().detail << '\n';
      return 1;
    }
    for (auto const& row : *rows) print(row);
  }
  constexpr std::size_t kBatch = 1'000;
  std::int64_t after = 0;
  for (;;) {
    auto const rows = store::audit_rows(*opened->database, after, kBatch);
    for (auto const& row : rows) print(row);
    if (rows.size() < kBatch) return 0;
    after = rows.back().sequence;
  }
}

int check(Options const& options) {
  auto const config = load_or_complain(options);
  if (!config) return 1;
  auto const now = make_system_clock()->now();
  Setup const setup(*config, std::make_shared<Catalogue const>(Catalogue::shipped()));
  auto reader = setup.reader_of({}, now, Medium::chat);
  reader.locale = locale_of(options, reader.locale);
  Message message(Notice("check.fine")
                      .with("people", static_cast<std::int64_t>(config->people.size()))
                      .with("actions", static_cast<std::int64_t>(config->actions.size())));
  // The rota as it is written: overrides live in the database, which need not be there yet.
  for (auto& finding : findings(*config, {}, now)) message.say(std::move(finding));
  std::cout << render_plain(message, setup, reader);
  return 0;
}

int doctor_visit(Options const& options) {
  doctor::Options visit{options.config_file(), std::nullopt};
  if (!options.locale.empty()) visit.locale = options.locale == "en" ? Locale::en : Locale::zh_cn;
  auto const outcome = doctor::examine(visit, [](std::string const& text) { std::cout << text << std::flush; });
  // A check that hangs holds what destructors would wait for.
  if (outcome.left_behind) std::_Exit(outcome.code);
  return outcome.code;
}

int say_text(Options const& options) {
  auto const config = load_or_complain(options);
  if (!config) return 1;
  auto request = options.say;
  request.json = options.json;
  auto const complain = [&](Notice const& notice) {
    auto const text = worded(notice, locale_of(options, config->locale));
    if (!request.json) {
      std::cerr << text;
      return;
    }
    nlohmann::json const line{{"state", "failed"}, {"text", text}};
    std::cout << line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << std::endl;
  };
  return say(socket_of(storage_of(*config)), request,
             {[](std::string const& text) { std::cout << text << std::flush; }, complain});
}

int db_backup(Options const& options) {
  auto const config = load_or_complain(options);
  if (!config) return 1;
  auto const done = back_up(storage_of(*config), options.target);
  if (done.has_error()) {
    std::cerr << done.error().detail << '\n';
    return 1;
  }
  note_backup(storage_of(*config), options.target);
  std::cout << options.target << '\n';
  return 0;
}

int db_aside(Options const& options) {
  auto const config = load_or_complain(options);
  if (!config) return 1;
  auto const aside = store::set_aside(storage_of(*config), make_system_clock()->now());
  if (aside.has_error()) {
    std::cerr << aside.error().detail << '\n';
    return 1;
  }
  std::cout << aside->string() << '\n';
  return 0;
}

int slack_manifest(Options const& options) {
  // Without a file it is made of what is built in: the demo's actions are nobody's. Slack's tokens come after the app.
  auto const config = options.config.empty() ? std::optional(Config{}) : load_or_complain(options, Secrets::unread);
  if (!config) return 1;
  std::cout << slack::manifest(CommandTable(verbs::all_commands(*config)), Catalogue::shipped(),
                               locale_of(options, config->locale),
                               options.ops ? slack::SlashCommands::ops : slack::SlashCommands::families);
  return 0;
}

int dingtalk_card(Options const&) {
  std::cout << dingtalk::card_template() << '\n';
  return 0;
}

int version(Options const&) {
  std::cout << "tocsin " << kVersion << '\n';
  return 0;
}

int run(Options const& options) {
  auto run_options = options.run;
  run_options.config = options.config_file();
  if (options.no_terminal) run_options.terminal = false;
  return run_bot(run_options);
}

}  // namespace

int command_line(int count, char** words) {
  keep_memory_private();
  CLI::App app("Tocsin (警钟): incident operations from the channel you are in");
  app.require_subcommand(1);
  Options options;
  std::function<int()> chosen;
  auto const add = [&](CLI::App& parent, std::string const& name, std::string const& what,
                       int (*body)(Options const&)) {
    auto* subcommand = parent.add_subcommand(name, what);
    subcommand->add_option("--config", options.config, "Configuration file; without it the demo");
    subcommand->add_option("--locale", options.locale, "zh-CN or en")->check(CLI::IsMember({"zh-CN", "en"}));
    subcommand->callback([&chosen, &options, body] { chosen = [&options, body] { return body(options); }; });
    return subcommand;
  };

  auto* run_command = add(app, "run", "Run the bot", run);
  run_command->add_option("--test-clock", options.run.test_clock, "origin=…,epoch=…,rate=…")->group("");
  run_command->add_flag("--test-mode", options.run.test_mode)->group("");
  run_command->add_flag("--no-terminal", options.no_terminal, "No prompt, even at a terminal");
  add(app, "check", "Read the configuration and say what is wrong with it", check);
  add(app, "doctor", "Reach every configured system, one line each", doctor_visit);
  auto* say_command = add(app, "say", "Send one command to the running bot", say_text);
  say_command->add_option("text", options.say.text, "What to say")->required();
  say_command->add_option("--channel", options.say.channel, "Where to say it");
  say_command->add_option("--as", options.say.as, "Who says it (demo and test mode)");
  say_command->add_flag("--json", options.json, "Each answer as a JSON object on a line");
  auto* incident = app.add_subcommand("incident", "Incidents")->require_subcommand(1);
  add(*incident, "list", "Open incidents", incident_list)->add_flag("--all", options.all, "Ended ones, too");
  add(*incident, "show", "One incident", incident_show)->add_option("id", options.incident)->required();
  add(app, "timeline", "The timeline of an incident", timeline)->add_option("id", options.incident)->required();
  auto* post = add(app, "postmortem", "The postmortem of an incident", postmortem);
  post->add_option("id", options.incident)->required();
  post->add_option("--format", options.format, "md")->check(CLI::IsMember({"md"}));
  auto* audit = app.add_subcommand("audit", "The audit chain")->require_subcommand(1);
  add(*audit, "verify", "Find changed, removed, reordered and cut-off rows", audit_verify)
      ->add_option("--anchor", options.anchors, "A head that was sent away earlier: SEQUENCE HASH SIGNATURE");
  add(*audit, "export", "All rows as JSON lines", audit_export);
  auto* db = app.add_subcommand("db", "The database")->require_subcommand(1);
  add(*db, "backup", "A consistent copy, made while the bot runs", db_backup)
      ->add_option("file", options.target)
      ->required();
  add(*db, "aside", "Rename a damaged database, so that the bot makes a new one or takes a backup", db_aside);
  auto* slack = app.add_subcommand("slack", "The Slack app")->require_subcommand(1);
  add(*slack, "manifest", "What to paste at api.slack.com to make the app: JSON", slack_manifest)
      ->add_flag("--ops", options.ops, "One slash command, /ops, under which all others stand");
  auto* dingtalk = app.add_subcommand("dingtalk", "The DingTalk app")->require_subcommand(1);
  add(*dingtalk, "card", "What to import into the card builder to make the template: JSON", dingtalk_card);
  add(app, "version", "Print the version", version);

  try {
    app.parse(count, words);
  } catch (CLI::ParseError const& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  try {
    return chosen();
  } catch (std::exception const& error) {
    std::cerr << "tocsin: " << error.what() << '\n';
    return 1;
  }
}

}  // namespace tocsin
