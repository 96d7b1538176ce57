#include "bot/dingtalk/frame.hpp"

#include "bot/detail/json.hpp"
#include "bot/detail/levels.hpp"

namespace tocsin::dingtalk {
namespace {

using detail::at;
using detail::Json;
using detail::parsed;
using detail::text_at;
using detail::tolerantly_parsed;
using detail::written;

/// Longer than any that DingTalk makes.
constexpr std::size_t kLongestId = 256;

/// A name that DingTalk gives to something; others are none of its.
std::string id_at(Json const& object, char const* name) {
  auto text = text_at(object, name);
  return text.size() <= kLongestId ? text : std::string();
}

/// A JSON text inside a string; some captures show the object itself.
std::string data_of(Json const& frame) {
  auto const found = frame.find("data");
  if (found == frame.end() || found->is_null()) return {};
  return found->is_string() ? found->get<std::string>() : written(*found);
}

Frame of_the_system(Json const& headers, std::string const& data) {
  auto const topic = text_at(headers, "topic");
  auto message = id_at(headers, "messageId");
  if (topic == "ping") return Ping{std::move(message), data};
  if (topic == "disconnect") return Disconnect{std::move(message), text_at(parsed(data), "reason")};
  return Noise{};
}

}  // namespace

Frame parse_frame(std::string_view text) {
  // Unanswered it comes again, twice at most: it may have been broken on its way, and a command with it.
  if (detail::too_deep(text)) return Noise{};
  auto const frame = tolerantly_parsed(text);
  if (!frame.is_object()) return Noise{};
  // One official example spells it so.
  auto const& headers = at(frame, "headers").empty() ? at(frame, "header") : at(frame, "headers");
  auto const type = text_at(frame, "type");
  auto const data = data_of(frame);
  if (type == "SYSTEM") return of_the_system(headers, data);
  Push push{Push::Kind::callback,      id_at(headers, "messageId"),   text_at(headers, "topic"),
            id_at(headers, "eventId"), text_at(headers, "eventType"), data};
  if (push.message.empty()) return Noise{};
  // By its type: the topic of an event is "*", or a word.
  if (type == "EVENT") push.kind = Push::Kind::event;
  bool const known = type == "EVENT" || type == "CALLBACK";
  // An event may say all it has to say in its headers.
  if (type == "EVENT" && data.empty()) return push;
  if (!known || detail::too_deep(data) || !tolerantly_parsed(data).is_object()) return Unreadable{push.message};
  return push;
}

std::string reply(std::string_view message, Receipt receipt, std::string_view data) {
  struct Row {
    int code;
    char const* text;
  };
  auto const [code, text] = receipt == Receipt::taken     ? Row{200, "OK"}
                            : receipt == Receipt::later   ? Row{500, "later"}
                            : receipt == Receipt::unknown ? Row{404, "no such topic"}
                                                          : Row{400, "bad request"};
  return written({{"code", code},
                  {"headers", {{"messageId", message}, {"contentType", "application/json"}}},
                  {"message", text},
                  {"data", data}});
}

std::string pong(Ping const& ping) { return reply(ping.message, Receipt::taken, ping.data); }

std::string reply(Push const& push, Receipt receipt) {
  if (push.kind == Push::Kind::callback) return reply(push.message, receipt, R"({"response":null})");
  bool const taken = receipt != Receipt::later;
  return reply(push.message, receipt, taken ? R"({"status":"SUCCESS"})" : R"({"status":"LATER"})");
}

std::string card_reply(std::string_view message, std::string_view response) {
  auto const object = parsed(response);
  return reply(message, Receipt::taken, written({{"response", object.is_object() ? object : Json::object()}}));
}

}  // namespace tocsin::dingtalk
