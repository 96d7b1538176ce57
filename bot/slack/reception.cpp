#include "bot/slack/reception.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <deque>
#include <set>
#include <utility>

#include "bot/detail/json.hpp"
#include "bot/log.hpp"
#include "bot/render.hpp"
#include "bot/slack/home.hpp"
#include "bot/slack/manifest.hpp"
#include "bot/slack/platform.hpp"
#include "bot/slack/stamp.hpp"
#include "bot/slack/views.hpp"
#include "commands/markup.hpp"
#include "commands/parser.hpp"

namespace tocsin::slack {
namespace {

using detail::parsed;
using detail::text_at;
using detail::written;

/// Of the 4,000 bytes that a note may have, and of what a whole line may.
constexpr std::size_t kNotePart = 3'600;
constexpr std::string_view kRunAction = "run:";
constexpr std::size_t kRememberedGestures = 2'000;
constexpr Millis kTriggerLife{3'000};

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

}  // namespace

class Reception::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(Parts parts) : parts_(std::move(parts)) {}

  void stop() { stopped_ = true; }

  void take(ConnectionId connection, Envelope const& envelope) {
    auto const ticket =
        std::make_shared<Ticket>(Ticket{connection, envelope.id, envelope.takes_payload, parts_.now(), false});
    auto const gesture = gesture_of(envelope, parts_.self());
    if (std::holds_alternative<Typed>(gesture.what)) see(gesture.key);
    std::visit([&](auto const& what) { act(ticket, gesture.key, what); }, gesture.what);
  }

  void missed(std::string const& event) {
    Envelope envelope;
    envelope.type = "events_api";
    envelope.payload = R"({"type":"event_callback","event":)" + event + "}";
    auto const ticket = std::make_shared<Ticket>();
    ticket->acknowledged = true;
    auto const gesture = gesture_of(envelope, parts_.self());
    auto const* typed = std::get_if<Typed>(&gesture.what);
    // What is known already would be answered from the store, but of what was refused nothing is kept there.
    if (typed != nullptr && see(gesture.key)) act(ticket, gesture.key, *typed);
  }

 private:
  /// False: it came before, in this run.
  bool see(std::string const& key) {
    if (!seen_.insert(key).second) return false;
    order_.push_back(key);
    if (order_.size() > kRememberedGestures) {
      seen_.erase(order_.front());
      order_.pop_front();
    }
    return true;
  }

  void acknowledge(TicketPtr const& ticket, std::string_view payload = {}) {
    parts_.answering.acknowledge(ticket, payload);
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
      inbound.post_late = true;
      if (auto const form = form_for(inbound))
        return open_form(ticket, typed.user, typed.trigger, *form, inbound.room, [this, inbound, asked] {
          asked->ticket->bare = true;
          hand_over(inbound, asked);  // the words say what to type
        });
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
    inbound.post_answer = !pressed.place.channel.empty() && !pressed.hidden;
    inbound.answer_thread = asked->where.thread;
    if (pressed.hidden) {
      // Of a message that is in no channel there is no thread either: answered as what showed it.
      ticket->takes_payload = false;
      asked->response_url = pressed.response_url;
      asked->where = asked->alone;
      inbound.post_late = true;
      inbound.answer_thread.clear();
    }
    if (!pressed.place.channel.empty()) return hand_over(std::move(inbound), asked);
    hand_over(std::move(inbound), asked, [self = shared_from_this(), user = pressed.user, key] {
      self->show_home(user, key + ":home");  // what was pressed there has changed it
    });
  }

  void act(TicketPtr const& ticket, std::string const& key, Submitted const& submitted) {
    if (submitted.callback != kOpenForm) return acknowledge(ticket);
    auto const place = parsed(submitted.metadata);
    Inbound inbound;
    inbound.platform = kPlatform;
    inbound.id = key;
    inbound.account = submitted.user;
    inbound.room = {kPlatform, text_at(place, "channel"), text_at(place, "thread")};
    inbound.addressed = true;
    inbound.text = opening_line(submitted.values);
    auto details = details_of(submitted.values);
    if (!inbound.room.conversation.empty()) return hand_in(ticket, inbound, details);
    // From anywhere, where no channel is configured: told to whoever opened it.
    parts_.people.direct(submitted.user, [self = shared_from_this(), ticket, inbound, details](
                                             std::string const& channel, ApiFailure const&) mutable {
      if (self->stopped_) return;
      inbound.room.conversation = channel;
      inbound.direct = !channel.empty();
      self->hand_in(ticket, inbound, details);
    });
  }

  void hand_in(TicketPtr const& ticket, Inbound const& inbound, std::string const& details) {
    parts_.answering.expect(ticket, nullptr);
    parts_.dispatcher.take(inbound, [self = shared_from_this(), ticket, inbound, details](Reply const& reply) {
      boost::asio::post(self->parts_.io,
                        [self, ticket, inbound, details, reply] { self->submitted(ticket, inbound, details, reply); });
    });
  }

  void submitted(TicketPtr const& ticket, Inbound const& inbound, std::string const& details, Reply const& reply) {
    if (stopped_ || reply.state == Reply::State::progress) return;
    if (reply.state == Reply::State::refused) {
      auto const setup = parts_.setup();
      auto const reader = setup->reader_of(reply.caller.person, parts_.clock.now(), Medium::plain);
      // The form is closed already: it took too long to say so there.
      if (ticket->bare) return tell_alone(inbound.account, reply);
      return acknowledge(ticket, open_errors(render_plain(reply.message, *setup, reader, {.buttons = false})));
    }
    acknowledge(ticket);
    auto const incident = incident_in(reply.message);
    if (!incident) return;
    // A note takes fewer bytes than a form takes characters.
    int count = 0;
    for (auto rest = std::string_view(details); !rest.empty();) {
      auto const part = first_bytes(rest, kNotePart);
      rest.remove_prefix(part.size());
      auto note = inbound;
      note.id += ":details" + (count == 0 ? std::string() : std::to_string(count));
      ++count;
      note.text = "/note INC-" + std::to_string(incident.value) + " -- " + std::string(part);
      parts_.dispatcher.take(note, [id = incident.value](Reply const& said) {
        if (said.state == Reply::State::refused) log_warn("the details of INC-{} could not be noted", id);
      });
    }
  }

  void tell_alone(std::string const& user, Reply const& reply) {
    auto const asked = std::make_shared<Asked>();
    asked->ticket = std::make_shared<Ticket>();
    asked->ticket->acknowledged = true;
    asked->user = user;
    asked->key = "form:" + user + ':' + std::to_string(parts_.now().count());
    asked->direct = true;
    parts_.answering.answer(asked, reply);
  }

  void act(TicketPtr const& ticket, std::string const& key, Shortcut const& shortcut) {
    if (shortcut.callback == kNoteShortcut) {
      Marked marked;
      marked.user = shortcut.user;
      marked.channel = shortcut.place.channel;
      marked.message = shortcut.message;
      return act(ticket, key, marked);
    }
    if (shortcut.callback != kOpenShortcut && shortcut.callback != kOpenFromShortcut) return acknowledge(ticket);
    auto const setup = parts_.setup();
    OpenForm form;
    form.title = without_markup(shortcut.text, &setup->vocabulary);
    auto const& spare = setup->config.chat.slack->channel;
    open_form(ticket, shortcut.user, shortcut.trigger, form,
              {kPlatform, shortcut.place.channel.empty() ? spare : shortcut.place.channel, ""}, [] {});
  }

  /// Kept as something to be done, then acknowledged: looking it up takes calls, and those may have to wait.
  void act(TicketPtr const& ticket, std::string const&, Marked const& marked) {
    if (!parts_.marking.is_meant(marked)) return acknowledge(ticket);
    parts_.answering.expect(ticket, nullptr);
    parts_.lane.submit(
        [row = mark_row(marked)](Database& database, Instant now) {
          auto kept = row;
          kept.created = kept.due = now;
          store::put_outbox(database, kept);
        },
        [self = shared_from_this(), ticket](std::exception_ptr failed) {
          if (failed) return;  // Slack sends it again
          self->parts_.committed();
          boost::asio::post(self->parts_.io, [self, ticket] {
            if (!self->stopped_) self->acknowledge(ticket);
          });
        });
  }

  void act(TicketPtr const& ticket, std::string const& key, HomeOpened const& opened) {
    acknowledge(ticket);
    show_home(opened.user, key);
  }

  void act(TicketPtr const& ticket, std::string const& key, ChannelChanged const& changed) {
    using How = ChannelChanged::How;
    if (changed.how == How::renamed) {
      parts_.answering.expect(ticket, nullptr);
      return parts_.homes.renamed(changed.channel, changed.name, key,
                                  [self = shared_from_this(), ticket] { self->acknowledge(ticket); });
    }
    acknowledge(ticket);
    parts_.homes.lost(changed.channel);
    if (changed.how == How::left)
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

  /// `otherwise`: what is done when no form can be shown, as a rule because it is too late for one.
  void open_form(TicketPtr const& ticket, std::string const& user, std::string const& trigger, OpenForm const& form,
                 Room const& room, std::function<void()> otherwise) {
    auto const setup = parts_.setup();
    auto const caller = setup->caller_of(kPlatform, user);
    auto const reader = setup->reader_of(caller.person, parts_.clock.now(), Medium::chat);
    Call call{"views.open",
              {{"trigger_id", trigger},
               {"view",
                open_view(*setup, reader, form, written({{"channel", room.conversation}, {"thread", room.thread}}))}}};
    call.urgency = Urgency::urgent;
    call.deadline = kTriggerLife;
    call.once = true;
    parts_.api.call(std::move(call),
                    [self = shared_from_this(), otherwise = std::move(otherwise)](ApiResult const& got) {
                      if (self->stopped_ || got) return;
                      log_warn("the form could not be opened: {}", got.error().error);
                      otherwise();
                    });
    acknowledge(ticket);
  }

  /// `answered`: what is done once the last word is said; may be empty.
  void hand_over(Inbound inbound, AskedPtr const& asked, std::function<void()> answered = {}) {
    parts_.answering.expect(asked->ticket, asked);
    parts_.dispatcher.take(inbound,
                           [self = shared_from_this(), asked, answered = std::move(answered)](Reply const& reply) {
                             boost::asio::post(self->parts_.io, [self, asked, answered, reply] {
                               if (self->stopped_) return;
                               self->parts_.answering.answer(asked, reply);
                               if (answered && is_final(reply)) answered();
                             });
                           });
  }

  static bool is_final(Reply const& reply) {
    return reply.state != Reply::State::accepted && reply.state != Reply::State::progress;
  }

  /// What waits for this person's word, what is open, who is on duty.
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
            if (!is_final(reply)) return;
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
  std::set<std::string> seen_;  ///< the newest messages
  std::deque<std::string> order_;
  bool stopped_ = false;
};

Reception::Reception(Parts parts) : state_(std::make_shared<State>(std::move(parts))) {}
Reception::~Reception() { state_->stop(); }
void Reception::take(ConnectionId connection, Envelope const& envelope) { state_->take(connection, envelope); }
void Reception::missed(std::string const& event) { state_->missed(event); }

}  // namespace tocsin::slack
