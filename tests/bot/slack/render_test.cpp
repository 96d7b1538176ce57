#include "bot/slack/render.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <string>

#include "bot/slack/mrkdwn.hpp"
#include "config/text.hpp"
#include "tests/bot/slack/words.hpp"
#include "tests/config/arguments.hpp"

using namespace tocsin;
using namespace tocsin::slack;
using Json = nlohmann::json;

namespace {

Rendered rendered(Message const& message, Face const& face = {}) {
  return render(message, test::demo_setup(), test::demo_reader(Locale::en), face);
}

/// Judges blocks by Slack's reference; the first fault, or empty.
class Judge {
 public:
  std::string fault(Rendered const& message) {
    if (message.text.empty() || units(message.text) > 4'000) return "text of " + std::to_string(units(message.text));
    if (first_invalid_utf8(message.text)) return "text is not UTF-8";
    blocks(Json::parse(message.blocks));
    for (auto const& attachment : Json::parse(message.attachments)) blocks(attachment.at("blocks"));
    if (count_ > 50) say("more than 50 blocks");
    if (all_ > 11'000) say("texts of " + std::to_string(all_));
    for (auto const& upload : message.uploads) {
      if (upload.name.empty() || upload.bytes.empty()) say("an empty file");
    }
    return fault_;
  }

 private:
  void say(std::string what) {
    if (fault_.empty()) fault_ = std::move(what);
  }

  void text(Json const& object, std::size_t most) {
    auto const& words = object.at("text").get_ref<std::string const&>();
    all_ += units(words);
    if (words.empty() || units(words) > most) say("a text of " + std::to_string(units(words)));
    if (first_invalid_utf8(words)) say("a text is not UTF-8");
  }

  void blocks(Json const& all) {
    for (auto const& block : all) {
      ++count_;
      auto const type = block.at("type").get<std::string>();
      if (type == "section") {
        if (!block.contains("text") && !block.contains("fields")) say("an empty section");
        if (block.contains("text")) text(block["text"], 3'000);
        auto const fields = block.value("fields", Json::array());
        if (fields.size() > 10) say("more than 10 fields");
        for (auto const& field : fields) text(field, 2'000);
      } else if (type == "actions") {
        actions(block.at("elements"));
      } else {
        say("a block of type " + type);
      }
    }
  }

  void actions(Json const& elements) {
    std::set<std::string> ids;
    if (elements.empty() || elements.size() > 25) say("actions of " + std::to_string(elements.size()));
    for (auto const& element : elements) {
      text(element.at("text"), 75);
      if (units(element.at("value").get<std::string>()) > 2'000) say("a long value");
      if (!ids.insert(element.at("action_id").get<std::string>()).second) say("an action_id twice");
    }
  }

  std::string fault_;
  std::size_t count_ = 0;
  std::size_t all_ = 0;
};

std::string fault_of(Rendered const& message) {
  test::keep_message(message);
  return Judge().fault(message);
}

Message button_message(std::string command) {
  Message message(Notice("button.again"));
  Buttons buttons;
  buttons.buttons.push_back({Button::Style::plain, Notice("button.again"), std::move(command)});
  message.blocks.emplace_back(std::move(buttons));
  return message;
}

Message code_message(std::string text) {
  Message message;
  message.blocks.emplace_back(Code{std::move(text), {}, "why.log"});
  return message;
}

}  // namespace

TEST_CASE("slack: every message of the catalogue, in both languages, keeps to Slack's limits") {
  testing::ArgumentTypes const types;
  for (auto const locale : {Locale::zh_cn, Locale::en}) {
    for (auto const& key : testing::shipped_catalogue().keys()) {
      CAPTURE(key);
      Message const message(testing::typical_notice(key, locale, types));
      CHECK(fault_of(render(message, test::demo_setup(), test::demo_reader(locale), {})) == "");
    }
  }
}

TEST_CASE("slack: what a program printed keeps its columns") {
  auto const shown = rendered(code_message("NAME    STATE\nweb     \033[32mup\033[0m\n"), {});
  CHECK(shown.blocks.find("NAME    STATE\\nweb     up") != std::string::npos);
}

TEST_CASE("slack: a value of 2,000 is pressed, a longer one is printed to be typed, addressed to the bot") {
  Face face;
  face.bot = "UBOT";
  auto const fits = rendered(button_message(std::string(2'000, 'x')), face);
  CHECK(fault_of(fits) == "");
  CHECK(fits.blocks.find("\"actions\"") != std::string::npos);
  auto const longer = rendered(button_message(std::string(2'001, 'x')), face);
  CHECK(fault_of(longer) == "");
  CHECK(longer.blocks.find("\"actions\"") == std::string::npos);
  CHECK(longer.blocks.find("<@UBOT> xxx") != std::string::npos);
  face.buttons = false;
  CHECK(rendered(button_message("/status"), face).blocks.find("<@UBOT> /status") != std::string::npos);
}

TEST_CASE("slack: a command that a text prints is addressed in a channel, and bare with the bot alone") {
  for (auto const locale : {Locale::zh_cn, Locale::en}) {
    auto const typed = [&](std::string const& bot) {
      Face face;
      face.bot = bot;
      Message const message(Notice("approval.confirm_change")
                                .with("what", std::vector<Notice>{Notice("act.text").with("text", "x")})
                                .with("code", "K9")
                                .with("until", from_millis(1'795'403'400'000)));
      return render(message, test::demo_setup(), test::demo_reader(locale), face);
    };
    auto const run = locale == Locale::en ? std::string("send ") : std::string("发 ");
    auto const command = locale == Locale::en ? std::string("run K9") : std::string("执行 K9");
    CHECK(typed("U0BOT").blocks.find(run + "<@U0BOT> " + command) != std::string::npos);
    CHECK(typed("").blocks.find(run + command) != std::string::npos);
    // A locked screen can't be typed into.
    CHECK(typed("U0BOT").text.find(run + command) != std::string::npos);
  }
}

TEST_CASE("slack: what a message can't hold of an output is whole in a file, its end is shown") {
  for (std::size_t const size : {1U, 2'000U, 2'800U, 2'890U, 2'900U, 3'000U, 3'001U, 20'000U}) {
    for (auto const* sign : {"x", "&", "网", "🔴"}) {
      CAPTURE(size);
      CAPTURE(sign);
      std::string text;
      for (std::size_t i = 0; i < size; ++i) text += sign;
      auto const message = rendered(code_message(text + "END"));
      CHECK(fault_of(message) == "");
      CHECK(message.blocks.find("END") != std::string::npos);
      bool const whole = message.uploads.empty();
      if (!whole) CHECK(message.uploads.front().bytes.find(text + "END") == 0);
      if (size > 3'000) CHECK_FALSE(whole);
      if (size <= 2'000 && sign[0] == 'x') CHECK(whole);
    }
  }
}

TEST_CASE("slack: 40 paragraphs stand in the message, a hundred end in a file and lose nothing") {
  for (std::size_t const count : {1U, 40U, 41U, 50U, 100U}) {
    CAPTURE(count);
    Message message;
    for (std::size_t i = 0; i < count; ++i)
      message.blocks.emplace_back(Code{"part " + std::to_string(i) + ".", {}, {}});
    auto const said = rendered(message);
    CHECK(fault_of(said) == "");
    std::string all = said.blocks;
    for (auto const& upload : said.uploads) all += upload.bytes;
    for (std::size_t i = 0; i < count; ++i) CHECK(all.find("part " + std::to_string(i) + ".") != std::string::npos);
    CHECK(said.uploads.empty() == (count <= 40));
  }
}

TEST_CASE("slack: the digest changes with what is seen, and with nothing else") {
  auto const one = rendered(button_message("/status"));
  CHECK(one.digest == rendered(button_message("/status")).digest);
  CHECK(one.digest != rendered(button_message("/status 2")).digest);
  auto silent = button_message("/status");
  silent.choices.push_back("/help");
  CHECK(one.digest == rendered(silent).digest);
  Message file;
  file.blocks.emplace_back(File{"a.txt", "text/plain", "one"});
  auto other = file;
  std::get<File>(other.blocks.front()).bytes = "two";
  CHECK(rendered(file).digest != rendered(other).digest);
}

TEST_CASE("slack: more fields than a block takes go on in the next one") {
  Fields fields;
  for (std::int64_t i = 0; i < 23; ++i) fields.fields.push_back({Notice("head.person"), i});
  Message message;
  message.blocks.emplace_back(fields);
  auto const blocks = Json::parse(rendered(message).blocks);
  REQUIRE(blocks.size() == 3);
  CHECK(blocks[0]["fields"].size() == 10);
  CHECK(blocks[2]["fields"].size() == 3);
  CHECK(blocks[2]["fields"][2]["text"].get<std::string>().ends_with("22"));
}

TEST_CASE("slack: whoever must act is mentioned, and nobody else, whatever a text says") {
  Message const message(Notice("incident.updated").with("text", std::string("<@U0EVIL> <!channel> @here")));
  CHECK(rendered(message).blocks.find("<@") == std::string::npos);
  Face face;
  face.calls = {"U0BOB", "W0CAROL"};
  auto const calls = rendered(message, face);
  CHECK(calls.blocks.find("<@U0BOB> <@W0CAROL>") != std::string::npos);
  CHECK(calls.text.find("<@U0BOB> <@W0CAROL>") != std::string::npos);
  CHECK(calls.blocks.find("<@U0EVIL") == std::string::npos);
  face.calls.assign(100, "U0123456789");
  CHECK(fault_of(rendered(message, face)).empty());
}

TEST_CASE("slack: a card has the colour of its severity, other messages none") {
  std::set<std::string> colours;
  for (auto const severity : kSeverities) {
    Message message(Notice("card.head_open")
                        .with("severity", severity)
                        .with("incident", IncidentId{42})
                        .with("title", std::string("x")));
    message.blocks.emplace_back(Code{"x", {}, {}});
    auto const said = rendered(message);
    auto const attachments = Json::parse(said.attachments);
    REQUIRE(attachments.size() == 1);
    CHECK(colours.insert(attachments[0].at("color").get<std::string>()).second);
    CHECK(Json::parse(said.blocks).size() == 1);
    CHECK(fault_of(said) == "");
  }
  CHECK(Json::parse(rendered(code_message("x")).attachments).empty());
}

TEST_CASE("slack: messages of chance keep to the limits") {
  std::mt19937 chance(20261123);
  std::vector<std::string> const scraps{"<!channel>", "&", "x", "网站", "🔴", "\n", "```", "\xFF", "\t", "*b* ", " "};
  auto const some = [&](std::size_t most) {
    std::string text;
    for (auto left = chance() % (most + 1); left > 0; --left) text += scraps.at(chance() % scraps.size());
    return text;
  };
  for (int round = 0; round < TOCSIN_ROUNDS; ++round) {
    CAPTURE(round);
    Message message;
    for (auto left = chance() % 60; left > 0; --left) {
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
        for (auto i = chance() % 60; i > 0; --i) table.rows.push_back({{some(large ? 3'000 : 30)}, Verdict::bad});
        message.blocks.emplace_back(std::move(table));
      }
      if (kind == 4) message.blocks.emplace_back(Progress{Notice("button.again"), std::int64_t(chance() % 9) - 2, 5});
      if (kind == 5) message.blocks.emplace_back(File{"f.txt", "text/plain", "x"});
    }
    Buttons buttons;
    for (auto i = chance() % 5; i > 0; --i)
      buttons.buttons.push_back({Button::Style::danger, Notice("button.again"), some(3'000)});
    message.blocks.emplace_back(std::move(buttons));
    CHECK(fault_of(rendered(message)) == "");
  }
}
