#include "bot/dingtalk/render.hpp"

#include <algorithm>
#include <utility>

#include "bot/chat/words.hpp"
#include "bot/dingtalk/markdown.hpp"
#include "bot/render.hpp"
#include "config/text.hpp"
#include "incidents/store/digest.hpp"

namespace tocsin::dingtalk {
namespace {

// DingTalk's reference: chunks below 3,800 characters, a webhook's body 20,000 bytes, msgParam 15,000.
constexpr std::size_t kPart = 3'500;
constexpr std::size_t kPartBytes = 9'000;
constexpr std::size_t kParts = 3;
constexpr std::size_t kTail = 900;  // of the last part, for where the rest is, what can be pressed and who must act
constexpr std::size_t kTailBytes = 2'500;
constexpr std::size_t kTitle = 60;
constexpr std::size_t kLabel = 40;
constexpr std::size_t kLink = 600;     // of a link; a longer one is printed to be typed
constexpr std::size_t kTyped = 2'000;  // of a printed command
constexpr std::size_t kCode = 2'800;
constexpr std::size_t kCodeBytes = 7'500;
constexpr std::size_t kCodeLines = 40;
constexpr std::size_t kRows = 20;
constexpr std::size_t kItem = 400;
constexpr std::size_t kCalls = 8;
constexpr std::size_t kStaffId = 64;

bool is_staff_id(std::string_view id) {
  return !id.empty() && id.size() <= kStaffId && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.' || c == '$' || c == ':' || c == '@';
  });
}

bool fits(std::string_view text, std::size_t most, std::size_t heaviest) {
  return weight(text) <= heaviest && chat::characters(text) <= most;
}

class Rendering {
 public:
  Rendering(Setup const& setup, Reader const& reader, Face const& face)
      : setup_(setup), plain_(reader), addressed_(reader), face_(face) {
    if (face.group && !face.bot.empty()) addressed_.address = marked_address(face.bot);
  }

  void operator()(Say const& block) { say(block.notice, {}); }

  void operator()(Code const& block) {
    auto const text = chat::plain_output(setup_.redactor->redact(block.text));
    if (text.empty()) return;
    // Its end says why; escapes take room that the text itself does not.
    auto shown = chat::last_characters(chat::last_lines(text, kCodeLines), kCode);
    auto written = quoted(shown);
    while (!fits(written, kCode, kCodeBytes)) {
      shown = chat::last_characters(shown, chat::characters(shown) * 3 / 4);
      written = quoted(shown);
    }
    if (shown.size() < text.size()) in_file(block.file_name.empty() ? "output.txt" : block.file_name, text);
    add(written, shown);
  }

  void operator()(Table const& block) {
    std::vector<std::string> heads;
    for (auto const& head : block.heads) heads.push_back(one_line(words(head, addressed_)));
    std::string items;
    bool whole = block.rows.size() <= kRows;
    // The worst rows stand first.
    for (std::size_t i = 0; i < block.rows.size() && i < kRows; ++i) {
      auto const item = item_of(block.rows[i], heads);
      if (chat::characters(item) <= 2 * kItem) {
        items += (items.empty() ? "- " : "\n- ") + item;
      } else {
        // Cut, it would end within an escape or without its bold.
        whole = false;
        items += (items.empty() ? "- " : "\n- ") + mark_of(block.rows[i].verdict) + short_item_of(block.rows[i]);
      }
    }
    Message only;
    only.blocks.emplace_back(block);
    auto const text = setup_.redactor->redact(render_plain(only, setup_, plain_, {.buttons = false}));
    add(items, text);
    if (!whole) in_file("table.txt", text);
  }

  void operator()(Fields const& block) {
    std::string lines;
    std::string plain;
    for (auto const& field : block.fields) {
      auto const label = one_line(words(field.label, addressed_));
      auto const value = cell(field.value);
      lines += (lines.empty() ? "" : "  \n") + bold(label) + ": " + markdown(one_line(value));
      plain += label + ": " + value + '\n';
    }
    add(lines, plain);
  }

  void operator()(Buttons const& block) {
    std::string links;
    std::vector<std::string> printed;
    for (auto const& button : block.buttons) {
      if (button.command.empty()) continue;
      auto label = cut_characters(harmless(words(button.label, plain_)), kLabel);
      if (label.empty()) label = "…";
      buttons_.push_back({label, button.command, button.style == Button::Style::primary});
      auto const link = command_link(label, unmarked(addressed_.address) + button.command);
      bool const is_short = fits(link, kLink, kTailBytes);
      if (face_.links && is_short) {
        links += (links.empty() ? "" : " · ") + link;
      } else if (face_.links || buttons_.size() > kCardButtons) {
        // What a card has no room for is typed.
        auto const command = setup_.redactor->redact(button.command);
        printed.push_back("[" + label + "] " + addressed_.address + harmless(command, kTyped));
      }
      plain_text_ += "[" + label + "] " + button.command + '\n';
    }
    if (!links.empty()) {
      add(links, {});
      links_.push_back(links);
    }
    for (auto const& line : printed) add(markdown(line), {});
  }

  void operator()(Progress const& block) { say(block.notice, chat::progress_bar(block.done, block.total)); }

  void operator()(File const& block) {
    if (!block.bytes.empty()) uploads_.push_back({block.name, block.bytes});
    say(Notice("dingtalk.file").with("file", block.name), {});
  }

  void operator()(Picture const& block) {
    bool const shown =
        block.media_type == "image/png" || block.media_type == "image/jpeg" || block.media_type == "image/gif";
    if (!block.bytes.empty()) uploads_.push_back({block.name, block.bytes, shown});
    say(Notice("picture").with("shows", std::vector{block.shows}).with("name", block.name), {});
  }

  Rendered finish() && {
    Rendered rendered;
    rendered.title = title();
    rendered.calls = called();
    std::string calls;
    for (auto const& id : rendered.calls) calls += (calls.empty() ? "@" : " @") + id;
    auto parts = pieces(text_, kPart, kPartBytes);
    bool const whole = parts.size() <= kParts && takes(parts, calls);
    if (!whole) {
      parts = pieces(text_, kPart - kTail, kPartBytes - kTailBytes);
      std::string tail;
      if (parts.size() > kParts) {
        parts.resize(kParts);
        uploads_.push_back({"message.txt", plain_text_.empty() ? "\n" : plain_text_});
        tail = markdown(words(Notice("dingtalk.in_file").with("file", uploads_.back().name), addressed_));
        tail += lost_links(parts, kTail - chat::characters(tail) - chat::characters(calls) - 4);
      }
      parts.back() += paragraph(tail) + paragraph(calls);
    } else if (!calls.empty()) {
      parts.empty() ? parts.push_back(calls) : void(parts.back() += paragraph(calls));
    }
    if (parts.empty()) parts.emplace_back("…");
    rendered.parts = std::move(parts);
    rendered.buttons = std::move(buttons_);
    rendered.uploads = std::move(uploads_);
    rendered.digest = digest_of(rendered);
    return rendered;
  }

 private:
  static std::string paragraph(std::string const& text) { return text.empty() ? text : "\n\n" + text; }

  static bool takes(std::vector<std::string> const& parts, std::string const& more) {
    return more.empty() || parts.empty() || fits(parts.back() + paragraph(more), kPart, kPartBytes);
  }

  static std::string digest_of(Rendered const& rendered) {
    std::string all = rendered.title;
    for (auto const& part : rendered.parts) all += '\0' + part;
    for (auto const& each : rendered.buttons)
      all += '\0' + each.label + '\0' + each.command + (each.primary ? '1' : '0');
    for (auto const& each : rendered.calls) all += '\0' + each;
    for (auto const& each : rendered.uploads) all += '\0' + each.name + '\0' + each.bytes;
    return sha256_hex(all);
  }

  std::string words(Notice const& notice, Reader const& reader) const {
    return setup_.redactor->redact(setup_.catalogue->render(notice, reader));
  }

  std::string cell(Arg const& value) const {
    return setup_.redactor->redact(render_cell(value, *setup_.catalogue, addressed_));
  }

  void say(Notice const& notice, std::string const& below) {
    auto text = words(notice, addressed_);
    auto plain = words(notice, plain_);
    if (title_.empty()) title_ = plain.substr(0, plain.find('\n'));
    if (!below.empty()) {
      text += '\n' + below;
      plain += '\n' + below;
    }
    add(markdown(text), plain);
  }

  void add(std::string_view written, std::string_view plain) {
    if (!written.empty()) text_ += (text_.empty() ? "" : "\n\n") + std::string(written);
    if (plain.empty()) return;
    plain_text_ += unmarked(plain);
    if (!plain_text_.ends_with('\n')) plain_text_ += '\n';
  }

  void in_file(std::string const& name, std::string const& text) {
    uploads_.push_back({name, text.empty() ? "\n" : text});
    say(Notice("dingtalk.in_file").with("file", name), {});
  }

  std::string item_of(TableRow const& row, std::vector<std::string> const& heads) const {
    auto item = mark_of(row.verdict);
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      auto const text = one_line(cell(row.cells[i]));
      if (i == 0) {
        item += bold(text);
        continue;
      }
      item += " · ";
      if (i < heads.size() && !heads[i].empty()) item += markdown(heads[i]) + ": ";
      item += markdown(text);
    }
    return item.empty() ? "…" : item;
  }

  std::string short_item_of(TableRow const& row) const {
    if (row.cells.empty()) return "…";
    auto const text = bold(cut_characters(one_line(cell(row.cells.front())), kItem / 2));
    return text.empty() ? "…" : text;
  }

  std::string title() const {
    auto line = harmless(unmarked(title_), kTitle);
    if (line.empty()) line = harmless(chat::first_lines(plain_text_, 1), kTitle);
    if (line.empty() && !uploads_.empty()) line = harmless(uploads_.front().name, kTitle);
    return line.empty() ? "…" : line;
  }

  std::vector<std::string> called() const {
    std::vector<std::string> ids;
    for (auto const& id : face_.calls) {
      if (ids.size() < kCalls && is_staff_id(id) && std::find(ids.begin(), ids.end(), id) == ids.end())
        ids.push_back(id);
    }
    return ids;
  }

  /// What can be pressed is not left out, as far as there is room.
  std::string lost_links(std::vector<std::string> const& parts, std::size_t room) const {
    std::string text;
    for (auto const& links : links_) {
      bool const there = std::any_of(parts.begin(), parts.end(),
                                     [&](auto const& part) { return part.find(links) != std::string::npos; });
      if (!there && fits(text + paragraph(links), room, kTailBytes / 2)) text += paragraph(links);
    }
    return text;
  }

  Setup const& setup_;
  Reader plain_;
  Reader addressed_;
  Face const& face_;
  std::string title_;
  std::string text_;
  std::string plain_text_;  ///< all of it, as a file
  std::vector<std::string> links_;
  std::vector<Link> buttons_;
  std::vector<Upload> uploads_;
};

}  // namespace

Rendered render(Message const& message, Setup const& setup, Reader const& reader, Face const& face) {
  Rendering rendering(setup, reader, face);
  for (auto const& block : message.blocks) std::visit(rendering, block);
  return std::move(rendering).finish();
}

std::map<std::string, std::string> card_params(Rendered const& rendered, Setup const& setup) {
  std::map<std::string, std::string> params{
      {"title", rendered.title}, {"markdown", rendered.parts.empty() ? std::string("…") : rendered.parts.front()}};
  for (std::size_t i = 0; i < kCardButtons; ++i) {
    auto const number = std::to_string(i + 1);
    bool const has = i < rendered.buttons.size();
    params["button" + number] = has ? rendered.buttons[i].label : std::string();
    params["command" + number] = has ? rendered.buttons[i].command : std::string();
    params["has" + number] = has ? "true" : "false";
  }
  // The last door: a card is read by many. A command is not shown, and must stay what it is.
  for (auto& [name, value] : params) {
    if (!name.starts_with("command")) value = setup.redactor->redact(value);
  }
  return params;
}

}  // namespace tocsin::dingtalk
