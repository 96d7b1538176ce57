#include "config/loader.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>

#include "config/checks.hpp"
#include "config/tree_reader.hpp"
#include "config/yaml_tree.hpp"

namespace tocsin {
namespace {

/// Defaults that depend on other settings.
void fill_in(Config& config, Positions const& written) {
  auto& rotation = config.duty.schedule.rotation;
  if (rotation && written.count("duty.rotation.zone") == 0) rotation->zone = config.time_zone;
  for (std::size_t i = 0; i < config.actions.size(); ++i) {
    auto& parameters = config.actions[i].parameters;
    for (std::size_t j = 0; j < parameters.size(); ++j) {
      auto const required = at(at("actions", i) + ".parameters", j) + ".required";
      if (parameters[j].fallback && written.count(required) == 0) parameters[j].required = false;
    }
  }
  for (auto& policy : config.escalation) {
    for (auto& step : policy.steps) {
      for (auto& recipient : step.page) {
        bool const person = recipient.name != kDutyRole && config.roles.count(recipient.name) == 0 &&
                            config.person(PersonId{recipient.name}) != nullptr;
        recipient.kind = person ? Recipient::Kind::person : Recipient::Kind::role;
      }
    }
  }
}

}  // namespace

Result<std::string> read_secret_file(std::string const& path) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) return Error{Errc::not_found, "there is no such file"};
  if (!S_ISREG(facts.st_mode)) return Error{Errc::refused, "it is not a file"};
  if (facts.st_size > static_cast<off_t>(kMaxSecretBytes)) return Error{Errc::too_large, "the file is too large"};
  std::ifstream file(path, std::ios::binary);
  std::string content(static_cast<std::size_t>(facts.st_size), '\0');
  if (!file.read(content.data(), static_cast<std::streamsize>(content.size())))
    return Error{Errc::unavailable, "the file can not be read"};
  if (content.ends_with('\n')) content.pop_back();
  if (content.ends_with('\r')) content.pop_back();
  return content;
}

Loaded load_config(std::string_view text, std::string const& file, Sources const& sources) {
  auto parsed = yaml::parse(text, file);
  if (auto* mistakes = std::get_if<std::vector<Mistake>>(&parsed)) return std::move(*mistakes);
  TreeReader reader(file, sources);
  auto config = reader.read(std::get<yaml::Node>(parsed));
  fill_in(config, reader.positions);

  Complaints complaints(file, reader.positions, reader.mistakes);
  check_people(config, complaints);
  check_response(config, complaints);
  check_stack(config, complaints);
  check_settings(config, complaints);
  check_actions(config, complaints);
  if (reader.mistakes.empty()) return config;
  std::stable_sort(reader.mistakes.begin(), reader.mistakes.end(), [](Mistake const& a, Mistake const& b) {
    return std::pair(a.line, a.column) < std::pair(b.line, b.column);
  });
  return std::move(reader.mistakes);
}

}  // namespace tocsin
