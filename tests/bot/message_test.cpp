// One message with every kind of block there is: stored, read back, redacted, and shown on each platform.
#include "commands/message.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "bot/local.hpp"
#include "bot/render.hpp"
#include "bot/web/json.hpp"
#include "tests/bot/stage.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

std::string const kSecret = "hunter2-hunter2";

/// `extra` stands in every place that may hold a foreign text.
Message everything(std::string const& extra = {}) {
  auto const labelled = [&](char const* key) { return Notice(key).with("platform", "web" + extra); };
  Message message(Notice("whoami.on").with("platform", "hello" + extra));
  message.blocks.emplace_back(Code{"line 1\nline 2" + extra + "\n", "", "out.txt"});
  message.blocks.emplace_back(
      Table{{Notice("head.n"), Notice("head.what")}, {{{std::int64_t{1}, "disk" + extra}, Verdict::bad}}});
  message.blocks.emplace_back(Fields{{{labelled("whoami.on"), "alice" + extra}, {Notice("whoami.account"), "a"}}});
  message.blocks.emplace_back(Buttons{{{Button::Style::primary, Notice("button.ack"), "/incident ack INC-1" + extra}}});
  message.blocks.emplace_back(Progress{Notice("whoami.on").with("platform", "step" + extra), 2, 5});
  message.blocks.emplace_back(File{"notes" + extra + ".md", "text/markdown", "# Notes" + extra + "\n"});
  message.blocks.emplace_back(File{"core.gz", "application/gzip", std::string("\x1f\x8b\0x", 4)});
  message.blocks.emplace_back(
      Picture{"load.png", "image/png", "\x89PNG", Notice("whoami.on").with("platform", "load of web-1" + extra)});
  return message;
}

std::string plain(Stage const& stage, Message const& message, Locale locale) {
  auto reader = stage.setup->reader_of({}, stage.clock.now(), Medium::chat);
  reader.locale = locale;
  return render_plain(message, *stage.setup, reader);
}

nlohmann::json on_page(Stage const& stage, Message message) {
  LocalEntry entry;
  entry.message = std::move(message);
  auto reader = stage.setup->reader_of({}, stage.clock.now(), Medium::chat);
  reader.locale = Locale::en;
  return nlohmann::json::parse(web_json::entry(entry, *stage.setup, reader)).at("blocks");
}

}  // namespace

TEST_CASE("on a terminal every kind of block is lines, in the reader's language") {
  Stage const stage(shipped_config("demo.yaml"));
  CHECK(plain(stage, everything(), Locale::en) ==
        "Known on hello\n"
        "  line 1\n"
        "  line 2\n"
        "   No.  What\n"
        "❌ 1    disk\n"
        "Known on web: alice\n"
        "Account used now: a\n"
        "[Take] /incident ack INC-1\n"
        "Known on step 2/5\n"
        "# Notes\n"
        "core.gz\n"
        "Known on load of web-1 [load.png]\n");
  auto const chinese = plain(stage, everything(), Locale::zh_cn);
  CHECK(chinese.find("web 上认得:alice\n") != std::string::npos);
  CHECK(chinese.find("[认领]") != std::string::npos);
}

TEST_CASE("the page gets every kind of block as its own kind") {
  Stage const stage(shipped_config("demo.yaml"));
  auto const blocks = on_page(stage, everything());
  std::vector<std::string> kinds;
  for (auto const& block : blocks) kinds.push_back(block.at("kind"));
  CHECK(kinds ==
        std::vector<std::string>{"text", "code", "table", "fields", "buttons", "progress", "code", "file", "picture"});
  CHECK(blocks[3].at("fields")[0] == nlohmann::json{{"label", "Known on web"}, {"value", "alice"}});
  CHECK(blocks[6].at("file_name") == "notes.md");
  CHECK(blocks[7].at("data") == "H4sAeA==");
  CHECK(blocks[7].at("size") == 4);
  CHECK(blocks[8].at("data") == "iVBORw==");
  CHECK(blocks[8].at("shows") == "Known on load of web-1");
}

TEST_CASE("what is too large for a frame is told by its name, or by what it shows") {
  Stage const stage(shipped_config("demo.yaml"));
  Message message;
  message.blocks.emplace_back(File{"core.gz", "application/gzip", std::string(2'000'000, 'x')});
  message.blocks.emplace_back(Picture{"load.png", "image/png", std::string(2'000'000, 'x'),
                                      Notice("whoami.on").with("platform", std::string("load"))});
  auto const blocks = on_page(stage, message);
  CHECK(blocks[0] == nlohmann::json{{"kind", "text"}, {"text", "core.gz"}});
  CHECK(blocks[1] == nlohmann::json{{"kind", "text"}, {"text", "Known on load"}});
}

TEST_CASE("a stored message comes back the same, without the bytes of files and pictures") {
  auto expected = everything();
  for (auto& block : expected.blocks) {
    if (auto* file = std::get_if<File>(&block)) file->bytes.clear();
    if (auto* picture = std::get_if<Picture>(&block)) picture->bytes.clear();
  }
  auto const back = decode_message(encode(everything()));
  REQUIRE(back.has_value());
  CHECK(encode(*back) == encode(expected));
  CHECK(back->blocks.size() == expected.blocks.size());
  Stage const stage(shipped_config("demo.yaml"));
  CHECK(plain(stage, *back, Locale::en) == plain(stage, expected, Locale::en));
}

TEST_CASE("a secret is taken out of every place that holds foreign text") {
  Redactor const redactor({Secret(kSecret)});
  auto message = everything(" " + kSecret);
  CHECK(redact(message, redactor));
  Stage const stage(shipped_config("demo.yaml"));
  CHECK(encode(message).find(kSecret) == std::string::npos);
  CHECK(plain(stage, message, Locale::en).find(kSecret) == std::string::npos);
  CHECK(on_page(stage, message).dump().find(kSecret) == std::string::npos);
  auto clean = everything();
  CHECK_FALSE(redact(clean, redactor));
}
