#include "bot/slack/reception.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <deque>
#include <nlohmann/json.hpp>
#include <utility>

#include "bot/late_answer.hpp"
#include "bot/log.hpp"
#include "bot/render.hpp"
#include "bot/slack/home.hpp"
#include "bot/slack/marking.hpp"
#include "bot/slack/stamp.hpp"
#include "bot/slack/views.hpp"
#include "bot/slack/worded.hpp"
#include "commands/parser.hpp"

namespace tocsin::slack {
namespace {

using Json = nlohmann::json;

constexpr char const* kPlatform = "slack";
/// Of Slack's three seconds: what comes later in an acknowledgement is seen by nobody.
constexpr Moment kInTime{2'500};
/// What comes again sooner than Slack's limit is the same once more, and not a second try.
constexpr Moment kSooner{900};
constexpr std::size_t kRemembered = 2'000;
constexpr std::string_view kRunAction = "run:";
constexpr std::string_view kOpenCallback = "incident_open";
constexpr std::string_view kOpenFromCallback = "incident_open_from";
constexpr std::string_view kNoteCallback = "timeline_note";
constexpr Millis kTriggerLife{3'000};

std::string json_text(Json const& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json content_of(Rendered const& content) {
  Json body{{"text", content.text}};
  auto blocks = Json::parse(content.blocks, nullptr, false);
  if (blocks.is_array() && !blocks.empty()) body["blocks"] = std::move(blocks);
  auto attachments = Json::parse(content.attachments, nullptr, false);
  if (attachments.is_array() && !attachments.empty()) body["attachments"] = std::move(attachments);
  return body;
}

std::string ephemeral(Rendered const& content) {
  auto body = content_of(content);
  body["response_type"] = "ephemeral";
  return json_text(body);
}

/// Without the mention of the bot, wherever it stands. True: there was one.
bool take_mention(std::string& text, std::string const& bot) {
  if (bot.empty()) return false;
  auto const start = text.find("<@" + bot);
  if (start == std::string::npos) return false;
  auto const end = text.find('>', start);
  if (end == std::string::npos) return false;
  text.replace(start, end + 1 - start, " ");
  return true;
}

/// Which incident an answer is about.
IncidentId incident_in(Message const& message) {
  for (auto const& block : message.blocks) {
    auto const* said = std::get_if<Say>(&block);
    auto const* arg = said == nullptr ? nullptr : said->notice.find("incident");
    auto const* id = arg == nullptr ? nullptr : std::get_if<IncidentId>(arg);
    if (id != nullptr) return *id;
  }
  return {};
}

/// One envelope on its way to its acknowledgement.
struct Ticket {
  ConnectionId connection = 0;
  std::string envelope;
  bool takes_payload = false;
  Moment came{};
  bool acknowledged = false;
};
using TicketPtr = std::shared_ptr<Ticket>;

/// Where the answer to a gesture goes.
struct Asked {
  TicketPtr ticket;
  std::string key;
  std::string user;
  Where where;  ///< what everybody may read
  Where alone;  ///< what only they may
  bool direct = false;
  std::string response_url;  ///< of a command: for what does not fit into its acknowledgement
  bool working = false;
  bool inside = false;  ///< a command's first answer was given
};
using AskedPtr = std::shared_ptr<Asked>;

}  // namespace

class Reception::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(Parts parts)
      : parts_(std::move(parts)), marking_({parts_.api, parts_.io, parts_.lane, parts_.setup, parts_.committed}) {}

  void stop() { stopped_ = true; }

  void take(ConnectionId connection, Envelope const& envelope) {
    auto const ticket =
        std::make_shared<Ticket>(Ticket{connection, envelope.id, envelope.takes_payload, parts_.now(), false});
    auto const gesture = gesture_of(envelope, parts_.self());
    std::visit([&](auto const& what) { act(ticket, gesture.key, what); }, gesture.what);
  }

  void catch_up(std::string const& event) {
    Envelope envelope;
    envelope.type = "events_api";
    envelope.payload = R"({"type":"event_callback","event":)" + event + "}";
    auto const ticket = std::make_shared<Ticket>();
    ticket->acknowledged = true;
    auto const gesture = gesture_of(envelope, parts_.self());
    if (auto const* typed = std::get_if<Typed>(&gesture.what)) act(ticket, gesture.key, *typed);
  }

 private:
  void acknowledge(TicketPtr const& ticket, std::string_view payload = {}) {
    if (std::exchange(ticket->acknowledged, true)) return;
    parts_.acknowledge(ticket->connection, acknowledgement(ticket->envelope, payload).text);
  }

  Rendered worded(Message const& message, Caller const& caller, bool for_all) const {
    auto const setup = parts_.setup();
    auto const now = parts_.clock.now();
    return for_all ? worded_for_channel(message, *setup, now, parts_.self().user)
                   : worded_for_person(message, *setup, now, caller.person);
  }

  void act(TicketPtr const& ticket, std::string const&, Nothing const&) { acknowledge(ticket); }

  void act(TicketPtr const& ticket, std::string const& key, Typed const& typed) {
    auto const asked = std::make_shared<Asked>();
    asked->ticket = ticket;
    asked->key = key;
    asked->user = typed.user;
    asked->alone = {typed.place.channel, typed.place.thread};
    asked->where = asked->alone;
    asked->direct = typed.place.direct;
    asked->response_url = typed.response_url;
    Inbound inbound;
    inbound.platform = kPlatform;
    inbound.id = key;
    inbound.account = typed.user;
    inbound.room = {kPlatform, typed.place.channel, typed.place.thread};
    inbound.direct = typed.place.direct;
    inbound.text = typed.text;
    if (typed.command) {
      if (auto const form = form_for(inbound))
        return open_form(ticket, typed.trigger, *form, inbound.room, asked, inbound);
      return hand_over(std::move(inbound), asked);
    }
    inbound.addressed = take_mention(inbound.text, parts_.self().user);
    inbound.sent = instant_of(typed.message);
    inbound.post_answer = true;
    if (!typed.place.direct && typed.place.thread.empty()) {
      asked->where.thread = typed.message;
      inbound.answer_thread = typed.message;
    }
    hand_over(std::move(inbound), asked);
  }

  void act(TicketPtr const& ticket, std::string const& key, Pressed const& pressed) {
    if (!pressed.action.starts_with(kRunAction) || pressed.value.empty()) return acknowledge(ticket);
    auto const asked = std::make_shared<Asked>();
    asked->ticket = ticket;
    asked->key = key;
    asked->user = pressed.user;
    asked->direct = pressed.place.direct || pressed.place.channel.empty();
    asked->alone = {pressed.place.channel, pressed.place.thread};
    asked->where = {pressed.place.channel, pressed.place.thread.empty() ? pressed.message : pressed.place.thread};
    if (asked->direct) asked->where.thread.clear();
    Inbound inbound;
    inbound.platform = kPlatform;
    inbound.id = key;
    inbound.account = pressed.user;
    inbound.room = {kPlatform, pressed.place.channel, pressed.place.thread};
    inbound.direct = asked->direct;
    inbound.addressed = true;
    inbound.text = pressed.value;
    // In a view there is no channel: the answer goes to whoever pressed it, once their conversation is known.
    inbound.post_answer = !pressed.place.channel.empty();
    inbound.answer_thread = asked->where.thread;
    hand_over(std::move(inbound), asked);
  }

  void act(TicketPtr const& ticket, std::string const& key, Submitted const& submitted) {
    if (submitted.callback != kOpenCallback) return acknowledge(ticket);
    auto const place = Json::parse(submitted.metadata, nullptr, false);
    auto const text_at = [&place](char const* name) {
      return place.is_object() && place.contains(name) && place[name].is_string() ? place[name].get<std::string>()
                                                                                  : std::string();
    };
    Inbound inbound;
    inbound.platform = kPlatform;
    inbound.id = key;
    inbound.account = submitted.user;
    inbound.room = {kPlatform, text_at("channel"), text_at("thread")};
    inbound.addressed = true;
    inbound.text = opening_line(submitted.values);
    parts_.dispatcher.take(inbound, [self = shared_from_this(), ticket, inbound,
                                     details = details_of(submitted.values)](Reply const& reply) {
      boost::asio::post(self->parts_.io,
                        [self, ticket, inbound, details, reply] { self->submitted(ticket, inbound, details, reply); });
    });
  }

  void submitted(TicketPtr const& ticket, Inbound const& inbound, std::string const& details, Reply const& reply) {
    if (stopped_ || reply.state == Reply::State::progress) return;
    if (reply.state == Reply::State::refused) {
      auto const setup = parts_.setup();
      auto const reader = setup->reader_of(reply.caller.person, parts_.clock.now(), Medium::plain);
      return acknowledge(ticket, open_errors(render_plain(reply.message, *setup, reader, {.buttons = false})));
    }
    acknowledge(ticket);
    auto const incident = incident_in(reply.message);
    if (details.empty() || !incident) return;
    auto note = inbound;
    note.id += ":details";
    note.text = "/note INC-" + std::to_string(incident.value) + " -- " + details;
    parts_.dispatcher.take(note, [](Reply const&) {});
  }

  void act(TicketPtr const& ticket, std::string const& key, Shortcut const& shortcut) {
    if (shortcut.callback == kNoteCallback) {
      Marked marked;
      marked.user = shortcut.user;
      marked.channel = shortcut.place.channel;
      marked.message = shortcut.message;
      return act(ticket, key, marked);
    }
    if (shortcut.callback != kOpenCallback && shortcut.callback != kOpenFromCallback) return acknowledge(ticket);
    OpenForm form;
    form.title = shortcut.text;
    auto const setup = parts_.setup();
    auto const& spare = setup->config.chat.slack->channel;
    open_form(ticket, shortcut.trigger, form,
              {kPlatform, shortcut.place.channel.empty() ? spare : shortcut.place.channel, ""}, nullptr, {});
  }

  void act(TicketPtr const& ticket, std::string const&, Marked const& marked) {
    marking_.mark(marked, [self = shared_from_this(), ticket](bool) {
      if (!self->stopped_) self->acknowledge(ticket);
    });
  }

  void act(TicketPtr const& ticket, std::string const& key, HomeOpened const& opened) {
    acknowledge(ticket);
    show_home(opened.user, key);
  }

  void act(TicketPtr const& ticket, std::string const&, ChannelChanged const& changed) {
    acknowledge(ticket);
    if (changed.how == ChannelChanged::How::left)
      log_warn("Slack: the bot is no longer in {}: it can't be told what happens there", changed.channel);
  }

  /// An opening without a title is a form. A trigger lives three seconds: nothing comes before it.
  std::optional<OpenForm> form_for(Inbound const& inbound) const {
    auto const setup = parts_.setup();
    ParseContext context;
    context.addressed = true;
    context.vocabulary = &setup->vocabulary;
    auto const outcome = parse(inbound.text, setup->table, context);
    OpenForm form;
    if (auto const* parsed = std::get_if<Parsed>(&outcome)) {
      if (parsed->command->name != "incident open" || parsed->arguments.find_text("title")) return std::nullopt;
      form.severity = parsed->arguments.find_severity("severity");
      return form;
    }
    auto const* refused = std::get_if<Refused>(&outcome);
    bool const lacks = refused != nullptr && refused->command != nullptr && refused->command->name == "incident open" &&
                       refused->notice.key == "parse.missing";
    if (!lacks) return std::nullopt;
    for (auto const severity : kSeverities) {
      auto const name = std::string(name_of(severity));
      if (inbound.text.find(' ' + name) != std::string::npos) form.severity = severity;
    }
    return form;
  }

  void open_form(TicketPtr const& ticket, std::string const& trigger, OpenForm const& form, Room const& room,
                 AskedPtr const& otherwise, Inbound const& inbound) {
    auto const setup = parts_.setup();
    auto const caller = setup->caller_of(kPlatform, otherwise ? otherwise->user : std::string());
    auto const reader = setup->reader_of(caller.person, parts_.clock.now(), Medium::chat);
    Call call{"views.open",
              {{"trigger_id", trigger},
               {"view", open_view(*setup, reader, form,
                                  json_text({{"channel", room.conversation}, {"thread", room.thread}}))}}};
    call.urgency = Urgency::page;
    call.deadline = kTriggerLife;
    call.once = true;
    parts_.api.call(std::move(call), [self = shared_from_this(), otherwise, inbound](ApiResult const& got) {
      if (self->stopped_ || got) return;
      log_warn("the form could not be opened: {}", got.error().error);
      // Too late for a form: the words say what to type.
      if (otherwise) self->hand_over(inbound, otherwise);
    });
    if (!otherwise) return acknowledge(ticket);
    // The acknowledgement waits for nothing but its own limit, in case the words must answer in it.
    acknowledge(ticket);
  }

  void hand_over(Inbound inbound, AskedPtr const& asked) {
    parts_.dispatcher.take(inbound, [self = shared_from_this(), asked](Reply const& reply) {
      boost::asio::post(self->parts_.io, [self, asked, reply] { self->answer(asked, reply); });
    });
  }

  void answer(AskedPtr const& asked, Reply const& reply) {
    if (stopped_) return;
    auto const& ticket = asked->ticket;
    bool const begun = reply.state == Reply::State::accepted || reply.state == Reply::State::progress;
    if (begun) asked->working = true;
    if (reply.state == Reply::State::nothing) return acknowledge(ticket);
    if (asked->response_url.empty()) {
      acknowledge(ticket);
    } else if (!asked->inside && !ticket->acknowledged && (!begun || reply.state == Reply::State::accepted)) {
      asked->inside = true;
      answer_inside(asked, reply);
      if (!asked->working || reply.state == Reply::State::accepted) return;
    }
    if (reply.stored || (reply.message.announced && !asked->working)) return;
    if (reply.state == Reply::State::accepted) return;
    say(asked, reply, !begun);
  }

  /// What a command says at once is part of its acknowledgement, for whoever typed it.
  void answer_inside(AskedPtr const& asked, Reply const& reply) {
    auto const content = worded(reply.message, reply.caller, false);
    auto const payload = ephemeral(content);
    // What Slack sends again after its limit, or after a time when nobody was connected, it took for unanswered:
    // whoever typed it saw a failure, and what is inside an acknowledgement would reach them no more. The answer
    // address does, and it comes first: what was acknowledged is never sent again.
    if (reply.repeated || parts_.after_a_gap()) {
      if (reply.repeated && was_answered(asked->key)) return acknowledge(asked->ticket);
      respond(asked, payload, content);
      acknowledge(asked->ticket);
    } else {
      bool const in_time = parts_.now() - asked->ticket->came < kInTime;
      auto const written =
          acknowledgement(asked->ticket->envelope, asked->ticket->takes_payload && in_time ? payload : "");
      asked->ticket->acknowledged = true;
      parts_.acknowledge(asked->ticket->connection, written.text);
      note_answered(asked->key, asked->ticket->came, false);
      if (!written.with_payload) respond(asked, payload, content);
    }
    if (!content.uploads.empty() && reply.state == Reply::State::done) send_files(asked, content);
  }

  struct Answered {
    std::string key;
    Moment came{};            ///< for the first time
    bool by_address = false;  ///< by its response_url: that arrives, whatever becomes of connections
  };

  void note_answered(std::string const& key, Moment came, bool by_address) {
    answered_.push_back({key, came, by_address});
    if (answered_.size() > kRemembered) answered_.pop_front();
  }

  /// True: once more would be once too often. After a restart nobody knows, and twice is better than never.
  bool was_answered(std::string const& key) const {
    auto const last =
        std::find_if(answered_.rbegin(), answered_.rend(), [&](Answered const& each) { return each.key == key; });
    return last != answered_.rend() && (last->by_address || parts_.now() - last->came < kSooner);
  }

  void respond(AskedPtr const& asked, std::string const& payload, Rendered const& content) {
    note_answered(asked->key, asked->ticket->came, true);
    parts_.api.post_to(asked->response_url, "application/json; charset=utf-8", payload,
                       [self = shared_from_this(), asked, content](ApiResult const& got) {
                         if (self->stopped_ || got) return;
                         self->parts_.posting.whisper(asked->alone, asked->user, content, [](Said const&) {});
                       });
  }

  /// Where the incident's output is; elsewhere with whoever asked, for the answer is for them alone, too.
  void send_files(AskedPtr const& asked, Rendered const& content) {
    parts_.homes.thread_for(asked->where, [self = shared_from_this(), asked, content](Where const& where) {
      if (asked->direct || !where.thread.empty()) return self->upload(where, content.uploads);
      self->parts_.people.direct(asked->user, [self, content](std::string const& channel, ApiFailure const&) {
        if (!self->stopped_ && !channel.empty()) self->upload({channel, ""}, content.uploads);
      });
    });
  }

  void upload(Where const& where, std::vector<Upload> const& files) {
    parts_.posting.upload(where, files, [](Said const& said) {
      if (said.kind != Said::Kind::said) log_warn("a file could not be put into Slack: {}", said.error);
    });
  }

  void say(AskedPtr const& asked, Reply const& reply, bool last) {
    bool const private_answer = (reply.state == Reply::State::refused || reply.confidential) && !asked->direct;
    auto const content = worded(reply.message, reply.caller, !private_answer && !asked->direct);
    if (asked->where.channel.empty()) return say_directly(asked, content, last);
    if (private_answer) {
      // Of a mention there are two events, and a whisper can't be taken back.
      if (reply.repeated && was_answered(asked->key)) return;
      note_answered(asked->key, asked->ticket->came, true);
      return parts_.posting.whisper(asked->alone, asked->user, content, [](Said const&) {});
    }
    auto const put = [self = shared_from_this(), asked, content, last](Where const& where) {
      self->parts_.posting.say({where, answer_key(asked->key), content, Urgency::normal, false, last},
                               [](Said const& said) {
                                 if (said.kind != Said::Kind::said) log_warn("an answer in Slack: {}", said.error);
                               });
    };
    if (asked->direct) return put(asked->where);
    parts_.homes.thread_for(asked->where, put);
  }

  void say_directly(AskedPtr const& asked, Rendered const& content, bool last) {
    parts_.people.direct(
        asked->user, [self = shared_from_this(), asked, content, last](std::string const& channel, ApiFailure const&) {
          if (self->stopped_ || channel.empty()) return;
          self->parts_.posting.say({{channel, ""}, answer_key(asked->key), content, Urgency::normal, false, last},
                                   [](Said const&) {});
        });
  }

  /// What is open, what waits for this person's word, who is on duty.
  void show_home(std::string const& user, std::string const& key) {
    auto const setup = parts_.setup();
    auto const caller = setup->caller_of(kPlatform, user);
    auto const home = std::make_shared<std::vector<Message>>();
    parts_.lane.submit(
        [home, setup, caller](Database& database, Instant now) {
          *home = home_of({database, setup->directory, now}, caller);
        },
        [self = shared_from_this(), home, user, caller, key](std::exception_ptr failed) {
          if (failed) return;
          Inbound inbound;
          inbound.platform = kPlatform;
          inbound.id = key;
          inbound.account = user;
          inbound.room = {kPlatform, "", ""};
          inbound.addressed = true;
          inbound.text = "/oncall";
          self->parts_.dispatcher.take(inbound, [self, home, user, caller](Reply const& reply) {
            if (reply.state == Reply::State::accepted || reply.state == Reply::State::progress) return;
            home->push_back(reply.message);
            boost::asio::post(self->parts_.io, [self, home, user, caller] { self->publish_home(user, caller, *home); });
          });
        });
  }

  void publish_home(std::string const& user, Caller const& caller, std::vector<Message> const& parts) {
    if (stopped_) return;
    auto const setup = parts_.setup();
    auto const reader = setup->reader_of(caller.person, parts_.clock.now(), Medium::chat);
    parts_.api.call({"views.publish", {{"user_id", user}, {"view", home_view(parts, *setup, reader)}}},
                    [](ApiResult const& got) {
                      if (!got) log_warn("the home of the app: {}", got.error().error);
                    });
  }

  Parts parts_;
  Marking marking_;
  std::deque<Answered> answered_;  ///< the newest commands
  bool stopped_ = false;
};

Reception::Reception(Parts parts) : state_(std::make_shared<State>(std::move(parts))) {}
Reception::~Reception() { state_->stop(); }
void Reception::take(ConnectionId connection, Envelope const& envelope) { state_->take(connection, envelope); }
void Reception::catch_up(std::string const& event) { state_->catch_up(event); }

}  // namespace tocsin::slack
