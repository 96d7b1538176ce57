// Every recorded frame of DingTalk is what its row says. What becomes of them broken: payloads_hostile_test.cpp.
#include "tests/bot/dingtalk/payloads.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "bot/dingtalk/gesture.hpp"

using namespace tocsin;
using namespace tocsin::dingtalk;
using namespace tocsin::test;

namespace {

std::string const kId = "7f0000000000000a_00000000000a";
std::string const kBot{kBotTopic};
std::string const kCard{kCardTopic};
std::string const kEvent = "e0000000000000000000000000000001";
std::string const kPingData = R"({"opaque":"0a1b2c3d-invented-opaque"})";

struct Row {
  std::string file;
  Told like;
  Told differs{};  ///< from that; empty: it is not told
};

Told const kNoise{{"is", "noise"}};
Told const kPong{{"is", "answer"}, {"code", "200"}, {"id", kId}, {"data", kPingData}};
Told const kFarewell{{"is", "farewell"}, {"why", "recycled"}, {"reason", "connection is expired"}};
Told const kUnreadable{{"is", "answer"}, {"code", "400"}, {"id", kId}, {"happened", "yes"}};
/// Ana in the group of the operators.
Told const kGroup{{"is", "callback"},
                  {"id", kId},
                  {"topic", kBot},
                  {"key", "message:dingr0b0tinvented:msgInvented0001=="},
                  {"what", "typed"},
                  {"robot", "dingr0b0tinvented"},
                  {"message", "msgInvented0001=="},
                  {"conversation", "cidOpsInvented=="},
                  {"group", "yes"},
                  {"staff", "ana0101"},
                  {"nick", "安娜"},
                  {"at", "1790000000123"},
                  {"text", "认领 INC-42"},
                  {"webhook", "https://oapi.dingtalk.com/robot/sendBySession?session=invented"},
                  {"webhook_until", "1790005400123"}};
Told with(Told told, Told const& differs) {
  for (auto const& [name, value] : differs) {
    told[name] = value;
    if (value.empty()) told.erase(name);
  }
  return told;
}
/// Ana alone with the robot.
Told const kAlone = with(kGroup, {{"group", ""}, {"conversation", "cidAloneInvented=="}});
Told const kClicked{{"is", "callback"},
                    {"id", kId},
                    {"topic", kCard},
                    {"key", R"(card:INC-42-invented:ana0101:run.0:{"command":"认领 INC-42"})"},
                    {"what", "clicked"},
                    {"card", "INC-42-invented"},
                    {"staff", "ana0101"},
                    {"action", "run.0"},
                    {"param command", "认领 INC-42"}};
/// Handed on, for its reply; nobody did anything.
Told nothing(std::string const& topic) {
  return {{"is", "callback"}, {"id", kId}, {"topic", topic}, {"key", "push:" + kId}, {"what", "nothing"}};
}
Told event(std::string const& type) {
  return {{"is", "event"},    {"id", kId},          {"topic", "*"},
          {"event", kEvent},  {"event_type", type}, {"key", "event:" + kEvent},
          {"what", "nothing"}};
}

std::vector<Row> const& rows() {
  static std::vector<Row> const all{
      {"system_ping", kPong},
      {"system_ping_without_version", kPong},
      {"system_ping_with_data_as_object", kPong},
      {"system_connected", kNoise},
      {"system_registered", kNoise},
      {"system_keepalive", kNoise},
      {"system_of_tomorrow", kNoise},
      {"system_disconnect", kFarewell},
      {"system_disconnect_timeout", kFarewell, {{"reason", "persistent connection is timeout"}}},
      {"system_disconnect_without_message_id", kFarewell},

      {"group_text", kGroup},
      {"group_text_by_admin", kGroup},
      {"group_text_data_as_object", kGroup},
      {"group_text_from_phone", kGroup},
      {"group_text_header_misspelt", kGroup},
      {"group_text_header_time_as_number", kGroup},
      // Another delivery of the same.
      {"group_text_pushed_again", kGroup, {{"id", "7f0000000000000b_00000000000b"}}},
      {"group_text_times_as_text", kGroup},
      {"group_text_to_several", kGroup, {{"mentioned", "ben0202, cho0303"}}},
      {"group_text_with_union_ids", kGroup, {{"mentioned", "ben0202"}}},
      {"group_mention_alone", nothing(kBot)},
      {"group_reply", kGroup, {{"quoted", "msgQuotedInvented=="}}},
      {"group_reply_told_once", kGroup, {{"quoted", "msgQuotedInvented=="}}},
      {"group_reply_to_card", kGroup, {{"quoted", "msgQuotedInvented=="}}},
      {"group_outsider", kGroup, {{"staff", ""}, {"nick", "外部的伊芙"}}},
      {"group_outsider_with_empty_staff_id", kGroup, {{"staff", ""}, {"nick", "外部的伊芙"}}},
      {"single_text", kAlone},
      {"single_text_least",
       kAlone,
       {{"robot", ""},
        {"key", "message::msgInvented0001=="},
        {"nick", ""},
        {"at", ""},
        {"webhook", ""},
        {"webhook_until", ""}}},
      {"single_text_with_slash", kAlone, {{"text", "／事故 认领 INC-42"}}},
      {"single_reply", kAlone, {{"quoted", "msgQuotedInvented=="}}},
      {"single_outsider", kAlone, {{"staff", ""}, {"nick", "外部的伊芙"}}},

      // Other than words.
      {"group_rich_text", kGroup},
      {"group_rich_text_with_picture", kGroup, {{"attachments", "picture codePicture0001, picture codePicture0002"}}},
      {"group_picture", kGroup, {{"text", ""}, {"attachments", "picture codePicture0001"}}},
      {"single_rich_text", kAlone, {{"attachments", "picture codePicture0001"}}},
      {"single_picture", kAlone, {{"text", ""}, {"attachments", "picture codePicture0001"}}},
      {"single_audio", kAlone, {{"spoken", "yes"}, {"attachments", "speech codeAudio0001"}}},
      {"single_audio_not_understood",
       kAlone,
       {{"text", ""}, {"spoken", "yes"}, {"attachments", "speech codeAudio0001"}}},
      {"single_video", kAlone, {{"text", ""}, {"attachments", "video codeVideo0001"}}},
      {"single_file", kAlone, {{"text", ""}, {"attachments", "file codeFile0001 heap 转储.txt"}}},
      {"single_unknown_msgtype", nothing(kBot)},
      {"single_msgtype_of_tomorrow", nothing(kBot)},
      {"delegate_text", nothing("/v1.0/im/bot/messages/delegate")},

      {"card_content", kClicked},
      {"card_value", kClicked},
      // The one that the reference has.
      {"card_content_and_value", kClicked},
      {"card_without_either", nothing(kCard)},
      {"card_without_action", nothing(kCard)},
      {"card_without_params",
       kClicked,
       {{"action", "open"}, {"param command", ""}, {"key", "card:INC-42-invented:ana0101:open:{}"}}},
      {"card_lower_case_space", kClicked},
      {"card_single", kClicked},
      {"card_single_lower_case_space", kClicked},
      {"card_user_id_type_as_text", kClicked},
      {"card_by_union_id",
       kClicked,
       {{"by_union", "yes"},
        {"staff", "uAnaInvented"},
        {"key", R"(card:INC-42-invented:uAnaInvented:run.0:{"command":"认领 INC-42"})"}}},
      {"card_with_inputs",
       kClicked,
       {{"param command", "备注 INC-42"},
        {"param count", "2"},
        {"param none", "null"},
        {"param note", R"(重启 "db-1")"},
        {"param picked", R"({"index":0,"value":"P1"})"},
        {"param several", R"(["a","b"])"},
        {"param sure", "true"},
        {"key", R"(card:INC-42-invented:ana0101:run.0:{"command":"备注 INC-42","count":2,"none":null,)"
                R"("note":"重启 \"db-1\"","picked":{"index":0,"value":"P1"},"several":["a","b"],"sure":true})"}}},
      {"card_dynamic_data", nothing("/v1.0/card/dynamicData/get")},

      {"event_chat_update_title", event("chat_update_title")},
      {"event_chat_add_member", event("chat_add_member")},
      {"event_chat_quit", event("chat_quit")},
      {"event_chat_disband", event("chat_disband")},
      {"event_user_add_org", event("user_add_org")},
      {"event_user_modify_org", event("user_modify_org")},
      {"event_user_leave_org", event("user_leave_org")},
      {"event_org_dept_modify", event("org_dept_modify")},
      {"event_of_tomorrow", event("of_tomorrow")},
      {"event_with_topic_as_word", event("user_add_org"), {{"topic", "user_add_org"}}},
      {"event_born_time_as_number", event("chat_disband")},
      {"event_header_misspelt", event("chat_disband")},
      {"event_pushed_again", event("chat_disband"), {{"id", "7f0000000000000b_00000000000b"}}},
      {"event_without_identity", event("chat_disband"), {{"event", ""}, {"key", "push:" + kId}}},

      {"graph_invoke", nothing("/v1.0/graph/api/invoke")},
      {"callback_of_tomorrow", nothing("/v1.0/of/tomorrow")},
      {"type_of_tomorrow", kUnreadable}};
  return all;
}

}  // namespace

TEST_CASE("dingtalk payloads: each file has its row, and is what that says") {
  std::set<std::string> named;
  for (auto const& row : rows()) CHECK_MESSAGE(named.insert(row.file + ".json").second, row.file);
  std::map<std::string, Told> told;
  for (auto const& [file, frame] : recorded_dingtalk()) {
    CHECK_MESSAGE(named.count(file) == 1, file);
    told[file] = told_by(wire(frame));
  }
  for (auto const& row : rows()) {
    CAPTURE(row.file);
    auto const found = told.find(row.file + ".json");
    REQUIRE(found != told.end());
    auto const expected = with(row.like, row.differs);
    bool const same = found->second == expected;
    CHECK_MESSAGE(same, "told: " << shown(found->second) << "\nexpected: " << shown(expected));
  }
}

TEST_CASE("dingtalk payloads: what the reference names has its file") {
  std::set<std::string> seen;
  for (auto const& [file, frame] : recorded_dingtalk()) {
    auto const text_at = [](Ordered const& object, char const* name) {
      auto const found = object.find(name);
      return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    auto const& headers = frame.contains("headers") ? frame.at("headers") : frame.at("header");
    auto const topic = text_at(headers, "topic");
    seen.insert({topic, text_at(frame, "type"), text_at(headers, "eventType")});
    auto const data = frame.value("data", Ordered::object());
    auto const inner = data.contains("json") ? data.at("json") : data;
    seen.insert({text_at(inner, "msgtype") + text_at(inner, "conversationType"), text_at(inner, "reason")});
    seen.insert({text_at(inner, "spaceType"), "userIdType " + inner.value("userIdType", Ordered()).dump()});
    for (auto const& [name, value] : inner.items()) seen.insert("with " + name);
    auto const words = inner.value("text", Ordered::object());
    for (auto const& [name, value] : words.items()) seen.insert("with text." + name);
    for (auto const& [name, value] : headers.items()) seen.insert("header " + name);
    if (topic == "disconnect") seen.insert(headers.contains("messageId") ? "named" : "without a name");
  }
  for (std::string const wanted : {"SYSTEM",
                                   "CALLBACK",
                                   "EVENT",
                                   "ping",
                                   "disconnect",
                                   "named",
                                   "without a name",
                                   "connection is expired",
                                   "persistent connection is timeout",
                                   "CONNECTED",
                                   "REGISTERED",
                                   "KEEPALIVE",
                                   "/v1.0/im/bot/messages/get",
                                   "/v1.0/im/bot/messages/delegate",
                                   "/v1.0/card/instances/callback",
                                   "/v1.0/card/dynamicData/get",
                                   "/v1.0/graph/api/invoke",
                                   "text1",
                                   "text2",
                                   "richText1",
                                   "richText2",
                                   "picture1",
                                   "picture2",
                                   "audio1",
                                   "video1",
                                   "file1",
                                   "unknownMsgType1",
                                   "IM_GROUP",
                                   "im",
                                   "userIdType 1",
                                   "userIdType 2",
                                   "with content",
                                   "with value",
                                   "with openThreadId",
                                   "with senderUnionId",
                                   "with originalMsgId",
                                   "with originalProcessQueryKey",
                                   "with text.isReplyMsg",
                                   "with text.repliedMsg",
                                   "with atUsers",
                                   "with hostingContext",
                                   "with conversationMsgContext",
                                   "header appId",
                                   "header connectionId",
                                   "header eventId",
                                   "header eventType",
                                   "header eventBornTime",
                                   "header eventCorpId",
                                   "header eventUnifiedAppId",
                                   "chat_update_title",
                                   "user_add_org",
                                   "user_modify_org",
                                   "user_leave_org"})
    CHECK_MESSAGE(seen.count(wanted) == 1, wanted);
}

TEST_CASE("dingtalk payloads: each push is answered by its own name, whatever is answered") {
  for (auto const& [file, frame] : recorded_dingtalk()) {
    CAPTURE(file);
    auto const parsed = parse_frame(wire(frame));
    auto const* push = std::get_if<Push>(&parsed);
    if (push == nullptr) continue;
    for (auto const receipt : {Receipt::taken, Receipt::later, Receipt::unknown, Receipt::broken}) {
      for (auto const& text : {reply(*push, receipt), card_reply(push->message, {})}) {
        auto const sent = nlohmann::json::parse(text);
        CHECK(sent.at("headers").at("messageId") == push->message);
        CHECK(sent.at("data").is_string());
      }
    }
  }
}
