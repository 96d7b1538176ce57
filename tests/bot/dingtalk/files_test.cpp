#include "bot/dingtalk/files.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "bot/setup.hpp"
#include "tests/bot/stage.hpp"

using namespace tocsin;
using namespace tocsin::dingtalk;
using Json = nlohmann::json;

namespace {

std::string kind_of(Upload const& upload) {
  for (auto const& [name, value] : upload_call(upload).arguments) {
    if (name == "type") return value;
  }
  return {};
}

}  // namespace

TEST_CASE("a file and a picture are handed over as what they are, and said as that") {
  CHECK(kind_of({"report.md", "text", false}) == "file");
  CHECK(kind_of({"load.png", "\x89PNG", true}) == "image");
  CHECK(Json::parse(picture_parameters("@lADmedia")) == Json{{"photoURL", "@lADmedia"}});
  CHECK(Json::parse(file_parameters("@lADmedia", "a/re\"port.md")) ==
        Json{{"mediaId", "@lADmedia"}, {"fileName", "areport.md"}, {"fileType", "md"}});
}

TEST_CASE("the form of a file holds its bytes, whatever they are, between its boundaries") {
  std::string const bytes("--\r\n\0--tocsin\xff", 14);
  auto const call = upload_call({"x\r\n\"y.bin", bytes, false});
  auto const type = form_type(call.body);
  auto const boundary = type.substr(type.find('=') + 1);
  CHECK(type.starts_with("multipart/form-data; boundary=tocsin-"));
  CHECK(bytes.find(boundary) == std::string::npos);
  CHECK(call.body.find("filename=\"xy.bin\"\r\n") != std::string::npos);
  CHECK(call.body.find("\r\n\r\n" + bytes + "\r\n--" + boundary + "--\r\n") != std::string::npos);
}

TEST_CASE("of the pictures those are shown that DingTalk shows; the others are files") {
  Setup const setup(test::shipped_config("demo.yaml"), std::make_shared<Catalogue const>(Catalogue::shipped()));
  auto const reader = setup.reader_of({}, from_millis(1'795'403'400'000), Medium::chat);
  for (auto const& [type, shown] : {std::pair("image/png", true),
                                    {"image/jpeg", true},
                                    {"image/gif", true},
                                    {"image/webp", false},
                                    {"image/svg+xml", false},
                                    {"", false}}) {
    CAPTURE(type);
    Message message;
    message.blocks.emplace_back(Picture{"load", type, "bytes", Notice("picture")});
    auto const rendered = render(message, setup, reader, {});
    REQUIRE(rendered.uploads.size() == 1);
    CHECK(rendered.uploads[0].picture == shown);
  }
}
