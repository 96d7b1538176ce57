#include "bot/terminal/editor.hpp"

#include <histedit.h>
#include <locale.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>
#endif

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <utility>

#include "bot/environment.hpp"
#include "bot/terminal/screen.hpp"
#include "config/text.hpp"

namespace tocsin {
namespace {

/// libedit never frees the names of functions: while one of these lives, what is allocated counts as no leak of ours.
#if defined(__SANITIZE_ADDRESS__)
using LibraryKeeps = __lsan::ScopedDisabler;
#else
struct LibraryKeeps {};
#endif

constexpr std::size_t kMaxListed = 40;
constexpr int kCharacterMs = 100;  // the bytes of one character come together
constexpr int kLetGoMs = 50;
constexpr int kLetGoTries = 40;
/// libedit asks the locale how wide characters are; ours speak UTF-8 whatever the environment says. For this thread
/// only: the rest of the program knows no locale.
class Utf8Thread {
 public:
  Utf8Thread() : locale_(::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {
    if (locale_ != nullptr) before_ = ::uselocale(locale_);
  }
  ~Utf8Thread() {
    if (locale_ == nullptr) return;
    ::uselocale(before_);
    ::freelocale(locale_);
  }
  Utf8Thread(Utf8Thread const&) = delete;
  Utf8Thread& operator=(Utf8Thread const&) = delete;

 private:
  locale_t locale_;
  locale_t before_ = nullptr;
};

}  // namespace

class Editor::State {
 public:
  explicit State(Parts parts)
      : parts_(std::move(parts)), screen_(parts_.prompt, environment_variable("TERM").value_or("dumb") != "dumb") {
    thread_ = std::thread([this] {
      serve();
      std::lock_guard const lock(mutex_);
      done_ = true;
      finished_.notify_all();
    });
  }

  ~State() {
    ending_ = true;
    screen_.wake();
    {
      // Held up by Ctrl-S, or by a screen at the other end of a dead line: what it holds back is dropped.
      std::unique_lock lock(mutex_);
      for (int i = 0; i < kLetGoTries && !done_; ++i) {
        if (finished_.wait_for(lock, std::chrono::milliseconds{kLetGoMs}, [this] { return done_; })) break;
        screen_.let_go();
        // What libedit writes blocks. Emptying the queue does not wake who waits for room in it; going on does.
        ::tcflow(STDOUT_FILENO, TCOOFF);
        ::tcflush(STDOUT_FILENO, TCOFLUSH);
        ::tcflow(STDOUT_FILENO, TCOON);
      }
    }
    thread_.join();
  }

  Screen& screen() noexcept { return screen_; }

  void resized() {
    resized_ = true;
    screen_.wake();
  }

 private:
  // ---- the editor's thread

  void serve() {
    Utf8Thread const utf8;
    screen_.write_all(parts_.greeting);
    open();
    while (!ending_) {
      // Before the prompt, not after it: what is typed between the two would be echoed, and then shown once more.
      ::el_set(line_, EL_PREP_TERM, 1);
      int count = 0;
      char const* typed = ::el_gets(line_, &count);
      if (std::exchange(abandoned_, false)) continue;
      if (typed == nullptr) {
        if (!ending_) parts_.ended();
        wait_for_the_end();
        break;
      }
      std::string text(typed, static_cast<std::size_t>(count));
      while (text.ends_with('\n')) text.pop_back();
      std::wstring wide(text.size(), L'\0');
      wide.resize(std::min(std::mbstowcs(wide.data(), text.c_str(), wide.size()), wide.size()));
      screen_.entered(wide, text);
      if (text.find_first_not_of(" \t") == std::string::npos) continue;
      remember(text);
      parts_.line(std::move(text));
    }
    close();
  }

  /// Who owns the editor has something to say yet.
  void wait_for_the_end() {
    while (!ending_) {
      pollfd source{screen_.wake_descriptor(), POLLIN, 0};
      if (::poll(&source, 1, -1) < 0 && errno != EINTR) return;
      screen_.calm();
    }
  }

  void open() {
    history_ = ::history_init();
    HistEvent event{};
    ::history(history_, &event, H_SETSIZE, static_cast<int>(parts_.history_lines));
    ::history(history_, &event, H_SETUNIQUE, 1);
    if (!parts_.history.empty()) ::history(history_, &event, H_LOAD, parts_.history.c_str());
    line_ = ::el_init("tocsin", stdin, stdout, stderr);
    ::el_set(line_, EL_CLIENTDATA, this);
    ::el_set(line_, EL_EDITOR, "emacs");
    ::el_set(line_, EL_HIST, ::history, history_);
    ::el_set(line_, EL_PROMPT_ESC, &State::prompt_of, '\1');
    ::el_wset(line_, EL_GETCFN, &State::next_character);
    {
      [[maybe_unused]] LibraryKeeps const names;
      ::el_set(line_, EL_ADDFN, "tocsin-complete", "Complete", &State::complete);
      ::el_set(line_, EL_ADDFN, "tocsin-abandon", "Drop the line", &State::abandon);
    }
    // libedit's incremental search takes Han for control keys: type a part, then Ctrl-R, and again for an older one.
    constexpr std::array<std::array<char const*, 2>, 15> kKeys{{{"^I", "tocsin-complete"},
                                                                {"^C", "tocsin-abandon"},
                                                                {"^R", "ed-search-prev-history"},
                                                                {"^W", "ed-delete-prev-word"},
                                                                {"\\e[3~", "ed-delete-next-char"},
                                                                {"\\e[H", "ed-move-to-beg"},
                                                                {"\\e[F", "ed-move-to-end"},
                                                                {"\\e[1~", "ed-move-to-beg"},
                                                                {"\\e[4~", "ed-move-to-end"},
                                                                {"\\eOH", "ed-move-to-beg"},
                                                                {"\\eOF", "ed-move-to-end"},
                                                                {"\\e[1;5D", "ed-prev-word"},
                                                                {"\\e[1;5C", "em-next-word"},
                                                                {"\\e[200~", "ed-ignore"},
                                                                {"\\e[201~", "ed-ignore"}}};
    for (auto const& [key, name] : kKeys) ::el_set(line_, EL_BIND, key, name, nullptr);
  }

  void close() {
    if (screen_.take() || !prompt_is_gone_) screen_.finish(L"");
    ::el_end(line_);  // puts the terminal back
    ::history_end(history_);
  }

  void remember(std::string const& text) {
    HistEvent event{};
    ::history(history_, &event, H_ENTER, (parts_.remembered ? parts_.remembered(text) : text).c_str());
    if (!parts_.history.empty()) ::history(history_, &event, H_SAVE, parts_.history.c_str());
  }

  static State& self(EditLine* line) {
    void* state = nullptr;
    ::el_get(line, EL_CLIENTDATA, &state);
    return *static_cast<State*>(state);
  }

  static char* prompt_of(EditLine* line) {
    auto& state = self(line);
    auto const& text = state.screen_.drawn_prompt();
    // \1 tells libedit that what stands between takes no room.
    state.coloured_prompt_ = state.parts_.colour ? "\1\033[1;36m\1" + text + "\1\033[0m\1" : text;
    return state.coloured_prompt_.data();
  }

  /// Waits for the next key; whatever happens meanwhile is shown. libedit calls it for every character it needs.
  static int next_character(EditLine* line, wchar_t* out) {
    auto& state = self(line);
    for (;;) {
      if (state.ending_) {
        if (!std::exchange(state.prompt_is_gone_, true)) {
          (void)state.screen_.take();
          state.screen_.finish(state.before_cursor());
        }
        return 0;
      }
      keep_keys();
      state.show_news();
      pollfd sources[2] = {{STDIN_FILENO, POLLIN, 0}, {state.screen_.wake_descriptor(), POLLIN, 0}};
      if (::poll(sources, 2, -1) < 0) {
        if (errno == EINTR) continue;
        return -1;
      }
      if (sources[1].revents != 0) state.screen_.calm();
      if (sources[0].revents == 0) continue;
      auto const character = read_character();
      if (character == kNone) continue;
      if (character == kGone) return 0;
      *out = static_cast<wchar_t>(character);
      return 1;
    }
  }

  /// Ctrl-C drops the line instead of the bot. Ctrl-Z would stop the clocks of a bot that pages people: it is nobody's
  /// wish, so it does nothing. libedit sets the terminal anew for each line and has no lasting way to say this.
  static void keep_keys() {
    termios now{};
    if (::tcgetattr(STDIN_FILENO, &now) != 0 || now.c_cc[VINTR] == _POSIX_VDISABLE) return;
    now.c_cc[VINTR] = now.c_cc[VSUSP] = _POSIX_VDISABLE;
    ::tcsetattr(STDIN_FILENO, TCSANOW, &now);
  }

  static constexpr char32_t kNone = 0xFFFF'FFFE;  // not a character, and more may come
  static constexpr char32_t kGone = 0xFFFF'FFFF;

  /// One character of UTF-8; what is none is left out.
  static char32_t read_character() {
    std::string bytes;
    for (;;) {
      char byte = 0;
      auto const count = ::read(STDIN_FILENO, &byte, 1);
      if (count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN)) return kGone;
      if (count < 0) return kNone;
      bytes += byte;
      auto const lead = static_cast<unsigned char>(bytes.front());
      std::size_t const size = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0;
      if (size == 0) return kNone;
      if (bytes.size() == size) {
        std::string_view rest(bytes);
        return take_character(rest).value_or(kNone);
      }
      pollfd source{STDIN_FILENO, POLLIN, 0};
      if (::poll(&source, 1, kCharacterMs) <= 0) return kNone;
    }
  }

  /// Everything that came since the last look, above the line being typed.
  void show_news() {
    bool draw = screen_.take();
    if (resized_.exchange(false)) {
      ::el_resize(line_);
      draw = true;
    }
    if (draw) draw_above();
  }

  void draw_above(std::string_view more = {}) {
    screen_.draw_above(before_cursor(), more);
    ::el_set(line_, EL_REFRESH);
  }

  std::wstring_view before_cursor() const {
    auto const* now = ::el_wline(line_);
    return {now->buffer, static_cast<std::size_t>(now->cursor - now->buffer)};
  }

  std::string typed_line() const {
    auto const* now = ::el_line(line_);
    return std::string(now->buffer, static_cast<std::size_t>(now->lastchar - now->buffer));
  }

  /// Ctrl-C: the line stays to be read, with a mark; the next one begins empty.
  static unsigned char abandon(EditLine* line, int) {
    auto& state = self(line);
    auto const typed = state.typed_line();
    if (typed.empty()) {
      state.parts_.interrupted();
      return CC_NORM;
    }
    state.screen_.draw_above(state.before_cursor(), state.screen_.drawn_prompt() + typed + "^C\n");
    ::el_cursor(line, static_cast<int>(typed.size()));  // to the end: it stops there
    ::el_deletestr(line, static_cast<int>(state.before_cursor().size()));
    state.abandoned_ = true;
    return CC_NEWLINE;
  }

  static unsigned char complete(EditLine* line, int) {
    auto& state = self(line);
    auto const* now = ::el_line(line);
    std::string const typed(now->buffer, static_cast<std::size_t>(now->cursor - now->buffer));
    auto const found = state.parts_.complete(typed);
    if (found.lines.empty()) return CC_REFRESH_BEEP;
    auto const common_is_longer = found.common.size() > typed.size();
    if (found.lines.size() == 1 || common_is_longer) {
      ::el_deletestr(line, static_cast<int>(state.before_cursor().size()));
      if (::el_insertstr(line, found.common.c_str()) != 0) return CC_REFRESH_BEEP;
      return CC_REFRESH;
    }
    state.draw_above(in_columns(found.lines));
    return CC_NORM;
  }

  /// As many beside each other as there is room for.
  static std::string in_columns(std::vector<std::string> const& lines) {
    auto const shown = std::min(lines.size(), kMaxListed);
    std::size_t widest = 0;
    for (std::size_t i = 0; i < shown; ++i) widest = std::max(widest, columns(lines[i]));
    auto const each = widest + 2;
    auto const beside = std::max<std::size_t>(1, Screen::width() / each);
    std::string out;
    for (std::size_t i = 0; i < shown; ++i) {
      auto const width = Screen::width() - 1;
      auto text = cut_columns(lines[i], width);
      bool const last = (i + 1) % beside == 0 || i + 1 == shown;
      out += text + (last ? std::string("\n") : std::string(each - columns(text), ' '));
    }
    if (lines.size() > shown) out += "… +" + std::to_string(lines.size() - shown) + "\n";
    return out;
  }

  Parts parts_;
  Screen screen_;
  std::atomic<bool> ending_{false};
  std::atomic<bool> resized_{false};

  std::mutex mutex_;
  std::condition_variable finished_;
  bool done_ = false;

  // The editor's thread alone.
  EditLine* line_ = nullptr;
  History* history_ = nullptr;
  std::string coloured_prompt_;
  bool prompt_is_gone_ = false;
  bool abandoned_ = false;

  std::thread thread_;
};

Editor::Editor(Parts parts) : state_(std::make_unique<State>(std::move(parts))) {}
Editor::~Editor() = default;
void Editor::print(std::string text) { state_->screen().print(std::move(text)); }
void Editor::live(std::string const& key, std::string text) { state_->screen().live(key, std::move(text)); }
void Editor::prompt(std::string text) { state_->screen().prompt(std::move(text)); }
void Editor::resized() { state_->resized(); }

bool at_terminal() {
  // Started with `&`, reading the terminal would only stop the bot.
  return ::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0 && ::tcgetpgrp(STDIN_FILENO) == ::getpgrp();
}

}  // namespace tocsin
