// Everything that follows from one configuration: the command table, the names people may type, who is reached how.
// Immutable; a reload makes a new one and whoever is at work keeps the old one to the end.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "commands/call.hpp"
#include "commands/command.hpp"
#include "commands/vocabulary.hpp"
#include "config/catalogue.hpp"
#include "config/config.hpp"
#include "incidents/base/redactor.hpp"
#include "incidents/desk.hpp"

namespace tocsin {

struct Setup {
  /// `former`: what was a secret before a reload is one for as long as the bot runs.
  Setup(Config configuration, std::shared_ptr<Catalogue const> words, Redactor const* former = nullptr);
  Setup(Setup const&) = delete;
  Setup& operator=(Setup const&) = delete;

  Config const config;
  std::shared_ptr<Catalogue const> const catalogue;
  CommandTable const table;
  std::shared_ptr<Redactor const> const redactor;  ///< never null
  Vocabulary vocabulary;
  Directory directory;

  /// One person, many accounts. An account that nobody has claimed is a viewer without a person.
  [[nodiscard]] Caller caller_of(std::string_view platform, std::string const& account) const;
  [[nodiscard]] Caller caller_of(PersonId const& person, std::string account) const;
  /// How a person (or, without one, a channel) reads.
  [[nodiscard]] Reader reader_of(PersonId const& person, Instant now, Medium medium) const;
  [[nodiscard]] std::string display_name(PersonId const& person, Locale locale) const;
};

using CurrentSetup = std::function<std::shared_ptr<Setup const>()>;

}  // namespace tocsin
