// The names that a deployment knows: what the bot is called, who its people are, what its services are called.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "commands/lexicon.hpp"
#include "incidents/base/ids.hpp"

namespace tocsin {

/// Built from the configuration and the platforms, then only read, from any thread. Names are compared folded.
class Vocabulary {
 public:
  /// What the bot is called after an `@`: "tocsin", "警钟", its id on a platform ("U0BOT"). False: taken or unusable.
  bool add_self(std::string_view name);
  /// A name, an alias, or an id on a platform ("U012ABCDEF"). False: somebody else has it, or it is unusable.
  bool add_person(std::string_view name, PersonId const& person);
  /// One word of a list, such as "service": 后端 → backend. `canonical` becomes a word of the list, too. False: it
  /// means something else already, or is unusable.
  bool add_word(std::string const& list, std::string_view alias, std::string_view canonical);

  /// The bot's longest name that `text` begins with; its bytes, or 0.
  [[nodiscard]] std::size_t longest_self(std::string_view text) const;
  [[nodiscard]] std::optional<Read<PersonId>> longest_person(std::string_view text) const;
  [[nodiscard]] std::optional<PersonId> person(std::string_view name) const;
  /// The canonical word.
  [[nodiscard]] std::optional<Read<std::string>> longest_word(std::string const& list, std::string_view text) const;

  /// Everything that can be said, for suggestions.
  [[nodiscard]] std::vector<std::string> const& names_of_people() const noexcept { return names_; }
  [[nodiscard]] std::vector<std::string> words_of(std::string const& list) const;
  /// Canonical words only, in the order they were added.
  [[nodiscard]] std::vector<std::string> canonical_words_of(std::string const& list) const;

 private:
  struct List {
    Lexicon lexicon;  // meanings are indices into `canonical`
    std::vector<std::string> canonical;
    std::vector<std::string> words;
  };
  Lexicon selves_;
  Lexicon people_;  // meanings are indices into person_ids_
  std::vector<PersonId> person_ids_;
  std::vector<std::string> names_;
  std::map<std::string, List, std::less<>> lists_;
};

}  // namespace tocsin
