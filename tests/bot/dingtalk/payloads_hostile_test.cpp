// The recorded frames of DingTalk, broken in every way: nothing throws, what names itself is answered, a ping goes back
// as it came, and nobody's words become anybody else's.
#include <doctest/doctest.h>

#include <random>
#include <string>

#include "bot/dingtalk/markdown.hpp"
#include "tests/bot/dingtalk/payloads_breaking.hpp"

using namespace tocsin::test;

namespace {

using Kind = Instead::Kind;

constexpr char const* kBens =
    R"({"senderStaffId":"ben0202","userId":"ben0202","nick":"Ben","conversationId":"cidBossInvented==","staffId":7})";
constexpr char const* kSmuggled =
    R"(","senderStaffId":"ben0202","userId":"ben0202","conversationId":"cidBossInvented==","topic":"ping","x":")";
/// What nobody sees, or what does something where it is shown: controls of both kinds, a turn of the direction.
std::string const kUnseen{"\0\a\x1b[2J\x7f\xc2\x85\xe2\x80\xae", 12};

std::vector<Instead> const& anything() {
  static std::vector<Instead> const all{{"", Kind::gone},
                                        {"null"},
                                        {"true"},
                                        {"7"},
                                        {"-9223372036854775808"},
                                        {"18446744073709551616"},
                                        a_text(""),
                                        a_text("x"),
                                        a_text(std::string(300, 'x')),
                                        a_text(kUnseen),
                                        a_text(kSmuggled),
                                        {"[]"},
                                        {"{}"},
                                        {kBens},
                                        {std::string("[") + kBens + R"(,"a",null,[["b"]]])"},
                                        {std::string(30, '[') + std::string(30, ']')},
                                        {"oops", Kind::broken},
                                        {"1e999", Kind::broken},
                                        {R"("\ud800")", Kind::broken},
                                        {std::string(100, '[') + std::string(100, ']'), Kind::broken},
                                        {std::string(200, '['), Kind::broken},
                                        {"\"\xff\xc0\xaf\xed\xa0\x80\"", Kind::bytes}};
  return all;
}

/// What is nearly what was there: nobody's name.
std::vector<Instead> likes_of(std::string const& value) {
  auto other = value;
  for (char& c : other) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c >= 'A' && c <= 'Z' ? c + 32 : c);
  std::vector<Instead> all;
  for (auto const& like :
       {value + ' ', ' ' + value, value + '\n', "\u200B" + value, value + value, value + ":x",
        value + std::string(1, '\0') + "x", value.substr(0, value.empty() ? 0 : value.size() - 1), other}) {
    if (like != value) all.push_back(a_text(like));
  }
  return all;
}

std::string text_at(nlohmann::json const& object, char const* name) {
  auto const found = object.is_object() ? object.find(name) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// False: it can't be read, or nobody waits for an answer.
bool check_flipped(Whole const& whole, std::string const& text) {
  CAPTURE(text);
  auto const told = told_by(text);
  check_who(whole, told);
  auto const frame = nlohmann::json::parse(text, nullptr, false);
  if (!frame.is_object()) return false;
  auto const headers = frame.contains("headers") ? frame.at("headers") : frame.value("header", nlohmann::json());
  auto const id = text_at(headers, "messageId");
  bool const system = text_at(frame, "type") == "SYSTEM";
  bool const ping = system && text_at(headers, "topic") == "ping";
  if (id.empty() || (system && !ping)) return false;
  REQUIRE(told_in(told, "id") == id);
  if (ping) REQUIRE(told_in(told, "data") == data_in(text));
  return true;
}

/// `letters`: of characters of one byte alone, and so that the text stays one.
void flip(std::string& text, std::mt19937& chance, bool letters) {
  auto const at = std::uniform_int_distribution<std::size_t>(0, text.size() - 1)(chance);
  auto const bit = std::uniform_int_distribution<int>(0, letters ? 6 : 7)(chance);
  if (!letters || static_cast<unsigned char>(text[at]) < 0x80) text[at] = static_cast<char>(text[at] ^ (1 << bit));
}

}  // namespace

TEST_CASE("dingtalk payloads: with any part missing or another, the rest says what it said, and is answered") {
  std::size_t tried = 0;
  for (auto const& whole : whole_frames()) {
    CAPTURE(whole.file);
    for (auto const& at : places_of(whole.frame)) {
      auto const place = at.to_string();
      CAPTURE(place);
      auto const& node = whole.frame.at(at);
      auto all = anything();
      if (node.is_string() && !verbatim(plain(at)).empty()) {
        auto const likes = likes_of(node.get<std::string>());
        all.insert(all.end(), likes.begin(), likes.end());
      }
      if (!at.empty() && at.back() != "json" && whole.frame.at(at.parent_pointer()).is_object()) {
        auto const was = wire(node);
        auto const again = ',' + in_quotes(at.back()) + ':';
        for (std::string const other : {"null", kBens}) {
          all.push_back({was + again + other, Kind::twice});
          all.push_back({other + again + was, Kind::twice});
        }
      }
      for (auto const& instead : all) check_changed(whole, at, instead);
      tried += all.size();
    }
  }
  CHECK(tried > 50'000);
}

TEST_CASE("dingtalk payloads: data of another shape, or encoded once more, is answered as broken") {
  std::size_t tried = 0;
  for (auto const& whole : whole_frames()) {
    CAPTURE(whole.file);
    if (whole.told.count("what") == 0) continue;
    auto const& data = whole.frame.at("data");
    auto const inner = wire(data.contains("json") ? data.at("json") : data);
    auto const with = [&](std::string const& text) { return told_by(wire(whole.frame, {&data, text})); };
    // Some captures show the object itself.
    for (auto const& text : {inner, in_quotes(inner), in_quotes(" \r\n" + inner + "\n")}) {
      bool const same = with(text) == whole.told;
      CHECK_MESSAGE(same, text);
    }
    Told const broken{{"is", "answer"}, {"code", "400"}, {"id", whole.told.at("id")}, {"happened", "yes"}};
    for (auto const& text :
         {in_quotes(in_quotes(inner)), in_quotes(in_quotes(in_quotes(inner))), '[' + inner + ']',
          in_quotes('[' + inner + ']'), in_quotes(inner + inner), in_quotes(inner + 'x'), in_quotes("eyJtc2dJZCI6"),
          in_quotes("<xml><msgId>1</msgId></xml>"), in_quotes("msgId=1&senderStaffId=ben0202"), in_quotes("{\"a\":1,}"),
          in_quotes("NaN"), in_quotes("null"), in_quotes(""), std::string("null"), std::string("7"),
          in_quotes(R"({"deep":)" + std::string(70, '[') + std::string(70, ']') + ',' + inner.substr(1))}) {
      auto const told = with(text);
      // An event may say all it has to say in its headers.
      bool const bare = whole.told.at("is") == "event" && (text == in_quotes("") || text == "null");
      bool const same = bare ? told.at("is") == "event" : told == broken;
      CHECK_MESSAGE(same, text << " is " << shown(told));
      ++tried;
    }
  }
  CHECK(tried > 800);
}

TEST_CASE("dingtalk payloads: cut off anywhere it is nothing, and cut off in its data or its card it is answered") {
  std::size_t tried = 0;
  for (auto const& whole : whole_frames()) {
    CAPTURE(whole.file);
    for (std::size_t length = 0; length < whole.text.size(); ++length) {
      auto const told = told_by(std::string_view(whole.text).substr(0, length));
      bool const refused = told_in(told, "code") == "400" && told_in(told, "id") == told_in(whole.named, "id");
      bool const nothing = told.at("is") == "noise" || refused;
      REQUIRE_MESSAGE(nothing, length << " bytes: " << shown(told));
      ++tried;
    }
    for (auto const& at : places_of(whole.frame)) {
      if (at.empty() || at.back() != "json") continue;
      auto const inner = wire(whole.frame.at(at));
      for (std::size_t length = 0; length < inner.size(); ++length) {
        // In the middle of a character it is no text.
        bool const between = (static_cast<unsigned char>(inner[length]) & 0xC0U) != 0x80U;
        check_changed(whole, at, {inner.substr(0, length), between ? Kind::broken : Kind::bytes});
        ++tried;
      }
    }
  }
  CHECK(tried > 80'000);
}

TEST_CASE("dingtalk payloads: two frames in one text, or more behind one, are no frame") {
  for (auto const& whole : whole_frames()) {
    CAPTURE(whole.file);
    for (auto const& more : {whole.text, std::string("x"), std::string("}"), std::string(",")}) {
      auto const told = told_by(whole.text + more);
      bool const nothing = told.at("is") == "noise" || told_in(told, "code") == "400";
      CHECK_MESSAGE(nothing, shown(told));
    }
    bool const same = told_by(" \r\n" + whole.text + "\n\t") == whole.told;
    CHECK(same);
  }
}

TEST_CASE("dingtalk payloads: flipped bits give nobody another's words, and what still names itself is answered") {
  std::size_t answered = 0;
  for (auto const& whole : whole_frames()) {
    CAPTURE(whole.file);
    auto const data = whole.frame.value("data", Ordered::object());
    for (unsigned seed = 0; seed < 60; ++seed) {
      CAPTURE(seed);
      std::mt19937 chance(seed);
      auto text = whole.text;
      for (unsigned flips = 0; flips <= seed / 15; ++flips) flip(text, chance, false);
      answered += check_flipped(whole, text) ? 1U : 0U;
      if (!data.contains("json")) continue;
      auto inner = wire(data.at("json"));
      for (unsigned flips = 0; flips <= seed / 15; ++flips) flip(inner, chance, true);
      auto const within = wire(whole.frame, {&whole.frame.at("data"), in_quotes(inner)});
      answered += check_flipped(whole, within) ? 1U : 0U;
    }
  }
  CHECK(answered > 4'000);
}

TEST_CASE("dingtalk payloads: more than a megabyte in one text, or a hundred thousand levels, are more of the same") {
  std::mt19937 chance(7);
  auto const large = a_text(std::string(1'200'000, 'x'));
  Instead const open{std::string(100'000, '['), Kind::broken};
  Instead const closed{open.text + std::string(100'000, ']'), Kind::broken};
  for (auto const* whole : one_of_each_kind()) {
    CAPTURE(whole->file);
    auto const places = places_of(whole->frame);
    for (auto const* instead : {&large, &open, &closed}) {
      auto const any = std::uniform_int_distribution<std::size_t>(1, places.size() - 1)(chance);
      CAPTURE(any);
      check_changed(*whole, places[any], *instead);
      if (whole->frame.contains("data")) check_changed(*whole, Pointer("/data"), *instead);
    }
  }
}

TEST_CASE("dingtalk payloads: one's data under another's topic or type is nothing, or of whom it names itself") {
  for (auto const& whole : whole_frames()) {
    CAPTURE(whole.file);
    auto frame = whole.frame;
    auto& headers = frame[frame.contains("headers") ? "headers" : "header"];
    nlohmann::json const data = nlohmann::json::parse(data_in(whole.text), nullptr, false);
    for (std::string const type : {"CALLBACK", "EVENT", "SYSTEM"}) {
      for (std::string const topic :
           {"/v1.0/im/bot/messages/get", "/v1.0/card/instances/callback", "/v1.0/im/bot/messages/delegate",
            "/v1.0/card/dynamicData/get", "/v1.0/graph/api/invoke", "*", "ping", "disconnect", ""}) {
        CAPTURE(type);
        CAPTURE(topic);
        frame["type"] = type;
        headers["topic"] = topic;
        auto const told = told_by(wire(frame));
        if (!is_gesture(told)) continue;
        REQUIRE(type == "CALLBACK");
        if (told.at("what") == "typed") {
          REQUIRE(topic.starts_with("/v1.0/im/bot/messages/"));
          REQUIRE(told_in(told, "staff") == text_at(data, "senderStaffId"));
          REQUIRE(told_in(told, "conversation") == text_at(data, "conversationId"));
        } else {
          REQUIRE(topic == "/v1.0/card/instances/callback");
          REQUIRE(told_in(told, "staff") == text_at(data, "userId"));
        }
      }
    }
  }
}

TEST_CASE("dingtalk payloads: of names nothing unseen is left where they are shown") {
  std::size_t names = 0;
  for (auto const& whole : whole_frames()) {
    CAPTURE(whole.file);
    for (auto const& at : places_of(whole.frame)) {
      auto const place = plain(at);
      if (place != "data/senderNick" && place != "data/content/fileName") continue;
      auto const told = told_by(wire(whole.frame, {&whole.frame.at(at), in_quotes("\t安" + kUnseen + "\r\n娜")}));
      if (!is_gesture(told)) continue;
      using namespace tocsin::dingtalk;
      auto const name = one_line(unmarked(told_in(told, place == "data/senderNick" ? "nick" : "attachments")));
      CHECK(name.find("安") != std::string::npos);
      CHECK(name.find("娜") != std::string::npos);
      for (char const c : name) CHECK((static_cast<unsigned char>(c) >= 0x20 && c != 0x7F));
      for (auto const* unseen : {"\xc2\x85", "\xe2\x80\xae"}) CHECK(name.find(unseen) == std::string::npos);
      ++names;
    }
  }
  CHECK(names > 25);
}
