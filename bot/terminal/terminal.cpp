#include "bot/terminal/terminal.hpp"

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <future>
#include <mutex>

#include "bot/log.hpp"
#include "bot/render.hpp"
#include "bot/terminal/editor.hpp"
#include "bot/terminal/persona.hpp"
#include "commands/completion.hpp"
#include "incidents/store/incidents.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kMaxCompletions = 200;
constexpr std::chrono::milliseconds kCompletionPatience{200};
constexpr std::size_t kCodeLines = 40;

}  // namespace

class Terminal::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(Parts parts)
      : parts_(std::move(parts)), as_(parts_.as), colour_(may_colour(STDOUT_FILENO)), resized_(parts_.io, SIGWINCH) {}

  void start() {
    Editor::Parts editor;
    editor.greeting = parts_.links + greeting();
    editor.prompt = prompt();
    editor.history = parts_.history;
    editor.remembered = [this](std::string const& line) { return parts_.setup()->redactor->redact(line); };
    editor.colour = colour_;
    editor.complete = [this](std::string const& typed) { return completions(typed); };
    editor.line = [this](std::string line) {
      boost::asio::post(parts_.io, [self = shared_from_this(), line = std::move(line)] { self->typed(line); });
    };
    editor.interrupted = [this] {
      boost::asio::post(parts_.io, [self = shared_from_this()] { self->say_one(Notice("terminal.how_to_leave")); });
    };
    editor.ended = [this] { boost::asio::post(parts_.io, parts_.ended); };
    editor_ = std::make_unique<Editor>(std::move(editor));
    log_ = divert_log([this](std::string line) { editor_->print(std::move(line)); });
    listening_ = parts_.local.listen([this](LocalEntry const& entry) { show(entry); });
    wait_for_resize();
  }

  void stop() {
    listening_.reset();
    resized_.cancel();
    say_one(Notice("terminal.goodbye"));
    log_.reset();
    editor_.reset();  // from now on nobody is there to answer
  }

  void print(std::string text) {
    if (editor_) editor_->print(std::move(text));
  }

  void page(PersonId const& person, Notice const& text) {
    auto const setup = parts_.setup();
    auto const me = caller(*setup).person;
    if (person != me && !parts_.may_switch) return;
    print("\a" + worded(Message(text), *setup));
  }

 private:
  /// Who sits here, and what to type first.
  std::string greeting() const {
    auto const setup = parts_.setup();
    auto const person = caller(*setup).person;
    bool const demo = setup->config.mode == Mode::demo;
    auto notice = Notice(demo ? "terminal.greeting_demo" : "terminal.greeting").with("account", parts_.account);
    if (!person.empty()) notice.with("who", person);
    return worded(Message(std::move(notice)), *setup);
  }

  void wait_for_resize() {
    resized_.async_wait([self = shared_from_this()](boost::system::error_code error, int) {
      if (error || !self->editor_) return;
      self->editor_->resized();
      self->wait_for_resize();
    });
  }

  std::optional<PersonId> as() const {
    std::lock_guard const lock(mutex_);
    return as_;
  }

  Caller caller(Setup const& setup) const {
    auto const as = this->as();
    return as ? setup.caller_of(*as, "terminal:" + parts_.account) : setup.caller_of("terminal", parts_.account);
  }

  std::string prompt() const {
    auto const as = this->as();
    return as ? as->value + "@tocsin> " : "tocsin> ";
  }

  std::string worded(Message const& message, Setup const& setup, bool colour) const {
    auto const reader = setup.reader_of(caller(setup).person, parts_.clock.now(), Medium::chat);
    return render_plain(message, setup, reader, PlainStyle{colour, true, kCodeLines});
  }
  std::string worded(Message const& message, Setup const& setup) const { return worded(message, setup, colour_); }

  void say_one(Notice notice) { print(worded(Message(std::move(notice)), *parts_.setup())); }

  /// What the room says.
  void show(LocalEntry const& entry) {
    auto const setup = parts_.setup();
    if (!visible_to(entry, caller(*setup).person) || !entry.typed.empty() || !entry.reply_to.empty()) return;
    // A card is a message that is edited in place; on paper that scrolls only its facts are news, and those come by
    // themselves.
    if (entry.key.starts_with("card:")) return;
    print(worded(entry.message, *setup));
  }

  void typed(std::string const& line) {
    if (!editor_) return;
    auto const setup = parts_.setup();
    auto const wish = parts_.may_switch ? read_persona(line) : std::nullopt;
    if (!wish) return run(line, as());
    auto const person = setup->vocabulary.person(wish->name);
    if (!person) {
      std::vector<PersonId> people;
      for (auto const& each : setup->config.people) people.push_back(each.id);
      return say_one(unknown_persona(wish->name, people));
    }
    if (!wish->rest.empty()) return run(wish->rest, person);
    {
      std::lock_guard const lock(mutex_);
      as_ = person;
    }
    editor_->prompt(prompt());
    say_one(Notice("terminal.persona").with("who", *person));
  }

  void run(std::string const& text, std::optional<PersonId> const& as) {
    Inbound inbound;
    inbound.platform = "terminal";
    inbound.id = std::to_string(parts_.chance.bits());
    inbound.account = parts_.account;
    inbound.as = as;
    inbound.room = local_room();
    inbound.direct = true;
    inbound.text = text;
    // Answers come on any thread, and may come after the prompt is gone.
    parts_.dispatcher.take(inbound, [weak = weak_from_this(), &io = parts_.io, id = inbound.id](Reply const& reply) {
      boost::asio::post(io, [weak, id, reply] {
        if (auto const self = weak.lock()) self->answer(id, reply);
      });
    });
  }

  /// The answer so far stands above the prompt and changes there; the last one stays.
  void answer(std::string const& id, Reply const& reply) {
    if (!editor_) return;
    auto const setup = parts_.setup();
    auto const reader = setup->reader_of(reply.caller.person, parts_.clock.now(), Medium::chat);
    if (reply.state == Reply::State::accepted || reply.state == Reply::State::progress)
      return editor_->live(id, render_plain(reply.message, *setup, reader, PlainStyle{false, false, kCodeLines}));
    editor_->live(id, "");
    // What is announced comes to this room by itself.
    if (reply.state == Reply::State::done && reply.message.announced) return;
    print(render_plain(reply.message, *setup, reader, PlainStyle{colour_, true, kCodeLines}));
  }

  /// On the editor's thread.
  Editor::Parts::Completions completions(std::string const& typed) {
    auto const setup = parts_.setup();
    auto const who = caller(*setup);
    auto found = complete(
        {setup->table, setup->vocabulary, who.role, name_of(who.locale), typed, open_incidents(who), kMaxCompletions});
    if (parts_.may_switch) {
      for (auto& line : persona_completions(typed, setup->config.people)) found.push_back({std::move(line), ""});
    }
    Editor::Parts::Completions out;
    out.common = common_beginning(found);
    for (auto& each : found) out.lines.push_back(std::move(each.text));
    return out;
  }

  /// Asked of the store, but not for long: a Tab must not hang on a full disk.
  std::vector<IncidentId> open_incidents(Caller const& who) {
    auto promise = std::make_shared<std::promise<std::vector<IncidentId>>>();
    auto result = promise->get_future();
    auto ids = std::make_shared<std::vector<IncidentId>>();
    parts_.lane.submit(
        [ids, person = who.person](Database& database, Instant) {
          ids->clear();
          for (auto const& incident : store::live_incidents(database)) {
            if (may_see(incident, person)) ids->push_back(incident.id);
          }
        },
        [promise, ids](std::exception_ptr) { promise->set_value(*ids); });
    if (result.wait_for(kCompletionPatience) != std::future_status::ready) return {};
    return result.get();
  }

  Parts parts_;
  mutable std::mutex mutex_;
  std::optional<PersonId> as_;  // also read by the editor's thread
  bool colour_;
  boost::asio::signal_set resized_;
  std::shared_ptr<void> listening_;
  std::shared_ptr<void> log_;
  std::unique_ptr<Editor> editor_;
};

Terminal::Terminal(Parts parts) : state_(std::make_shared<State>(std::move(parts))) { state_->start(); }
Terminal::~Terminal() { state_->stop(); }
void Terminal::page(PersonId const& person, Notice const& text) { state_->page(person, text); }

}  // namespace tocsin
