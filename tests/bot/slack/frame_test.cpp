#include "bot/slack/frame.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace tocsin;
using namespace tocsin::slack;

namespace {

template <class Kind>
Kind as(std::string_view text) {
  auto const frame = parse_frame(text);
  auto const* kind = std::get_if<Kind>(&frame);
  REQUIRE(kind != nullptr);
  return *kind;
}

bool is_noise(std::string_view text) { return std::holds_alternative<Noise>(parse_frame(text)); }

}  // namespace

TEST_CASE("slack: hello tells who else is there and how long it will last, as far as it says") {
  auto const hello = as<Hello>(R"({"type":"hello","num_connections":3,"connection_info":{"app_id":"A0APP"},)"
                               R"("debug_info":{"host":"applink-1","approximate_connection_time":18060}})");
  CHECK(hello.app_id == "A0APP");
  CHECK(hello.host == "applink-1");
  CHECK(hello.sockets == 3);
  CHECK(hello.life == std::chrono::seconds{18060});
  auto const bare = as<Hello>(R"({"type":"hello"})");
  CHECK(!bare.sockets);
  CHECK(!bare.life);
  for (auto const* odd : {"0", "-5", "99999999999", "\"long\"", "1.5", "null", "{}"}) {
    CAPTURE(odd);
    CHECK(!as<Hello>(std::string(R"({"type":"hello","debug_info":{"approximate_connection_time":)") + odd + "}}").life);
  }
  CHECK(!as<Hello>(R"({"type":"hello","debug_info":7,"connection_info":[],"num_connections":"2"})").sockets);
}

TEST_CASE("slack: every reason to leave that we don't know means: it is being recycled") {
  auto const why = [](std::string const& reason) {
    return as<Disconnect>(R"({"type":"disconnect","reason":")" + reason + R"("})").why;
  };
  CHECK(why("warning") == Farewell::recycled);
  CHECK(why("refresh_requested") == Farewell::recycled);
  CHECK(why("something_new") == Farewell::recycled);
  CHECK(why("link_disabled") == Farewell::disabled);
  CHECK(why("too_many_websockets") == Farewell::crowded);
  CHECK(as<Disconnect>(R"({"type":"disconnect"})").why == Farewell::recycled);
}

TEST_CASE("slack: an envelope is read whole, whatever else it holds") {
  auto const envelope = as<Envelope>(
      R"({"envelope_id":"1d3c79ab-0ffb-41f3-a080-d19e85f53649","type":"slash_commands",)"
      R"("accepts_response_payload":true,)"
      R"("payload":{"command":"/incident","text":"open P0 网站"},"retry_attempt":2,"retry_reason":"timeout","new":[1]})");
  CHECK(envelope.id == "1d3c79ab-0ffb-41f3-a080-d19e85f53649");
  CHECK(envelope.type == "slash_commands");
  CHECK(envelope.takes_payload);
  CHECK(envelope.attempt == 2);
  CHECK(envelope.payload == R"({"command":"/incident","text":"open P0 网站"})");
  auto const first = as<Envelope>(R"({"envelope_id":"a","type":"of_tomorrow","payload":{}})");
  CHECK(first.attempt == 0);
  CHECK(!first.takes_payload);
}

TEST_CASE("slack: what can't be read but names itself is acknowledged, everything else is noise") {
  for (auto const* text : {
           R"({"envelope_id":"e1","type":"events_api","payload":{"text":"cut o)",
           R"({"envelope_id" : "e1" , "type":"events_api", oops})",
           R"({"envelope_id":"e1","type":"events_api"})",
           R"({"envelope_id":"e1","type":"events_api","payload":"text"})",
           R"({"envelope_id":"e1","type":7,"payload":{}})",
           R"({"envelope_id":"e1","payload":{}})",
       }) {
    CAPTURE(text);
    CHECK(as<Unreadable>(text).id == "e1");
  }
  for (auto const* text :
       {"", " ", "UNAUTHENTICATED: cache_error", "null", "7", "[]", "{}", R"("hello")", R"({"type":"ping"})",
        R"({"envelope_id":7,"type":"events_api","payload":{}})", R"({"envelope_id":"","type":"events_api"})",
        R"({"envelope_id":"a\"b","type":"events_api","payload":{}})", R"(broken "envelope_id")",
        R"(broken "envelope_id":)", R"(broken "envelope_id":"never ends)", "\xff\xfe{"}) {
    CAPTURE(text);
    CHECK(is_noise(text));
  }
}

TEST_CASE("slack: ten megabytes and a hundred thousand levels are only more of the same") {
  auto const large =
      R"({"envelope_id":"e1","type":"interactive","payload":{"text":")" + std::string(10 * 1024 * 1024, 'x') + R"("}})";
  CHECK(as<Envelope>(large).payload.size() > 10 * 1024 * 1024);
  std::string deep = R"({"envelope_id":"e2","type":"interactive","payload":{"a":)";
  deep += std::string(100'000, '[') + std::string(100'000, ']') + "}}";
  CHECK(as<Unreadable>(deep).id == "e2");
  // Brackets in a text are no levels.
  CHECK(as<Envelope>(R"({"envelope_id":"e3","type":"interactive","payload":{"text":"\")" + std::string(1000, '[') +
                     R"("}})")
            .id == "e3");
}

TEST_CASE("slack: an acknowledgement stays below what Slack takes; one that is too large goes without its payload") {
  CHECK(acknowledgement("e1", {}).text == R"({"envelope_id":"e1"})");
  auto const small = acknowledgement("e1", R"({"text":"pong"})");
  CHECK(small.with_payload);
  CHECK(small.text == R"({"envelope_id":"e1","payload":{"text":"pong"}})");
  auto const of_size = [](std::size_t bytes) {
    auto const around = acknowledgement("e1", R"({"text":""})").text.size();
    return acknowledgement("e1", R"({"text":")" + std::string(bytes - around, 'x') + R"("})");
  };
  CHECK(of_size(19'999).with_payload);
  CHECK(of_size(19'999).text.size() == 19'999);
  CHECK(!of_size(20'000).with_payload);
  CHECK(of_size(20'000).text == R"({"envelope_id":"e1"})");
}
