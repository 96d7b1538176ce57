// The people: who they are on each platform, how they are reached, what they may do, and who is on call.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/describe.hpp"
#include "config/locale.hpp"
#include "config/rights.hpp"
#include "config/scalars.hpp"
#include "incidents/base/ids.hpp"
#include "incidents/duty.hpp"
#include "incidents/severity.hpp"

namespace tocsin {

/// A way to reach somebody. `inbox` is the bot's own: terminal and web show it.
enum class Channel : std::uint8_t { inbox, email, slack, dingtalk, dingtalk_work };
template <>
struct Names<Channel> {
  static constexpr std::array<std::string_view, 5> kAll{"inbox", "email", "slack", "dingtalk", "dingtalk_work"};
};

/// Which channels are tried, in order; indexed by Severity. An empty list: every channel the person can be reached
/// by, e-mail first, the inbox last.
using ChannelTable = std::array<std::vector<Channel>, 4>;

/// Who a person is elsewhere. No two people may claim the same one.
struct Identities {
  std::string slack;
  std::string dingtalk;
  std::string web;
  std::string terminal;
  std::string email;
  std::string phone;
  friend bool operator==(Identities const&, Identities const&) = default;
};

template <class V>
void describe(V& v, Identities& it) {
  v.key("slack", it.slack, "Slack member ID, such as U024BE7LH.", {.form = Form::identity});
  v.key("dingtalk", it.dingtalk, "DingTalk staff ID; left out: whoever has the telephone there.",
        {.form = Form::identity});
  v.key("web", it.web, "Name in the web chat.", {.form = Form::identity});
  v.key("terminal", it.terminal, "Unix user name, or numeric user ID, on the machine of the bot.",
        {.form = Form::identity});
  v.key("email", it.email, "E-mail address; pages of channel `email` go there.", {.form = Form::email});
  v.key("phone", it.phone, "Telephone in international form, such as +8613800000000.", {.form = Form::phone});
}

/// Hours in which somebody is reached differently. They choose channels and never delay a page.
struct Quiet {
  DailyHours hours{};
  ChannelTable channels;
  friend bool operator==(Quiet const&, Quiet const&) = default;
};

template <class V>
void describe(V& v, Quiet& it) {
  v.key("hours", it.hours, "From and to, in the person's zone, such as 22:00-08:00.", {.required = true});
  v.key("channels", it.channels, "Channels in these hours, by severity; one left out keeps the usual channels.");
}

struct Person {
  PersonId id;
  Localized name;
  Role role = Role::responder;
  std::optional<Locale> locale;
  std::string zone;
  Identities identities;
  ChannelTable channels;
  std::optional<Quiet> quiet;
  bool guest = false;  ///< nobody wrote them down: a platform says who they are, and that is enough for little
  friend bool operator==(Person const&, Person const&) = default;
};

template <class V>
void describe(V& v, Person& it) {
  v.key("id", it.id, "The word that names this person everywhere in this file and in commands.", {.required = true});
  v.key("name", it.name, "Name as people read it; one for all languages, or one for each.", {.required = true});
  v.key("role", it.role,
        "What the person may do: viewer looks, responder handles incidents, operator runs remedies, "
        "admin changes the bot.");
  v.key("locale", it.locale, "Language of direct messages; left out: the language of the bot.");
  v.key("zone", it.zone, "IANA time zone in which the person reads times; left out: the zone of the bot.",
        {.form = Form::locale_zone});
  v.key("identities", it.identities, "Who the person is on each platform.");
  v.key("channels", it.channels,
        "Channels by severity, tried in order; a plain list counts for all severities. Left "
        "out: every channel the person has, e-mail first, inbox last.");
  v.key("quiet", it.quiet, "Hours in which other channels are used. They never delay a page.");
}

/// Who holds a role of the escalation ("tech-lead"): all of them are paged.
using RoleTable = std::map<std::string, std::vector<PersonId>>;

/// The role that is never listed in `roles`: whoever is on call.
inline constexpr std::string_view kDutyRole = "duty";

/// One line of the list of contacts: what the person is for, and how people reach them without the bot.
struct Contact {
  Localized title;
  PersonId person;
  std::string email;
  std::string phone;
  friend bool operator==(Contact const&, Contact const&) = default;
};

template <class V>
void describe(V& v, Contact& it) {
  v.key("title", it.title, "What the contact is for, such as 安全专员.", {.required = true});
  v.key("person", it.person, "Who of `people` it is.");
  v.key("email", it.email, "Address as printed; left out: that of the person.", {.form = Form::email});
  v.key("phone", it.phone, "Telephone as printed; left out: that of the person.", {.form = Form::phone_text});
}

/// Support outside the company.
struct Vendor {
  Localized name;
  std::string phone;
  std::string email;
  std::string url;
  Localized note;
  friend bool operator==(Vendor const&, Vendor const&) = default;
};

template <class V>
void describe(V& v, Vendor& it) {
  v.key("name", it.name, "Who they are, such as the cloud provider.", {.required = true});
  v.key("phone", it.phone, "Telephone as printed.", {.form = Form::phone_text});
  v.key("email", it.email, "E-mail address.", {.form = Form::email});
  v.key("url", it.url, "Where a ticket is opened.", {.form = Form::url});
  v.key("note", it.note, "What to have at hand: contract number, hours.");
}

template <>
struct Names<Rotation::Every> {
  static constexpr std::array<std::string_view, 2> kAll{"day", "week"};
};

template <class V>
void describe(V& v, Rotation& it) {
  v.key("every", it.every, "How long a turn is.");
  v.key("people", it.people, "Who takes turns, in this order.", {.required = true, .min = 1, .max = 100});
  v.key("start", it.start, "Local date of the first turn; for weekly turns also the weekday of the hand-over.",
        {.required = true});
  v.key("hand_over", it.hand_over, "Local time of the hand-over.", {.max = 1439});
  v.key("zone", it.zone, "IANA time zone of the hand-over; left out: the zone of the bot.",
        {.form = Form::locale_zone});
}

struct DutySettings {
  DutySchedule schedule;
  std::vector<Contact> contacts;
  std::vector<Vendor> vendors;
  friend bool operator==(DutySettings const&, DutySettings const&) = default;
};

template <class V>
void describe(V& v, DutySettings& it) {
  v.key("rotation", it.schedule.rotation, "Who is on call when. Left out: the backups are.");
  v.key("backups", it.schedule.backups, "Paged, in this order, when nobody else is found or reached.", {.max = 20});
  v.key("contacts", it.contacts, "The list of contacts, as `/oncall contacts` prints it.", {.max = 50});
  v.key("vendors", it.vendors, "Support outside the company, as `/oncall vendors` prints it.", {.max = 50});
}

}  // namespace tocsin
