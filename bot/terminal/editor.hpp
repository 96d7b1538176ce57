// A line editor on the terminal the bot was started in, by libedit: editing, history, completion by Tab. What the bot
// says meanwhile is printed above the line being typed, which stays as it is.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tocsin {

/// Owns a thread that reads the terminal and is the only one to write to it while the editor lives. The terminal is put
/// back as it was found.
class Editor {
 public:
  struct Parts {
    std::string greeting;  ///< stands before the first prompt
    std::string prompt;
    std::filesystem::path history;  ///< 0600, rewritten after each line; empty: none is kept
    /// What the history keeps of a line; without it all. On the editor's thread.
    std::function<std::string(std::string const& line)> remembered;
    bool colour = false;
    std::size_t history_lines = 1'000;
    /// Lines that the typed one can become, and what they all begin with. On the editor's thread.
    struct Completions {
      std::vector<std::string> lines;
      std::string common;
    };
    std::function<Completions(std::string const& typed)> complete;
    std::function<void(std::string line)> line;  ///< on the editor's thread; must not block
    std::function<void()> interrupted;           ///< Ctrl-C on an empty line
    std::function<void()> ended;                 ///< Ctrl-D on an empty line, or the terminal is gone
  };
  explicit Editor(Parts parts);
  /// Shows what was printed so far. Does not wait for a terminal that takes nothing any more.
  ~Editor();
  Editor(Editor const&) = delete;
  Editor& operator=(Editor const&) = delete;

  // From any thread.
  void print(std::string text);
  /// Lines that stand between what was printed and the prompt until they change; empty takes them away.
  void live(std::string const& key, std::string text);
  void prompt(std::string text);
  void resized();

 private:
  class State;
  std::unique_ptr<State> state_;
};

/// Is this process in the foreground of a terminal that can hold a conversation?
[[nodiscard]] bool at_terminal();

}  // namespace tocsin
