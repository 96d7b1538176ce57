// What stands on the terminal besides the line being typed: what was said, above it what is in progress, the prompt.
#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tocsin {

/// Any thread says something; one thread, the editor's, draws it. Writes to standard output.
class Screen {
 public:
  Screen(std::string prompt, bool moves);
  ~Screen();
  Screen(Screen const&) = delete;
  Screen& operator=(Screen const&) = delete;

  // From any thread.
  void print(std::string text);
  void live(std::string const& key, std::string text);
  void prompt(std::string text);
  /// What is not yet written never will be.
  void let_go() noexcept { let_go_ = true; }
  /// Makes the editor's thread look.
  void wake() const;

  // On the editor's thread.
  /// Readable when there is something to look at.
  [[nodiscard]] int wake_descriptor() const noexcept { return wake_; }
  void calm() const;
  /// Takes over what came since the last look. Is there anything to draw?
  [[nodiscard]] bool take();
  /// The prompt that stands on the screen, or will after the next drawing.
  [[nodiscard]] std::string const& drawn_prompt() const noexcept { return drawn_prompt_; }
  /// Takes the typed line and what is in progress away, and writes what was said, then `more`, then what is in
  /// progress. `before` is what was typed up to the cursor, in the encoding of the thread's locale. The caller draws
  /// prompt and line again.
  void draw_above(std::wstring_view before, std::string_view more = {});
  /// The whole line was entered; the cursor stands below it. It goes where what was said goes, above what is in
  /// progress.
  void entered(std::wstring_view line, std::string_view text);
  /// As `draw_above` for the last time: nothing is in progress any more, and there is no prompt.
  void finish(std::wstring_view before);

  [[nodiscard]] static std::size_t width();
  void write_all(std::string_view out);

 private:
  std::string erased(std::wstring_view before);
  std::string live_lines();

  bool moves_;  // the terminal can move its cursor
  int wake_;
  /// The terminal opened once more, so that a write can give up: the description we were started with is shared with
  /// the shell, which must not find it non-blocking. Negative: it can't be opened (another user's), and writes block.
  int sink_;
  std::atomic<bool> let_go_{false};

  std::mutex mutex_;
  bool cut_ = false;
  bool changed_ = false;
  std::deque<std::string> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::vector<std::pair<std::string, std::string>> live_;
  std::string prompt_;

  // The editor's thread alone.
  std::string drawn_prompt_;
  std::string next_prompt_;
  std::string pending_;
  std::size_t live_rows_ = 0;
};

}  // namespace tocsin
