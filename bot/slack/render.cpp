#include "bot/slack/render.hpp"

#include <algorithm>
#include <utility>

#include "bot/chat/words.hpp"
#include "bot/detail/json.hpp"
#include "bot/render.hpp"
#include "bot/slack/gesture.hpp"
#include "bot/slack/mrkdwn.hpp"
#include "config/text.hpp"
#include "incidents/store/digest.hpp"

namespace tocsin::slack {
namespace {

using detail::Json;
using detail::written;

// Of Slack's limits (Block Kit reference) a little is left, as it does not say what a character is.
constexpr std::size_t kSection = 2'900;
constexpr std::size_t kFallback = 3'800;
constexpr std::size_t kWhole = 10'500;  // all texts of a message
constexpr std::size_t kBlocks = 40;     // of 50: the rest is for buttons and for where the rest is
constexpr std::size_t kField = 1'900;
constexpr std::size_t kFields = 10;
constexpr std::size_t kLabel = 72;
constexpr std::size_t kValue = 2'000;
constexpr std::size_t kCodeLines = 40;
constexpr std::size_t kCalls = 8;

Json text_object(std::string text) { return {{"type", "mrkdwn"}, {"text", std::move(text)}, {"verbatim", true}}; }
Json section(std::string text) { return {{"type", "section"}, {"text", text_object(std::move(text))}}; }

char const* colour_of(Message const& message) {
  for (auto const& block : message.blocks) {
    auto const* said = std::get_if<Say>(&block);
    if (said == nullptr) continue;
    auto const* severity = said->notice.find("severity");
    auto const* level = severity == nullptr ? nullptr : std::get_if<Severity>(severity);
    if (level == nullptr || !said->notice.key.starts_with("card.")) return nullptr;
    constexpr std::array kColours{"#C62828", "#EF6C00", "#F9A825", "#1565C0"};
    return kColours[static_cast<std::size_t>(*level)];
  }
  return nullptr;
}

class Rendering {
 public:
  Rendering(Setup const& setup, Reader const& reader, Face const& face, std::size_t most_blocks)
      : setup_(setup), plain_(reader), dated_(reader), face_(face), most_blocks_(most_blocks) {
    dated_.instants = marked_instant;
    if (!face.bot.empty()) dated_.address = marked_member(face.bot) + ' ';
  }

  void operator()(Say const& block) {
    auto const text = words(block.notice, dated_);
    fallback(words(block.notice, plain_));
    for (auto& piece : pieces(mrkdwn(text), kSection)) add(section(std::move(piece)));
  }

  void operator()(Code const& block) {
    auto const text = chat::plain_output(setup_.redactor->redact(block.text));
    // Its end says why; entities take room that the text itself does not.
    auto shown = last_units(chat::last_lines(text, kCodeLines), kSection);
    while (units(fenced(shown)) > kSection) shown = last_units(shown, units(shown) * 3 / 4);
    if (shown.size() < text.size()) {
      upload(block.file_name.empty() ? "output.txt" : block.file_name, text);
      note(Notice("slack.in_file").with("file", uploads_.back().name));
    }
    add(section(fenced(shown)));
  }

  void operator()(Table const& block) {
    Message only;
    only.blocks.emplace_back(block);
    auto const text = chat::plain_output(render_plain(only, setup_, plain_, {.buttons = false}));
    // The worst rows stand first.
    auto shown = chat::first_lines(text, kCodeLines);
    while (units(fenced(shown)) > kSection) {
      auto const line = shown.rfind('\n');
      shown = line == std::string_view::npos ? first_units(shown, units(shown) * 3 / 4) : shown.substr(0, line);
    }
    add(section(fenced(shown)));
    if (shown.size() >= text.size()) return;
    upload("table.txt", text);
    note(Notice("slack.in_file").with("file", uploads_.back().name));
  }

  void operator()(Fields const& block) {
    Json fields = Json::array();
    auto const put = [&] {
      if (!fields.empty()) add({{"type", "section"}, {"fields", std::exchange(fields, Json::array())}});
    };
    for (auto const& field : block.fields) {
      if (fields.size() == kFields) put();
      auto const label = mrkdwn(words(field.label, dated_));
      auto const value = mrkdwn(setup_.redactor->redact(render_cell(field.value, *setup_.catalogue, dated_)));
      auto text = pieces("*" + label + "*\n" + value, kField);
      fields.push_back(text_object(text.empty() ? std::string(" ") : std::move(text.front())));
    }
    put();
  }

  void operator()(Buttons const& block) {
    Json elements = Json::array();
    for (auto const& button : block.buttons) {
      bool const fits = face_.buttons && units(button.command) <= kValue && !button.command.empty();
      if (!fits) {
        typed(button);
        continue;
      }
      auto label = words(button.label, plain_);
      if (label.empty()) label = "…";
      Json element{{"type", "button"},
                   {"action_id", "run:" + std::to_string(elements.size())},
                   {"text", {{"type", "plain_text"}, {"text", std::string(first_units(label, kLabel))}}},
                   {"value", button.command}};
      if (button.style == Button::Style::primary) element["style"] = "primary";
      if (button.style == Button::Style::danger) element["style"] = "danger";
      elements.push_back(std::move(element));
    }
    if (!elements.empty()) add({{"type", "actions"}, {"elements", std::move(elements)}});
  }

  void operator()(Progress const& block) {
    auto text = words(block.notice, dated_);
    fallback(words(block.notice, plain_));
    if (block.total > 0) {
      text += "\n" + chat::progress_bar(block.done, block.total);
    }
    for (auto& piece : pieces(mrkdwn(text), kSection)) add(section(std::move(piece)));
  }

  void operator()(File const& block) {
    if (!block.bytes.empty()) uploads_.push_back({block.name, block.name, block.bytes, ""});
    note(Notice("slack.file").with("file", block.name));
  }

  void operator()(Picture const& block) {
    if (!block.bytes.empty()) uploads_.push_back({block.name, words(block.shows, plain_), block.bytes, ""});
    note(Notice("picture").with("shows", std::vector{block.shows}).with("name", block.name));
  }

  Rendered finish(char const* colour) && {
    Rendered rendered;
    // What did not fit is whole in a file.
    if (!rest_.empty()) {
      upload("message.txt", rest_);
      blocks_.push_back(section(mrkdwn(words(Notice("slack.in_file").with("file", uploads_.back().name), dated_))));
    }
    auto const shown = pieces(fallback_, kFallback);
    rendered.text = shown.empty() ? "…" : shown.front();
    if (auto const calls = mentions(); !calls.empty()) {
      rendered.text += "\n" + calls;
      blocks_.push_back(section(calls));
    }
    if (colour != nullptr && blocks_.size() > 1) {
      rendered.blocks = written(Json::array({blocks_.front()}));
      blocks_.erase(blocks_.begin());
      rendered.attachments = written(Json::array({{{"color", colour}, {"blocks", blocks_}}}));
    } else {
      rendered.blocks = written(blocks_);
    }
    rendered.uploads = std::move(uploads_);
    rendered.digest = digest_of(rendered);
    return rendered;
  }

  Json blocks() && { return std::move(blocks_); }

 private:
  std::string mentions() const {
    std::string calls;
    for (std::size_t i = 0; i < face_.calls.size() && i < kCalls; ++i)
      calls += (i == 0 ? "<@" : " <@") + encoded(face_.calls[i]) + ">";
    return calls;
  }

  static std::string digest_of(Rendered const& rendered) {
    std::string all = rendered.text + '\0' + rendered.blocks + '\0' + rendered.attachments;
    for (auto const& each : rendered.uploads) all += '\0' + each.name + '\0' + each.bytes;
    return sha256_hex(all);
  }

  std::string words(Notice const& notice, Reader const& reader) const {
    return setup_.redactor->redact(setup_.catalogue->render(notice, reader));
  }

  void fallback(std::string const& text) {
    if (units(fallback_) > kFallback) return;
    fallback_ += (fallback_.empty() ? "" : "\n") + unmarked(text);
  }

  void note(Notice const& notice) { operator()(Say{notice}); }

  void typed(Button const& button) {
    auto const text = "[" + words(button.label, plain_) + "] ";
    for (auto& piece : pieces(mrkdwn(text + dated_.address + button.command), kSection)) add(section(std::move(piece)));
  }

  void add(Json block) {
    auto const size = units_in(block);
    // What can be pressed is never left out: blocks are kept for it.
    bool const pressed = block["type"] == "actions";
    bool const fits = blocks_.size() < most_blocks_ && used_ + size <= kWhole && rest_.empty();
    if (!fits && !pressed) return keep(block);
    used_ += size;
    blocks_.push_back(std::move(block));
  }

  static std::size_t units_in(Json const& block) {
    std::size_t count = 0;
    if (block.contains("text")) count += units(block["text"]["text"].get<std::string>());
    for (auto const& field : block.value("fields", Json::array())) count += units(field["text"].get<std::string>());
    return count;
  }

  /// In a file it is read as it is: buttons are no part of it.
  void keep(Json const& block) {
    auto const put = [this](Json const& text) { rest_ += decoded_text(text["text"].get<std::string>()) + "\n"; };
    if (block.contains("text")) put(block["text"]);
    for (auto const& field : block.value("fields", Json::array())) put(field);
    if (rest_.empty()) rest_ = " ";
  }

  static std::string decoded_text(std::string const& text);

  void upload(std::string const& name, std::string const& bytes) {
    uploads_.push_back({name, name, bytes.empty() ? "\n" : bytes, "text"});
  }

  Setup const& setup_;
  Reader plain_;
  Reader dated_;
  Face const& face_;
  std::size_t most_blocks_;
  Json blocks_ = Json::array();
  std::size_t used_ = 0;
  std::string fallback_;
  std::string rest_;
  std::vector<Upload> uploads_;
};

std::string Rendering::decoded_text(std::string const& text) {
  std::string plain;
  std::string_view rest = text;
  while (!rest.empty()) {
    // `<!date^…|words>` is its words.
    if (rest.starts_with("<!date^")) {
      auto const bar = rest.find('|');
      auto const end = rest.find('>');
      if (bar != std::string_view::npos && end != std::string_view::npos && bar < end) {
        plain += rest.substr(bar + 1, end - bar - 1);
        rest.remove_prefix(end + 1);
        continue;
      }
    }
    plain += rest.front();
    rest.remove_prefix(1);
  }
  return decoded(plain);
}

}  // namespace

Rendered render(Message const& message, Setup const& setup, Reader const& reader, Face const& face) {
  Rendering rendering(setup, reader, face, kBlocks);
  for (auto const& block : message.blocks) std::visit(rendering, block);
  return std::move(rendering).finish(colour_of(message));
}

std::string view_blocks(Message const& message, Setup const& setup, Reader const& reader, std::size_t most) {
  Face const face;
  Rendering rendering(setup, reader, face, most);
  for (auto const& block : message.blocks) std::visit(rendering, block);
  return written(std::move(rendering).blocks());
}

}  // namespace tocsin::slack
