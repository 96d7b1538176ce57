// Declared actions: that each is what it says, and that no text from chat can become more than one plain argument.
#include <algorithm>
#include <array>
#include <set>

#include "config/checks.hpp"
#include "config/parameter.hpp"

namespace tocsin {
namespace {

constexpr std::array<std::string_view, 9> kShells{"sh", "bash", "dash", "zsh", "ksh", "ash", "csh", "fish", "busybox"};
// What follows one of these is a program's text, in whatever language.
constexpr std::array<std::string_view, 8> kCodeFlags{"-c",        "-e",    "-E",     "--eval",
                                                     "--command", "-exec", "--exec", "--init-file"};

// These start the program that their arguments name; it must be a fixed one.
constexpr std::array<std::string_view, 10> kLaunchers{"env",   "sudo",   "doas",   "nice", "ionice",
                                                      "nohup", "setsid", "stdbuf", "chrt", "timeout"};
// These hand their arguments to a shell, here or elsewhere.
constexpr std::array<std::string_view, 9> kShellUsers{"ssh",    "su",       "runuser", "watch", "xargs",
                                                      "script", "parallel", "screen",  "tmux"};

template <class Range>
bool holds(Range const& range, std::string_view word) {
  return std::find(std::begin(range), std::end(range), word) != std::end(range);
}

std::string_view base_name(std::string_view path) { return path.substr(path.find_last_of('/') + 1); }

class ActionCheck {
 public:
  ActionCheck(ActionSpec const& action, std::string path, Config const& config, Complaints& complaints)
      : action_(action), path_(std::move(path)), config_(config), complaints_(complaints) {}

  void run() {
    effect();
    parameters();
    steps(action_.steps, "steps");
    steps(action_.verify, "verify");
    steps(action_.undo, "undo");
    target();
    environment();
    unused_parameters();
  }

 private:
  void complain(std::string const& key, Notice what) { complaints_.add(path_ + key, std::move(what)); }

  void effect() {
    bool const loses = !action_.loses_data.empty() || !action_.loses_service.empty();
    if (loses && action_.effect != Effect::danger) complain(".effect", Notice("mistake.loss_needs_danger"));
    if (!loses && action_.effect == Effect::danger && complaints_.written(path_ + ".effect"))
      complain(".effect", Notice("mistake.danger_needs_loss"));
    if (action_.effect == Effect::read && !action_.undo.empty()) complain(".undo", Notice("mistake.undo_of_read"));
    for (std::size_t i = 0; i < action_.loses_data.size(); ++i) {
      auto const& name = action_.loses_data[i];
      if (!name.empty() && config_.data_set(name) == nullptr)
        complain(at(".loses_data", i), Notice("mistake.data_set_unknown").with("name", name));
    }
    for (std::size_t i = 0; i < action_.loses_service.size(); ++i) {
      auto const& name = action_.loses_service[i];
      if (!name.empty() && config_.service(name) == nullptr)
        complain(at(".loses_service", i), Notice("mistake.service_unknown").with("name", name));
    }
  }

  void parameters() {
    std::set<std::string> names;
    bool optional_before = false;
    for (std::size_t i = 0; i < action_.parameters.size(); ++i) {
      auto const& parameter = action_.parameters[i];
      auto const path = at(".parameters", i);
      if (!parameter.name.empty() && !names.insert(parameter.name).second)
        complain(path + ".name", Notice("mistake.name_taken").with("name", parameter.name));
      only_for(ParameterType::number, parameter, path + ".min", parameter.min.has_value());
      only_for(ParameterType::number, parameter, path + ".max", parameter.max.has_value());
      only_for(ParameterType::choice, parameter, path + ".choices", !parameter.choices.empty());
      only_for(ParameterType::text, parameter, path + ".characters",
               parameter.characters != CharacterClass::identifier);
      if (parameter.type == ParameterType::choice && parameter.choices.empty())
        complain(path, Notice("mistake.missing").with("key", std::string("choices")));
      if (parameter.min.value_or(0) > parameter.max.value_or(kGreatestNumber))
        complain(path + ".min", Notice("mistake.min_over_max"));
      for (std::size_t j = 0; j < parameter.choices.size(); ++j) {
        if (parameter.choices[j].starts_with('-')) complain(at(path + ".choices", j), Notice("mistake.choice_dash"));
      }
      default_of(parameter, path);
      if (parameter.required && optional_before) complain(path, Notice("mistake.required_after_optional"));
      optional_before = optional_before || !parameter.required;
    }
  }

  void default_of(ActionParameter const& parameter, std::string const& path) {
    if (!parameter.fallback) return;
    if (parameter.required) complain(path + ".required", Notice("mistake.default_of_required"));
    if (parameter.fallback->empty()) return;
    auto const accepted = accept(parameter, *parameter.fallback, config_);
    if (!accepted) complain(path + ".default", accepted.error());
  }

  void only_for(ParameterType type, ActionParameter const& parameter, std::string const& path, bool given) {
    if (given && parameter.type != type)
      complain(path, Notice("mistake.not_for_type").with("type", std::string(name_of(parameter.type))));
  }

  void steps(std::vector<ActionStep> const& list, std::string const& key) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      auto const path = at("." + key, i);
      if (auto const* run = std::get_if<RunStep>(&list[i])) command(*run, path + ".run");
      if (auto const* http = std::get_if<HttpStep>(&list[i])) {
        if (!http->http.empty() && config_.health_check(http->http) == nullptr)
          complain(path + ".http", Notice("mistake.health_unknown").with("name", http->http));
      }
    }
  }

  void command(RunStep const& step, std::string const& path) {
    if (step.run.empty()) return;
    auto const& program = step.run.front();
    bool const rooted = program.literal.starts_with('/') || program.literal.starts_with("./");
    if (!program.parameter.empty() || !rooted || program.literal.ends_with('/'))
      complain(at(path, 0), Notice("mistake.program"));
    if (!program.parameter.empty()) used_.insert(program.parameter);
    bool const launched = holds(kLaunchers, base_name(program.literal));
    bool has_fixed_program = !launched;
    bool has_parameter = false;
    for (std::size_t i = 1; i < step.run.size(); ++i) {
      auto const& argument = step.run[i];
      if (argument.parameter.empty()) {
        has_fixed_program =
            has_fixed_program || argument.literal.starts_with('/') || argument.literal.starts_with("./");
        continue;
      }
      has_parameter = true;
      if (!has_fixed_program) complain(at(path, i), Notice("mistake.parameter_as_program"));
      used_.insert(argument.parameter);
      if (action_.parameter(argument.parameter) == nullptr)
        complain(at(path, i), Notice("mistake.parameter_unknown").with("name", argument.parameter));
      if (!argument.literal.empty() && !holds(action_.flags, argument.literal))
        complain(at(path, i), Notice("mistake.flag_undeclared").with("flag", argument.literal));
      if (step.run[i - 1].parameter.empty() && holds(kCodeFlags, step.run[i - 1].literal))
        complain(at(path, i), Notice("mistake.parameter_as_code"));
    }
    if (has_parameter && reaches_shell(step)) complain(path, Notice("mistake.parameter_and_shell"));
  }

  /// Does any word of the command hand text to a shell: `sh -c`, `bash -lc`, behind sudo or docker too, or ssh?
  static bool reaches_shell(RunStep const& step) {
    bool shell = false;
    for (auto const& argument : step.run) {
      auto const& word = argument.literal;
      if (holds(kShellUsers, base_name(word))) return true;
      bool const short_flags = word.starts_with('-') && !word.starts_with("--");
      if (shell && short_flags && word.find('c') != std::string::npos) return true;
      shell = shell || holds(kShells, base_name(word));
    }
    return false;
  }

  void target() {
    auto const names = parameters_in(action_.target);
    if (!names) return complain(".target", Notice("mistake.argument"));
    for (auto const& name : *names) {
      used_.insert(name);
      if (action_.parameter(name) == nullptr)
        complain(".target", Notice("mistake.parameter_unknown").with("name", name));
    }
  }

  void environment() {
    auto const& list = action_.environment;
    for (std::size_t i = 0; i < list.size(); ++i) {
      for (std::size_t j = 0; j < list.size(); ++j) {
        if (i == j) continue;
        bool const covered =
            list[j].ends_with('*') && list[i] != list[j] && list[i].starts_with(list[j].substr(0, list[j].size() - 1));
        if (!covered && !(j < i && list[i] == list[j])) continue;
        complain(at(".environment", i), Notice("mistake.covered").with("name", list[i]).with("by", list[j]));
        break;
      }
    }
  }

  void unused_parameters() {
    for (std::size_t i = 0; i < action_.parameters.size(); ++i) {
      auto const& name = action_.parameters[i].name;
      if (!name.empty() && used_.count(name) == 0)
        complain(at(".parameters", i), Notice("mistake.parameter_unused").with("name", name));
    }
  }

  ActionSpec const& action_;
  std::string path_;
  Config const& config_;
  Complaints& complaints_;
  std::set<std::string> used_;
};

}  // namespace

void check_actions(Config const& config, Complaints& complaints) {
  for (std::size_t i = 0; i < config.actions.size(); ++i)
    ActionCheck(config.actions[i], at("actions", i), config, complaints).run();
}

}  // namespace tocsin
