// What the bot answers, before any platform: notices (words come later, from the catalogue), outputs, tables, facts,
// buttons, progress, files, pictures.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "incidents/notice.hpp"
#include "incidents/redaction.hpp"

namespace tocsin {

/// A line or paragraph from the catalogue.
struct Say {
  Notice notice;
};

/// Output of a program or a file, shown as it came (fixed width). The sender cuts it to the platform's limits and
/// keeps the end, which is where the reason stands.
struct Code {
  std::string text;
  std::string language;   ///< a hint, e.g. "json"; may be empty
  std::string file_name;  ///< offered when the text is too long for a message; may be empty
};

enum class Verdict : std::uint8_t { none, good, warning, bad, unknown };

/// One line of a comparison: what, how much, against which limit.
struct TableRow {
  std::vector<Arg> cells;  ///< as many as the table has heads; std::vector<Notice> cells hold translated words
  Verdict verdict = Verdict::none;
};

struct Table {
  std::vector<Notice> heads;
  std::vector<TableRow> rows;
};

/// Facts with their names, for a glance: side by side where a platform can.
struct Field {
  Notice label;
  Arg value;
};

struct Fields {
  std::vector<Field> fields;  ///< at most 10
};

/// A button is a command typed by a finger: where there are none, `command` is printed to be typed.
struct Button {
  enum class Style : std::uint8_t { plain, primary, danger } style = Style::plain;
  Notice label;
  std::string command;  ///< e.g. "/incident ack INC-42"
};

struct Buttons {
  std::vector<Button> buttons;  ///< at most 4
};

/// A long job: edited in place. `done` of `total` steps, or total 0 when unknown.
struct Progress {
  Notice notice;
  std::int64_t done = 0;
  std::int64_t total = 0;
};

/// A file to hand over: a postmortem, an archive.
struct File {
  std::string name;
  std::string media_type;
  std::string bytes;
};

/// Shown where a platform can, else told by `shows`.
struct Picture {
  std::string name;
  std::string media_type;  ///< image/png, image/jpeg, image/gif or image/webp
  std::string bytes;
  Notice shows;
};

using Block = std::variant<Say, Code, Table, Fields, Buttons, Progress, File, Picture>;

struct Message {
  std::vector<Block> blocks;
  /// What the keys 1-3 stand for in a direct message, for ten minutes; each is a command.
  std::vector<std::string> choices;
  /// The same words go to the incident's room anyway: where that is the asker's own, no second copy is sent.
  bool announced = false;

  // All of it stands in message.cpp, the defaults, too, as of a Notice.
  Message() noexcept;
  explicit Message(Notice notice);
  Message(Message const&);
  Message(Message&&) noexcept;
  Message& operator=(Message const&);
  Message& operator=(Message&&) noexcept;
  ~Message();

  Message& say(Notice notice);
  [[nodiscard]] bool empty() const noexcept { return blocks.empty(); }
};

/// Takes secrets out of everything a person would read of it. True if anything changed.
bool redact(Message& message, Redactor const& redactor);

/// The stored form of an answer, so that a message that comes again gets the same one. Files and
/// pictures are stored by their name only: their content is made again when it is asked for.
[[nodiscard]] std::string encode(Message const& message);
/// Errors: Errc::invalid for anything `encode` did not write.
[[nodiscard]] Result<Message> decode_message(std::string_view text);

}  // namespace tocsin
