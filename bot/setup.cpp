#include "bot/setup.hpp"

#include <algorithm>

#include "commands/verbs/table.hpp"
#include "config/secrets.hpp"

namespace tocsin {
namespace {

Vocabulary vocabulary_of(Config const& config) {
  Vocabulary vocabulary;
  vocabulary.add_self("tocsin");
  vocabulary.add_self("警钟");
  for (auto const& person : config.people) {
    vocabulary.add_person(person.id.value, person.id);
    for (auto const locale : kLocales) vocabulary.add_person(person.name.in(locale), person.id);
    if (!person.identities.slack.empty()) vocabulary.add_person(person.identities.slack, person.id);
    if (!person.identities.dingtalk.empty()) vocabulary.add_person(person.identities.dingtalk, person.id);
  }
  auto const add = [&vocabulary](std::string const& list, auto const& named) {
    vocabulary.add_word(list, named.name, named.name);
    for (auto const& alias : named.aliases) vocabulary.add_word(list, alias, named.name);
  };
  for (auto const& service : config.services) add("service", service);
  for (auto const& log : config.logs) add("log", log);
  for (auto const& check : config.health) add("health", check);
  return vocabulary;
}

std::string contact_of(Person const& person, Channel channel) {
  switch (channel) {
    case Channel::inbox:
      return person.id.value;
    case Channel::email:
      return person.identities.email;
    case Channel::slack:
      return person.identities.slack;
    case Channel::dingtalk:
    case Channel::dingtalk_work:
      return person.identities.dingtalk;
  }
  return {};
}

std::shared_ptr<Redactor const> redactor_for(Config const& config, Catalogue const& words, Redactor const* former) {
  auto secrets = secrets_of(config);
  for (auto const& old : former == nullptr ? std::vector<Secret>{} : former->secrets()) {
    bool const known = std::any_of(secrets.begin(), secrets.end(), [&old](Secret const& each) {
      return equal_in_constant_time(each.reveal(), old.reveal());
    });
    if (!known) secrets.push_back(old);
  }
  Reader reader;
  reader.locale = config.locale;
  reader.medium = Medium::plain;
  return std::make_shared<Redactor const>(std::move(secrets), words.render(Notice("mark.redacted"), reader));
}

}  // namespace

Setup::Setup(Config configuration, std::shared_ptr<Catalogue const> words, Redactor const* former)
    : config(std::move(configuration)),
      catalogue(std::move(words)),
      table(verbs::all_commands(config)),
      redactor(redactor_for(config, *catalogue, former)),
      vocabulary(vocabulary_of(config)) {
  directory.promises = {config.targets(), config.escalation};
  directory.duty = config.duty.schedule;
  directory.roles = config.roles;
  directory.channels = [this](PersonId const& id, Severity severity, Instant at) {
    std::vector<std::pair<std::string, std::string>> channels;
    auto const* person = config.person(id);
    if (person == nullptr) return channels;
    for (auto const channel : config.channels(*person, severity, at)) {
      if (auto contact = contact_of(*person, channel); !contact.empty())
        channels.emplace_back(std::string(name_of(channel)), std::move(contact));
    }
    return channels;
  };
}

Caller Setup::caller_of(std::string_view platform, std::string const& account) const {
  auto const known_as = [&](Person const& person) -> std::string const& {
    auto const& ids = person.identities;
    return platform == "web"        ? ids.web
           : platform == "terminal" ? ids.terminal
           : platform == "slack"    ? ids.slack
                                    : ids.dingtalk;
  };
  auto const name = std::string(platform) + ":" + account;
  for (auto const& person : config.people) {
    if (!account.empty() && known_as(person) == account) return caller_of(person.id, name);
  }
  return caller_of(PersonId{}, name);
}

Caller Setup::caller_of(PersonId const& id, std::string account) const {
  auto const* person = config.person(id);
  Caller caller;
  caller.account = std::move(account);
  caller.locale = config.locale;
  caller.zone = config.time_zone;
  if (person == nullptr) return caller;
  caller.person = person->id;
  caller.role = person->role;
  caller.locale = config.locale_of(person->id);
  caller.zone = config.zone_of(person->id);
  return caller;
}

Reader Setup::reader_of(PersonId const& person, Instant now, Medium medium) const {
  Reader reader;
  reader.locale = person.empty() ? config.locale : config.locale_of(person);
  reader.zone = person.empty() ? config.time_zone : config.zone_of(person);
  reader.now = now;
  reader.names = [this, locale = reader.locale](PersonId const& id) { return display_name(id, locale); };
  reader.medium = medium;
  return reader;
}

std::string Setup::display_name(PersonId const& id, Locale locale) const {
  auto const* person = config.person(id);
  return person == nullptr ? id.value : person->name.in(locale);
}

}  // namespace tocsin
