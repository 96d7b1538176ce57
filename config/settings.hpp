// The settings of the bot itself: where it listens, how it sends, how strict it is, how long it keeps things.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "config/credential.hpp"
#include "config/describe.hpp"
#include "config/rights.hpp"
#include "config/scalars.hpp"

namespace tocsin {

struct HttpSettings {
  HostPort listen{"127.0.0.1", 8088};
  std::string public_url;
  std::string public_ca_file;
  std::optional<HostPort> public_listen;
  std::vector<std::string> allowed_hosts;
  friend bool operator==(HttpSettings const&, HttpSettings const&) = default;
};

template <class V>
void describe(V& v, HttpSettings& it) {
  v.key("listen", it.listen, "Where web chat, API, health and metrics are served.", {.restart = true});
  v.key("public_url", it.public_url,
        "The address under which phones and alert systems reach the bot. Links stand in pages once the bot has "
        "proven, by asking itself there, that it answers.",
        {.form = Form::url});
  v.key("public_ca_file", it.public_ca_file,
        "Certificates to trust instead of the system's when the bot proves that it is reached there, PEM.",
        {.form = Form::path});
  v.key("public_listen", it.public_listen,
        "A second listener that serves only acknowledgement links, hooks and the "
        "calendar. Needs `public_url`.",
        {.restart = true});
  v.key("allowed_hosts", it.allowed_hosts,
        "Further values of the Host header that are answered, such as *.lawsker.com; "
        "the listening address, localhost and the public URL always are.",
        {.max = 50, .form = Form::host_pattern});
}

/// How a mail server is spoken to. `starttls` refuses to go on without it.
enum class MailSecurity : std::uint8_t { starttls, tls, none };
template <>
struct Names<MailSecurity> {
  static constexpr std::array<std::string_view, 3> kAll{"starttls", "tls", "none"};
};

struct MailSettings {
  std::string host;
  std::uint16_t port = 587;
  MailSecurity security = MailSecurity::starttls;
  std::string user;
  Credential password;
  std::string from;
  std::string ca_file;
  Millis deadline = std::chrono::seconds{20};
  friend bool operator==(MailSettings const&, MailSettings const&) = default;
};

template <class V>
void describe(V& v, MailSettings& it) {
  v.key("host", it.host, "The SMTP server.", {.required = true, .form = Form::host});
  v.key("port", it.port, "587 for starttls, 465 for tls.", {.min = 1, .max = 65'535});
  v.key("security", it.security, "starttls, tls, or none. A password without encryption is sent to this machine only.");
  v.key("user", it.user, "Account; left out: no login.", {.form = Form::identity});
  v.key("password", it.password, "env:NAME or file:PATH.");
  v.key("from", it.from, "Sender address.", {.required = true, .form = Form::email});
  v.key("ca_file", it.ca_file, "Certificates to trust instead of the system's, PEM.", {.form = Form::path});
  v.key("deadline", it.deadline, "The longest time for one message.", {.min = 1'000, .max = 120'000});
}

/// From which severity on an incident gets a channel of its own.
enum class OwnChannel : std::uint8_t { p0, p1, p2, p3, never };
template <>
struct Names<OwnChannel> {
  static constexpr std::array<std::string_view, 5> kAll{"P0", "P1", "P2", "P3", "never"};
};

struct SlackOptions {
  Credential app_token;
  Credential bot_token;
  std::string api_url = "https://slack.com/api/";
  std::string ca_file;
  std::string channel;
  OwnChannel own_channel = OwnChannel::p1;
  std::string channel_prefix = "inc-";
  bool archive = true;
  std::string meeting;
  std::vector<std::string> invite;
  std::string timeline_emoji = "pushpin";
  std::int64_t opens_per_minute = 6;
  Millis silence{30'000};
  friend bool operator==(SlackOptions const&, SlackOptions const&) = default;
};

template <class V>
void describe(V& v, SlackOptions& it) {
  v.key("app_token", it.app_token, "App-level token (xapp-…) for Socket Mode: env:NAME or file:PATH.",
        {.required = true, .restart = true});
  v.key("bot_token", it.bot_token, "Bot token (xoxb-…): env:NAME or file:PATH.", {.required = true, .restart = true});
  v.key("api_url", it.api_url, "Base of the Web API.", {.restart = true, .form = Form::url});
  v.key("ca_file", it.ca_file, "Certificates to trust instead of the system's, PEM.",
        {.restart = true, .form = Form::path});
  v.key("channel", it.channel,
        "Channel ID, such as C024BE91L, where incidents are told that were not opened in Slack; left out: they are not "
        "told there.",
        {.form = Form::identity});
  v.key("own_channel", it.own_channel,
        "Incidents of this severity and worse get a channel of their own, others a thread; `never`: all get a thread.");
  v.key("channel_prefix", it.channel_prefix, "What the names of those channels begin with; number and title follow.",
        {.form = Form::identity});
  v.key("archive", it.archive, "The channel of an incident is archived when the incident is closed.");
  v.key("meeting", it.meeting, "Address of the call for an incident; `{number}` stands for its number.",
        {.form = Form::url});
  v.key("invite", it.invite,
        "Handles of user groups, without @, whose members are invited into the channel of each incident that is not "
        "private.",
        {.form = Form::identity});
  v.key("timeline_emoji", it.timeline_emoji,
        "Who puts this emoji (or a pin) on a message in an incident's channel or thread puts the message on its "
        "timeline.",
        {.form = Form::identity});
  v.key("opens_per_minute", it.opens_per_minute,
        "How often at most Slack is asked for a new connection; it allows 50, and asks to be asked rarely.",
        {.restart = true, .min = 1, .max = 1'000});
  v.key(
      "silence", it.silence,
      "A connection over which nothing at all came for so long is dead; after two thirds of it another is made ready.",
      {.restart = true, .min = 10'000, .max = 300'000});
}

/// Of whoever has no entry among the people.
struct Department {
  std::string id;
  Role role = Role::viewer;
  friend bool operator==(Department const&, Department const&) = default;
};

template <class V>
void describe(V& v, Department& it) {
  v.key("id", it.id, "Department ID, such as 21.", {.required = true, .form = Form::identity});
  v.key("role", it.role, "What its members may do: viewer, or responder, but no danger and no approval.",
        {.required = true});
}

/// How loud a DING is.
enum class Ding : std::uint8_t { app, text, call };
template <>
struct Names<Ding> {
  static constexpr std::array<std::string_view, 3> kAll{"app", "text", "call"};
};

struct DingTable {
  Ding p0 = Ding::call;
  Ding p1 = Ding::text;
  Ding p2 = Ding::app;
  Ding p3 = Ding::app;
  friend bool operator==(DingTable const&, DingTable const&) = default;
};

template <class V>
void describe(V& v, DingTable& it) {
  v.key("P0", it.p0, "In the app, by text message, or by telephone.");
  v.key("P1", it.p1, "The same for P1.");
  v.key("P2", it.p2, "The same for P2.");
  v.key("P3", it.p3, "The same for P3.");
}

struct DingTalkOptions {
  std::string client_id;
  Credential client_secret;
  std::string api_url = "https://api.dingtalk.com";
  std::string old_api_url = "https://oapi.dingtalk.com";
  std::string ca_file;
  std::string robot_code;
  std::string group;
  std::string card_template;
  std::string name = "警钟";
  std::vector<Department> departments;
  DingTable ding;
  std::string room_template;
  std::string room_robot;
  std::string room_owner;
  OwnChannel own_room = OwnChannel::p1;
  std::int64_t agent_id = 0;
  std::int64_t opens_per_minute = 6;
  Millis silence{45'000};
  friend bool operator==(DingTalkOptions const&, DingTalkOptions const&) = default;

  /// Of an app of the organization's own it is the client ID, as a rule.
  [[nodiscard]] std::string const& robot() const { return robot_code.empty() ? client_id : robot_code; }
};

template <class V>
void describe(V& v, DingTalkOptions& it) {
  v.key("client_id", it.client_id, "Client ID (AppKey) of the app.",
        {.required = true, .restart = true, .form = Form::identity});
  v.key("client_secret", it.client_secret, "Client secret: env:NAME or file:PATH.",
        {.required = true, .restart = true});
  v.key("api_url", it.api_url, "Base of the open API.", {.restart = true, .form = Form::url});
  v.key("old_api_url", it.old_api_url, "Base of the older API.", {.restart = true, .form = Form::url});
  v.key("ca_file", it.ca_file, "Certificates to trust instead of the system's, PEM.",
        {.restart = true, .form = Form::path});
  v.key("robot_code", it.robot_code, "Code of the robot; left out: the client ID.",
        {.restart = true, .form = Form::identity});
  v.key("group", it.group,
        "openConversationId of the group where incidents are told that were not opened in DingTalk; left out: they are "
        "not told there.");
  v.key("card_template", it.card_template,
        "Template of the interactive card, such as 0a1b2c3d-….schema; left out: cards are messages with links.");
  v.key("name", it.name, "The robot's name in groups, by which people mention it.");
  v.key("departments", it.departments,
        "Departments whose members have a role without being named among the people; of several the highest counts.");
  v.key("room_template", it.room_template,
        "Template of a scene group: each incident that `own_room` says gets a group of its own made from it; left out: "
        "they stay in the group where they were opened.",
        {.form = Form::identity});
  v.key("room_robot", it.room_robot, "Code of the robot that the template brings into the group.",
        {.form = Form::identity});
  v.key("room_owner", it.room_owner, "Staff ID of whoever owns those groups.", {.form = Form::identity});
  v.key("own_room", it.own_room, "Incidents that get a group of their own, up to this severity.");
  v.key("agent_id", it.agent_id,
        "AgentId of the app, for pages by work notification, channel `dingtalk_work`; 0: there are none.",
        {.restart = true, .min = 0, .max = 1'000'000'000'000});
  v.key("ding", it.ding, "How loud a page by DING is, by severity; text messages and calls spend the robot's quota.");
  v.key("opens_per_minute", it.opens_per_minute, "How often at most DingTalk is asked for a new connection.",
        {.restart = true, .min = 1, .max = 1'000});
  v.key(
      "silence", it.silence,
      "A connection over which nothing at all came for so long is dead; after two thirds of it another is made ready.",
      {.restart = true, .min = 10'000, .max = 600'000});
}

struct ChatSettings {
  std::optional<SlackOptions> slack;
  std::optional<DingTalkOptions> dingtalk;
  friend bool operator==(ChatSettings const&, ChatSettings const&) = default;
};

template <class V>
void describe(V& v, ChatSettings& it) {
  v.key("slack", it.slack, "Slack through Socket Mode.", {.restart = true});
  v.key("dingtalk", it.dingtalk, "DingTalk through Stream mode.", {.restart = true});
}

struct GuardSettings {
  Millis confirmation = std::chrono::minutes{5};
  Millis approval = std::chrono::minutes{10};
  std::optional<Millis> break_glass_after = std::chrono::minutes{3};
  std::optional<RateLimit> rate_limit = RateLimit{30, std::chrono::minutes{1}};
  friend bool operator==(GuardSettings const&, GuardSettings const&) = default;
};

template <class V>
void describe(V& v, GuardSettings& it) {
  v.key("confirmation", it.confirmation, "A confirmation lapses after this time.", {.min = 10'000, .max = 3'600'000});
  v.key("approval", it.approval, "An approval, asked or given, lapses after this time.",
        {.min = 10'000, .max = 3'600'000});
  v.key("break_glass_after", it.break_glass_after,
        "The duty may go on alone in P0 and P1 when nobody answered a request "
        "for so long; `off`: never.",
        {.off = true, .min = 10'000, .max = 3'600'000});
  v.key("rate_limit", it.rate_limit, "Commands of one person, such as `30 per 1m`; `off` for benchmarks.",
        {.off = true});
}

struct RetentionSettings {
  Millis envelopes = std::chrono::hours{24 * 7};
  Millis outputs = std::chrono::hours{24 * 90};
  Millis audit = std::chrono::hours{24 * 400};
  friend bool operator==(RetentionSettings const&, RetentionSettings const&) = default;
};

template <class V>
void describe(V& v, RetentionSettings& it) {
  v.key("envelopes", it.envelopes,
        "Inbound messages that are done are kept so long, to recognise one that comes again.", {.min = 3'600'000});
  v.key("outputs", it.outputs,
        "Outputs of programs are kept so long (their digest stays), and what can be edited in chat.",
        {.min = 3'600'000});
  v.key("audit", it.audit,
        "Rows of the audit stay in the database so long; then they are sealed, 10,000 at a time, into read-only files "
        "beside it, which `audit verify` and `audit export` read, too.",
        {.min = 86'400'000});
}

struct AuditSettings {
  Millis anchor_every = std::chrono::hours{24};
  friend bool operator==(AuditSettings const&, AuditSettings const&) = default;
};

template <class V>
void describe(V& v, AuditSettings& it) {
  v.key("anchor_every", it.anchor_every,
        "So often the signed head of the audit goes to the channel and to the admins by e-mail, if anything was "
        "recorded since.",
        {.min = 60'000});
}

struct DrillSettings {
  std::int64_t speed = 10;
  friend bool operator==(DrillSettings const&, DrillSettings const&) = default;
};

template <class V>
void describe(V& v, DrillSettings& it) {
  v.key("speed", it.speed, "How many times faster the clocks of a practice run.", {.min = 1, .max = 600});
}

/// An outside service that raises the alarm when the bot falls silent.
struct HeartbeatSettings {
  std::string url;
  Millis every = std::chrono::minutes{1};
  friend bool operator==(HeartbeatSettings const&, HeartbeatSettings const&) = default;
};

template <class V>
void describe(V& v, HeartbeatSettings& it) {
  v.key("url", it.url, "Fetched every so often while the bot is well.",
        {.required = true, .sensitive = true, .form = Form::url});
  v.key("every", it.every, "How often.", {.min = 10'000, .max = 3'600'000});
}

}  // namespace tocsin
