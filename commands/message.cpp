#include "commands/message.hpp"

#include <optional>

// A message is stored as one notice whose arguments are its blocks: the record format of notices serves here too.
namespace tocsin {
namespace {

Notice record_of(TableRow const& row) {
  Notice record("row");
  record.with("verdict", static_cast<std::int64_t>(row.verdict));
  for (auto const& cell : row.cells) record.with("cell", cell);
  return record;
}

struct ToRecord {
  Notice operator()(Say const& block) const { return Notice("say").with("notice", one(block.notice)); }
  Notice operator()(Code const& block) const {
    return Notice("code").with("text", block.text).with("language", block.language).with("file", block.file_name);
  }
  Notice operator()(Table const& block) const {
    std::vector<Notice> rows;
    for (auto const& row : block.rows) rows.push_back(record_of(row));
    return Notice("table").with("heads", block.heads).with("rows", std::move(rows));
  }
  Notice operator()(Fields const& block) const {
    std::vector<Notice> fields;
    for (auto const& field : block.fields)
      fields.push_back(Notice("field").with("label", one(field.label)).with("value", field.value));
    return Notice("fields").with("fields", std::move(fields));
  }
  Notice operator()(Buttons const& block) const {
    std::vector<Notice> buttons;
    for (auto const& button : block.buttons) {
      buttons.push_back(Notice("button")
                            .with("style", static_cast<std::int64_t>(button.style))
                            .with("label", one(button.label))
                            .with("command", button.command));
    }
    return Notice("buttons").with("buttons", std::move(buttons));
  }
  Notice operator()(Progress const& block) const {
    return Notice("progress").with("notice", one(block.notice)).with("done", block.done).with("total", block.total);
  }
  Notice operator()(File const& block) const {
    return Notice("file").with("name", block.name).with("type", block.media_type);
  }
  Notice operator()(Picture const& block) const {
    return Notice("picture").with("name", block.name).with("type", block.media_type).with("shows", one(block.shows));
  }
};

/// Redacts each kind of block in place.
class Redaction {
 public:
  explicit Redaction(Redactor const& redactor) : redactor_(redactor) {}
  [[nodiscard]] bool changed() const { return changed_; }

  void text(std::string& text) {
    if (!redactor_.suspects(text)) return;
    auto clean = redactor_.redact(text);
    changed_ = changed_ || clean != text;
    text = std::move(clean);
  }
  void notice(Notice& notice) { changed_ = redact(notice, redactor_) || changed_; }

  void operator()(Say& block) { notice(block.notice); }
  void operator()(Code& block) {
    text(block.text);
    text(block.file_name);
  }
  void operator()(Table& block) {
    for (auto& head : block.heads) notice(head);
    for (auto& row : block.rows) {
      // Cells are arguments like those of a notice.
      Notice cells("");
      for (auto& cell : row.cells) cells.with("", std::move(cell));
      notice(cells);
      row.cells.clear();
      for (auto& [name, cell] : cells.args) row.cells.push_back(std::move(cell));
    }
  }
  void operator()(Fields& block) {
    for (auto& field : block.fields) {
      notice(field.label);
      Notice value("");
      value.with("", std::move(field.value));
      notice(value);
      field.value = std::move(value.args.front().second);
    }
  }
  void operator()(Buttons& block) {
    for (auto& button : block.buttons) {
      notice(button.label);
      text(button.command);
    }
  }
  void operator()(Progress& block) { notice(block.notice); }
  void operator()(File& block) {
    text(block.name);
    if (block.media_type.starts_with("text/")) text(block.bytes);
  }
  void operator()(Picture& block) {
    text(block.name);
    notice(block.shows);
  }

 private:
  Redactor const& redactor_;
  bool changed_ = false;
};

template <class T>
T const* field(Notice const& record, std::string_view name) {
  auto const* arg = record.find(name);
  return arg == nullptr ? nullptr : std::get_if<T>(arg);
}

std::string text(Notice const& record, std::string_view name) {
  auto const* value = field<std::string>(record, name);
  return value == nullptr ? std::string{} : *value;
}

std::int64_t number(Notice const& record, std::string_view name) {
  auto const* value = field<std::int64_t>(record, name);
  return value == nullptr ? 0 : *value;
}

std::vector<Notice> list(Notice const& record, std::string_view name) {
  auto const* value = field<std::vector<Notice>>(record, name);
  return value == nullptr ? std::vector<Notice>{} : *value;
}

Notice first(Notice const& record, std::string_view name) {
  auto items = list(record, name);
  return items.empty() ? Notice("damaged") : std::move(items.front());
}

Verdict verdict_of(std::int64_t number) {
  return number >= 0 && number <= static_cast<std::int64_t>(Verdict::unknown) ? static_cast<Verdict>(number)
                                                                              : Verdict::none;
}

std::optional<Block> to_block(Notice const& record) {
  if (record.key == "say") return Say{first(record, "notice")};
  if (record.key == "code") return Code{text(record, "text"), text(record, "language"), text(record, "file")};
  if (record.key == "table") {
    Table table{list(record, "heads"), {}};
    for (auto const& item : list(record, "rows")) {
      TableRow row;
      row.verdict = verdict_of(number(item, "verdict"));
      for (auto const& [name, value] : item.args) {
        if (name == "cell") row.cells.push_back(value);
      }
      table.rows.push_back(std::move(row));
    }
    return table;
  }
  if (record.key == "fields") {
    Fields fields;
    for (auto const& item : list(record, "fields")) {
      auto const* value = item.find("value");
      fields.fields.push_back({first(item, "label"), value == nullptr ? Arg{std::string{}} : *value});
    }
    return fields;
  }
  if (record.key == "buttons") {
    Buttons buttons;
    for (auto const& item : list(record, "buttons")) {
      auto const style = number(item, "style");
      buttons.buttons.push_back({style == 1   ? Button::Style::primary
                                 : style == 2 ? Button::Style::danger
                                              : Button::Style::plain,
                                 first(item, "label"), text(item, "command")});
    }
    return buttons;
  }
  if (record.key == "progress")
    return Progress{first(record, "notice"), number(record, "done"), number(record, "total")};
  if (record.key == "file") return File{text(record, "name"), text(record, "type"), {}};
  if (record.key == "picture") return Picture{text(record, "name"), text(record, "type"), {}, first(record, "shows")};
  return std::nullopt;
}

}  // namespace

Message::Message() noexcept = default;
Message::Message(Notice notice) { say(std::move(notice)); }
Message::Message(Message const&) = default;
Message::Message(Message&&) noexcept = default;
Message& Message::operator=(Message const&) = default;
Message& Message::operator=(Message&&) noexcept = default;
Message::~Message() = default;

Message& Message::say(Notice notice) {
  blocks.emplace_back(Say{std::move(notice)});
  return *this;
}

bool redact(Message& message, Redactor const& redactor) {
  Redaction redaction(redactor);
  for (auto& block : message.blocks) std::visit(redaction, block);
  for (auto& choice : message.choices) redaction.text(choice);
  return redaction.changed();
}

std::string encode(Message const& message) {
  std::vector<Notice> blocks;
  for (auto const& block : message.blocks) blocks.push_back(std::visit(ToRecord{}, block));
  Notice record("message");
  record.with("blocks", std::move(blocks)).with("announced", std::int64_t{message.announced ? 1 : 0});
  for (auto const& choice : message.choices) record.with("choice", choice);
  return encode(record);
}

Result<Message> decode_message(std::string_view stored) {
  auto const record = decode_notice(stored);
  if (record.has_error() || record->key != "message") return Error{Errc::invalid, "not a stored message"};
  Message message;
  message.announced = number(*record, "announced") != 0;
  for (auto const& item : list(*record, "blocks")) {
    auto block = to_block(item);
    if (!block) return Error{Errc::invalid, "not a stored message"};
    message.blocks.push_back(std::move(*block));
  }
  for (auto const& [name, value] : record->args) {
    if (name != "choice") continue;
    if (auto const* choice = std::get_if<std::string>(&value)) message.choices.push_back(*choice);
  }
  return message;
}

}  // namespace tocsin
