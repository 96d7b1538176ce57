#include "bot/terminal/terminal.hpp"

#include <editline/readline.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <thread>
#include <vector>

#include "bot/render.hpp"
#include "commands/help.hpp"

namespace tocsin {
namespace {

constexpr int kHistoryLines = 1'000;
constexpr std::size_t kMaxCompletions = 40;
constexpr char const* kPrompt = "tocsin> ";

}  // namespace

class Terminal::State {
 public:
  explicit State(Parts parts) : parts_(std::move(parts)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    current_ = this;
    listening_ = parts_.local.listen([this](LocalEntry const& entry) { show(entry); });
    thread_ = std::thread([this] { serve(); });
  }

  ~State() {
    listening_.reset();
    ending_ = true;
    wake();
    thread_.join();
    ::close(wake_);
    current_ = nullptr;
  }

 private:
  /// On the io_context's thread: what the room says.
  void show(LocalEntry const& entry) {
    auto const setup = parts_.setup();
    auto const caller = caller_of(*setup);
    if (!visible_to(entry, caller.person) || !entry.typed.empty() || !entry.reply_to.empty()) return;
    // A card is a message that is edited in place; on paper that scrolls only its facts are news, and those come by
    // themselves.
    if (entry.key.starts_with("card:")) return;
    print(worded(entry.message, *setup, caller));
  }

  Caller caller_of(Setup const& setup) const {
    return parts_.as ? setup.caller_of(*parts_.as, "terminal:" + parts_.account)
                     : setup.caller_of("terminal", parts_.account);
  }

  std::string worded(Message const& message, Setup const& setup, Caller const& caller) const {
    auto const reader = setup.reader_of(caller.person, parts_.clock.now(), Medium::chat);
    return render_plain(message, setup, reader, PlainStyle{true, true, 40});
  }

  /// From any thread.
  void print(std::string text) {
    if (text.empty()) return;
    {
      std::lock_guard const lock(mutex_);
      waiting_.push_back(std::move(text));
    }
    wake();
  }

  void wake() const {
    std::uint64_t const one = 1;
    if (::write(wake_, &one, sizeof one) < 0) return;  // full: it is awake already
  }

  void serve() {
    rl_readline_name = "tocsin";
    rl_attempted_completion_function = [](char const* text, int, int) -> char** { return current_->completions(text); };
    using_history();
    stifle_history(kHistoryLines);
    if (!parts_.history.empty()) read_history(parts_.history.c_str());
    rl_callback_handler_install(kPrompt, [](char* line) { current_->line_read(line); });
    while (!ending_) {
      pollfd sources[2] = {{STDIN_FILENO, POLLIN, 0}, {wake_, POLLIN, 0}};
      if (::poll(sources, 2, -1) < 0) continue;
      if (sources[1].revents != 0) print_waiting();
      if (!ending_ && sources[0].revents != 0) rl_callback_read_char();
    }
    rl_callback_handler_remove();
    if (!parts_.history.empty()) write_history(parts_.history.c_str());
  }

  /// Above the line being typed, which is then drawn again.
  void print_waiting() {
    std::uint64_t count = 0;
    if (::read(wake_, &count, sizeof count) < 0) return;
    std::vector<std::string> texts;
    {
      std::lock_guard const lock(mutex_);
      texts.swap(waiting_);
    }
    if (texts.empty()) return;
    std::string out = "\r\033[K";
    for (auto const& text : texts) out += text;
    if (::write(STDOUT_FILENO, out.data(), out.size()) < 0) return;  // nobody reads any more
    if (!ending_) rl_forced_update_display();
  }

  void line_read(char* line) {
    if (line == nullptr) {
      ending_ = true;
      boost::asio::post(parts_.io, parts_.ended);
      return;
    }
    std::string const text(line);
    std::free(line);
    if (text.find_first_not_of(" \t") == std::string::npos) return;
    add_history(parts_.setup()->redactor->redact(text).c_str());
    boost::asio::post(parts_.io, [this, text] { run(text); });
  }

  /// On the io_context's thread.
  void run(std::string const& text) {
    Inbound inbound;
    inbound.platform = "terminal";
    inbound.id = std::to_string(parts_.chance.bits());
    inbound.account = parts_.account;
    inbound.as = parts_.as;
    inbound.room = {std::string(kLocalPlatform), std::string(kLocalRoom), ""};
    inbound.direct = true;
    inbound.text = text;
    parts_.dispatcher.take(inbound, [this](Reply const& reply) {
      if (reply.state == Reply::State::done && reply.message.announced) return;
      // On paper that scrolls an edit is a new line: the first says how far it is.
      if (reply.state == Reply::State::progress) {
        auto const so_far = worded(reply.message, *parts_.setup(), reply.caller);
        return print(so_far.substr(0, so_far.find('\n') + 1));
      }
      print(worded(reply.message, *parts_.setup(), reply.caller));
    });
  }

  char** completions(char const* text) {
    // libedit asks for the word under the cursor; our commands have several, so the whole line is completed.
    rl_attempted_completion_over = 1;
    auto const setup = parts_.setup();
    std::string const line(rl_line_buffer == nullptr ? "" : rl_line_buffer);
    auto const word_at = line.size() - std::strlen(text);
    std::vector<std::string> found;
    for (auto const& item : complete(setup->table, caller_of(*setup).role, line, kMaxCompletions)) {
      if (item.text.size() > word_at) found.push_back(item.text.substr(word_at));
    }
    if (found.empty()) return nullptr;
    auto common = found.front();
    for (auto const& each : found) {
      std::size_t same = 0;
      while (same < common.size() && same < each.size() && common[same] == each[same]) ++same;
      common.resize(same);
    }
    // The list belongs to libedit, which frees it.
    auto** list = static_cast<char**>(std::calloc(found.size() + 2, sizeof(char*)));
    list[0] = ::strdup(common.c_str());
    for (std::size_t i = 0; i < found.size(); ++i) list[i + 1] = ::strdup(found[i].c_str());
    return list;
  }

  static State* current_;  // libedit's callbacks carry no context

  Parts parts_;
  int wake_;
  std::atomic<bool> ending_{false};
  std::mutex mutex_;
  std::vector<std::string> waiting_;
  std::shared_ptr<void> listening_;
  std::thread thread_;
};

Terminal::State* Terminal::State::current_ = nullptr;

Terminal::Terminal(Parts parts) : state_(std::make_unique<State>(std::move(parts))) {}
Terminal::~Terminal() = default;

}  // namespace tocsin
