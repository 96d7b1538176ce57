#include "bot/dingtalk/render.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "bot/chat/words.hpp"
#include "bot/dingtalk/markdown.hpp"
#include "bot/dingtalk/worded.hpp"
#include "config/text.hpp"
#include "tests/bot/stage.hpp"
#include "tests/config/arguments.hpp"

using namespace tocsin;
using namespace tocsin::dingtalk;
using Json = nlohmann::json;

namespace {

constexpr std::string_view kLinkBegin = "](dtmd://dingtalkclient/sendMessage?content=";

Setup const& demo_setup() {
  static Setup const kSetup(test::shipped_config("demo.yaml"), std::make_shared<Catalogue const>(Catalogue::shipped()));
  return kSetup;
}

Reader demo_reader(Locale locale) {
  auto reader = demo_setup().reader_of({}, from_millis(1'795'403'400'000), Medium::chat);
  reader.locale = locale;
  return reader;
}

Rendered rendered(Message const& message, Face const& face = {}, Locale locale = Locale::en) {
  return render(message, demo_setup(), demo_reader(locale), face);
}

std::string whole(Rendered const& message) {
  std::string all;
  for (auto const& part : message.parts) all += part + "\n\n";
  return all;
}

bool has(Rendered const& message, std::string_view text) { return whole(message).find(text) != std::string::npos; }

/// Judges by DingTalk's reference; the first fault, or empty.
std::string fault_of(Rendered const& message) {
  if (message.title.empty() || chat::characters(message.title) > 60) return "a title of " + message.title;
  if (message.title.find('\n') != std::string::npos) return "a title of lines";
  if (message.parts.empty() || message.parts.size() > 3) return std::to_string(message.parts.size()) + " parts";
  for (auto const& part : message.parts) {
    if (part.empty()) return "an empty part";
    if (chat::characters(part) > 3'500) return "a part of " + std::to_string(chat::characters(part));
    if (first_invalid_utf8(part) || first_invalid_utf8(message.title)) return "no UTF-8";
    auto const param = Json{{"title", message.title}, {"text", part}}.dump();
    if (param.size() >= 15'000) return "a msgParam of " + std::to_string(param.size());
    Json const body{{"msgtype", "markdown"},
                    {"markdown", {{"title", message.title}, {"text", part}}},
                    {"at", {{"atUserIds", message.calls}, {"isAtAll", false}}}};
    if (body.dump().size() >= 20'000) return "a body of " + std::to_string(body.dump().size());
    if (Json(param).dump().size() >= 20'000)
      return "a param within a body of " + std::to_string(Json(param).dump().size());
    if (part.find("\n```") != std::string::npos || part.starts_with("```")) return "a fence";
    for (auto at = part.find("]("); at != std::string::npos; at = part.find("](", at + 1)) {
      auto const rest = std::string_view(part).substr(at);
      if (!rest.starts_with(kLinkBegin)) return "a foreign link";
      auto const end = rest.find(')');
      if (end == std::string::npos || rest.substr(0, end).find_first_of(" \n") != std::string::npos)
        return "a torn link";
    }
    // A line end that is not a paragraph's, a list's or after two blanks collapses on some clients.
    for (auto at = part.find('\n'); at != std::string::npos; at = part.find('\n', at + 1)) {
      auto const before = std::string_view(part).substr(0, at);
      auto const after = std::string_view(part).substr(at + 1);
      if (!before.ends_with("  ") && !before.ends_with('\n') && !after.starts_with('\n') && !after.starts_with("- "))
        return "a line end that collapses";
    }
  }
  for (auto const& upload : message.uploads) {
    if (upload.name.empty() || upload.bytes.empty()) return "an empty file";
  }
  return {};
}

Message button_message(std::string command, std::size_t count = 1) {
  Message message(Notice("button.again"));
  Buttons buttons;
  for (std::size_t i = 0; i < count; ++i) {
    buttons.buttons.push_back(
        {i == 0 ? Button::Style::primary : Button::Style::danger, Notice("button.again"), command});
  }
  message.blocks.emplace_back(std::move(buttons));
  return message;
}

Message code_message(std::string text) {
  Message message;
  message.blocks.emplace_back(Code{std::move(text), {}, "why.log"});
  return message;
}

Message text_message(std::string text) { return Message(Notice("incident.updated").with("text", std::move(text))); }

std::string file_of(Rendered const& message, std::string_view name) {
  for (auto const& upload : message.uploads) {
    if (upload.name == name) return upload.bytes;
  }
  return {};
}

}  // namespace

TEST_CASE("dingtalk: every message of the catalogue, in both languages, keeps to DingTalk's limits") {
  testing::ArgumentTypes const types;
  for (auto const locale : {Locale::zh_cn, Locale::en}) {
    for (auto const& key : testing::shipped_catalogue().keys()) {
      CAPTURE(key);
      Message const message(testing::typical_notice(key, locale, types));
      CHECK(fault_of(rendered(message, {}, locale)) == "");
    }
  }
}

TEST_CASE("dingtalk: a command is a link and a button, addressed in a group, bare with the bot alone") {
  Face face;
  face.bot = "警钟";
  auto const group = rendered(button_message("/status"), face);
  CHECK(fault_of(group) == "");
  CHECK(has(group, std::string(kLinkBegin) + "%40%E8%AD%A6%E9%92%9F%20%2Fstatus)"));
  REQUIRE(group.buttons.size() == 1);
  CHECK(group.buttons.front().command == "/status");
  CHECK(group.buttons.front().primary);
  face.group = false;
  CHECK(has(rendered(button_message("/status"), face), std::string(kLinkBegin) + "%2Fstatus)"));
  face.links = false;
  auto const card = rendered(button_message("/status"), face);
  CHECK_FALSE(has(card, "dtmd"));
  CHECK_FALSE(has(card, "/status"));
  CHECK(rendered(button_message("")).buttons.empty());
}

TEST_CASE("dingtalk: what is too long for a link, or too much for a card, is printed to be typed") {
  Face face;
  face.bot = "bot";
  auto const longer = rendered(button_message(std::string(700, 'x')), face);
  CHECK(fault_of(longer) == "");
  CHECK_FALSE(has(longer, "dtmd"));
  CHECK(has(longer, "@bot xxx"));
  CHECK(longer.buttons.size() == 1);
  face.links = false;
  auto const fifth = rendered(button_message("/status", 5), face);
  CHECK(fifth.buttons.size() == 5);
  auto const at = whole(fifth).find("@bot /status");
  CHECK(at != std::string::npos);
  CHECK(whole(fifth).find("@bot /status", at + 1) == std::string::npos);
}

TEST_CASE("dingtalk: a command that a text prints is addressed in a group, and bare with the bot alone") {
  for (auto const locale : {Locale::zh_cn, Locale::en}) {
    Message const message(Notice("approval.confirm_change")
                              .with("what", std::vector<Notice>{Notice("act.text").with("text", "x")})
                              .with("code", "K9")
                              .with("until", from_millis(1'795'403'400'000)));
    auto const run = locale == Locale::en ? std::string("send ") : std::string("发 ");
    auto const command = locale == Locale::en ? std::string("run K9") : std::string("执行 K9");
    Face face;
    face.bot = "tocsin";
    auto const group = rendered(message, face, locale);
    CHECK(has(group, run + "@tocsin " + command));
    // A locked screen can't be typed into.
    CHECK(group.title.find("@tocsin") == std::string::npos);
    face.group = false;
    CHECK(has(rendered(message, face, locale), run + command));
  }
}

TEST_CASE("dingtalk: a place has its language, and a person their own") {
  auto const& setup = demo_setup();
  auto const now = from_millis(1'795'403'400'000);
  auto const group = worded_for_group(button_message("/status"), setup, now, "tocsin", {}, {"manager1"});
  CHECK(group.parts.back().ends_with("\n\n@manager1"));
  CHECK(has(group, "%40tocsin"));
  auto const alone = worded_for_person(button_message("/status"), setup, now, {});
  CHECK_FALSE(has(alone, "%40"));
  CHECK(alone.calls.empty());
}

TEST_CASE("dingtalk: whoever must act is mentioned, and nobody else, whatever a text says") {
  auto const message = text_message("@manager1 @all [x](dtmd://dingtalkclient/sendMessage?content=y) <b>");
  CHECK(fault_of(rendered(message)) == "");
  CHECK_FALSE(has(rendered(message), "@"));
  CHECK_FALSE(has(rendered(message), "dtmd://"));
  Face face;
  face.calls = {"manager1", "bad id", "", "manager1", "042"};
  auto const calls = rendered(message, face);
  CHECK(calls.calls == std::vector<std::string>{"manager1", "042"});
  CHECK(calls.parts.back().ends_with("\n\n@manager1 @042"));
  face.calls.clear();
  for (int i = 0; i < 100; ++i) face.calls.push_back(std::string(60, 'x') + std::to_string(i));
  for (std::size_t size = 6'000; size < 12'000; size += 97) {
    Message much;
    for (std::size_t i = 0; i < size / 200; ++i)
      much.say(Notice("incident.updated").with("text", std::string(190, 'a')));
    auto const said = rendered(much, face);
    CHECK(fault_of(said) == "");
    CHECK(said.parts.back().ends_with("@" + said.calls.back()));
  }
}

TEST_CASE("dingtalk: what a message can't hold of an output is whole in a file, its end is shown") {
  for (std::size_t const size : {1U, 2'000U, 2'790U, 2'800U, 3'000U, 20'000U}) {
    for (auto const* sign : {"x", "*", "\\", "网", "🔴", "\""}) {
      CAPTURE(size);
      CAPTURE(sign);
      std::string text;
      for (std::size_t i = 0; i < size; ++i) text += sign;
      auto const message = rendered(code_message(text + "END"));
      CHECK(fault_of(message) == "");
      CHECK(has(message, "END"));
      bool const complete = message.uploads.empty();
      if (!complete) CHECK(file_of(message, "why.log") == text + "END");
      if (size > 2'800) CHECK_FALSE(complete);
      if (size <= 2'000 && sign[0] == 'x') CHECK(complete);
    }
  }
  std::string lines;
  for (int i = 0; i < 100; ++i) lines += "line " + std::to_string(i) + ".\n";
  auto const message = rendered(code_message(lines));
  CHECK_FALSE(has(message, "line 59."));
  CHECK(has(message, "> line 60.  \n> line 61."));
  CHECK(has(message, "why.log"));
  CHECK(file_of(message, "why.log").starts_with("line 0.\nline 1.\n"));
}

TEST_CASE("dingtalk: a table is a list, the worst twenty rows of it") {
  Table table{{Notice("head.person"), Notice("button.again")}, {}};
  for (int i = 0; i < 30; ++i)
    table.rows.push_back({{"row_" + std::to_string(i), std::int64_t(i)}, i == 0 ? Verdict::bad : Verdict::none});
  Message message;
  message.blocks.emplace_back(table);
  auto const said = rendered(message);
  CHECK(fault_of(said) == "");
  CHECK(has(said, "- ❌ **row\\_0** · "));
  CHECK(has(said, ": 0\n- **row\\_1** · "));
  CHECK(has(said, "row\\_19"));
  CHECK_FALSE(has(said, "row\\_20"));
  CHECK(file_of(said, "table.txt").find("row_29") != std::string::npos);
  table.rows.resize(20);
  message.blocks = {table};
  CHECK(rendered(message).uploads.empty());
}

TEST_CASE("dingtalk: facts are lines with a bold name, progress has its bar, files and pictures their words") {
  Message message;
  message.blocks.emplace_back(Fields{{{Notice("head.person"), std::string("a*b")}, {Notice("head.person"), "@all"}}});
  message.blocks.emplace_back(Progress{Notice("button.again"), 3, 5});
  message.blocks.emplace_back(File{"a_b.txt", "text/plain", "bytes"});
  message.blocks.emplace_back(Picture{"p.png", "image/png", "png", Notice("button.again")});
  message.blocks.emplace_back(File{"empty.txt", "text/plain", ""});
  auto const said = rendered(message);
  CHECK(fault_of(said) == "");
  CHECK(has(said, "**: a\\*b  \n**"));
  CHECK(has(said, "**: ＠all\n\n"));
  CHECK(has(said, "▓▓▓▓▓▓░░░░ 3/5"));
  CHECK(has(said, "a\\_b.txt"));
  CHECK(has(said, "[p.png]"));
  CHECK(said.uploads.size() == 2);
}

TEST_CASE("dingtalk: what three parts can't hold is whole in a file, and can still be pressed") {
  for (std::size_t const count : {1U, 10U, 30U, 50U, 60U, 100U, 400U}) {
    CAPTURE(count);
    Message message;
    for (std::size_t i = 0; i < count; ++i)
      message.say(Notice("incident.updated").with("text", "part " + std::to_string(i) + ". " + std::string(150, 'y')));
    auto buttons = button_message("/status");
    message.blocks.push_back(buttons.blocks.back());
    auto const said = rendered(message);
    CHECK(fault_of(said) == "");
    CHECK(has(said, kLinkBegin));
    auto const all = whole(said) + file_of(said, "message.txt");
    for (std::size_t i = 0; i < count; ++i) CHECK(all.find("part " + std::to_string(i) + ".") != std::string::npos);
    CHECK(said.uploads.empty() == (count <= 50));
    if (!said.uploads.empty()) CHECK(has(said, "message.txt"));
  }
}

TEST_CASE("dingtalk: a title is one plain line, whatever comes first") {
  CHECK(rendered(Message{}).title == "…");
  CHECK(rendered(Message{}).parts == std::vector<std::string>{"…"});
  CHECK(rendered(code_message("first\nsecond")).title == "first");
  CHECK(rendered(text_message("a_b *c*")).title.find('\\') == std::string::npos);
  CHECK(chat::characters(rendered(text_message(std::string(190, 'x'))).title) <= 60);
}

TEST_CASE("dingtalk: the digest changes with what is seen, and with nothing else") {
  auto const one = rendered(button_message("/status"));
  CHECK(one.digest == rendered(button_message("/status")).digest);
  CHECK(one.digest != rendered(button_message("/status 2")).digest);
  Face face;
  face.links = false;
  CHECK(rendered(button_message("a"), face).digest != rendered(button_message("b"), face).digest);
  face.calls = {"manager1"};
  CHECK(rendered(text_message("x"), face).digest != rendered(text_message("x")).digest);
  auto silent = button_message("/status");
  silent.choices.push_back("/help");
  CHECK(one.digest == rendered(silent).digest);
  Message file;
  file.blocks.emplace_back(File{"a.txt", "text/plain", "one"});
  auto other = file;
  std::get<File>(other.blocks.front()).bytes = "two";
  CHECK(rendered(file).digest != rendered(other).digest);
}

TEST_CASE("dingtalk: a card has all its values, those of absent buttons, too") {
  Face face;
  face.links = false;
  auto const said = rendered(button_message("/incident ack INC-42", 2), face);
  auto const params = card_params(said, demo_setup());
  CHECK(params.size() == 14);
  CHECK(params.at("title") == said.title);
  CHECK(params.at("markdown") == said.parts.front());
  CHECK(params.at("button2") == said.buttons[1].label);
  CHECK(params.at("command1") == "/incident ack INC-42");
  CHECK(params.at("has2") == "true");
  CHECK(params.at("has3") == "false");
  CHECK(params.at("button3").empty());
  CHECK(params.at("command4").empty());
  CHECK(card_params(rendered(button_message("/status", 7), face), demo_setup()).size() == 14);
  CHECK(card_params({}, demo_setup()).at("markdown") == "…");
}

TEST_CASE("dingtalk: hostile outputs are shown as they are and do nothing") {
  for (std::string const sign : {"x", "*", "`", "@all ", "[a](b)", "<b>", "\xFF", "\xE2\x80\xAE", "\x1B[31mred", "\x01",
                                 "\xF0\x9F\x94\xB4", "\\", "a\n\n", "- - ", "|--|--|\n", "&lt;"}) {
    CAPTURE(sign);
    std::string text;
    while (text.size() < 100'000) text += sign;
    auto const said = rendered(code_message(text));
    CHECK(fault_of(said) == "");
    CHECK_FALSE(has(said, "@all"));
    CHECK_FALSE(has(said, "<b>"));
    CHECK_FALSE(has(said, "\x1B"));
    CHECK_FALSE(has(said, "\xE2\x80\xAE"));
    CHECK(fault_of(rendered(text_message(text))) == "");
  }
}

TEST_CASE("dingtalk: messages of chance keep to the limits") {
  std::mt19937 chance(20261123);
  std::vector<std::string> const scraps{" @all ", "*",      "x", "网站", "🔴", "\n", "```", "\xFF",
                                        "\t",     "[a](b)", " ", "\\",   "_", "\"", "-",   "1. "};
  auto const some = [&](std::size_t most) {
    std::string text;
    for (auto left = chance() % (most + 1); left > 0; --left) text += scraps.at(chance() % scraps.size());
    return text;
  };
  for (int round = 0; round < TOCSIN_ROUNDS; ++round) {
    CAPTURE(round);
    Message message;
    for (auto left = chance() % 40; left > 0; --left) {
      auto const kind = chance() % 6;
      bool const large = chance() % 10 == 0;
      if (kind == 0) message.blocks.emplace_back(Say{Notice("picture").with("name", some(300))});
      if (kind == 1) message.blocks.emplace_back(Code{some(large ? 9'000 : 200), {}, {}});
      if (kind == 2) {
        Fields fields;
        for (auto i = chance() % 11; i > 0; --i)
          fields.fields.push_back({Notice("button.again"), some(large ? 9'000 : 50)});
        message.blocks.emplace_back(std::move(fields));
      }
      if (kind == 3) {
        Table table{{Notice("button.again")}, {}};
        for (auto i = chance() % 60; i > 0; --i) {
          TableRow row{{}, Verdict::bad};
          for (auto j = chance() % 6; j > 0; --j) row.cells.emplace_back(some(large ? 3'000 : 30));
          table.rows.push_back(std::move(row));
        }
        message.blocks.emplace_back(std::move(table));
      }
      if (kind == 4) message.blocks.emplace_back(Progress{Notice("button.again"), std::int64_t(chance() % 9) - 2, 5});
      if (kind == 5) message.blocks.emplace_back(File{"f.txt", "text/plain", "x"});
      if (chance() % 8 != 0) continue;
      Buttons buttons;
      for (auto i = chance() % 5; i > 0; --i)
        buttons.buttons.push_back({Button::Style::danger, Notice("button.again"), some(large ? 3'000 : 20)});
      message.blocks.emplace_back(std::move(buttons));
    }
    Face face;
    face.bot = some(3);
    face.links = chance() % 2 == 0;
    face.group = chance() % 2 == 0;
    for (auto i = chance() % 12; i > 0; --i) face.calls.push_back("manager" + std::to_string(chance() % 100));
    auto const said = rendered(message, face);
    CHECK(fault_of(said) == "");
    if (!said.calls.empty()) CHECK(said.parts.back().ends_with("@" + said.calls.back()));
    CHECK_FALSE(has(said, "@all"));
  }
}
