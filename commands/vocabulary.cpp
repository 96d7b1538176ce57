#include "commands/vocabulary.hpp"

#include <algorithm>

namespace tocsin {
namespace {

/// The place of `value` in `all`, where it is added if it is new.
template <class T>
std::uint32_t index_in(std::vector<T>& all, T const& value) {
  auto const at = std::find(all.begin(), all.end(), value);
  auto const index = static_cast<std::uint32_t>(at - all.begin());
  if (at == all.end()) all.push_back(value);
  return index;
}

}  // namespace

bool Vocabulary::add_self(std::string_view name) { return selves_.add(name, 0); }

bool Vocabulary::add_person(std::string_view name, PersonId const& person) {
  if (person.empty() || !people_.add(name, index_in(person_ids_, person))) return false;
  names_.emplace_back(name);
  return true;
}

bool Vocabulary::add_word(std::string const& list, std::string_view alias, std::string_view canonical) {
  auto& place = lists_[list];
  auto const meaning = index_in(place.canonical, std::string(canonical));
  bool const added = place.lexicon.add(canonical, meaning) && place.lexicon.add(alias, meaning);
  if (added) index_in(place.words, std::string(canonical)), index_in(place.words, std::string(alias));
  return added;
}

std::size_t Vocabulary::longest_self(std::string_view text) const {
  auto const found = selves_.longest(text);
  return found ? found->used : 0;
}

std::optional<Read<PersonId>> Vocabulary::longest_person(std::string_view text) const {
  auto const found = people_.longest(text);
  if (!found) return {};
  return Read<PersonId>{person_ids_[found->value], found->used};
}

std::optional<PersonId> Vocabulary::person(std::string_view name) const {
  auto const found = people_.exact(name);
  if (!found) return {};
  return person_ids_[*found];
}

std::optional<Read<std::string>> Vocabulary::longest_word(std::string const& list, std::string_view text) const {
  auto const place = lists_.find(list);
  if (place == lists_.end()) return {};
  auto const found = place->second.lexicon.longest(text);
  if (!found) return {};
  return Read<std::string>{place->second.canonical[found->value], found->used};
}

std::vector<std::string> Vocabulary::words_of(std::string const& list) const {
  auto const place = lists_.find(list);
  return place == lists_.end() ? std::vector<std::string>{} : place->second.words;
}

std::vector<std::string> Vocabulary::canonical_words_of(std::string const& list) const {
  auto const place = lists_.find(list);
  return place == lists_.end() ? std::vector<std::string>{} : place->second.canonical;
}

}  // namespace tocsin
