#include <algorithm>
#include <atomic>
#include <mutex>
#include <vector>

#include "integrations/net/http_server.hpp"
#include "tests/integrations/net_fixture.hpp"

namespace tocsin::net {
namespace {

using namespace test;

/// Says what it saw.
void echo(HttpRequest request, HttpReply const& reply) {
  std::string text = request.method + " " + request.path;
  for (auto const& [name, value] : request.query) text += " " + name + "=" + value;
  text += " body=" + request.body;
  reply({200, {{"x-seen", std::string(request.header("x-test"))}}, text});
}

bool begins(std::string const& text, std::string_view start) { return text.starts_with(start); }
bool has(std::string const& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST_CASE("a request is decoded, answered, and the connection kept for the next") {
  ServerFixture fixture(echo);
  RawSocket socket(fixture.port);
  socket.send("GET /a%20b?x=1&y=%E7%BD%91+z HTTP/1.1\r\nHost: h\r\nX-Test: yes\r\n\r\n");
  auto const first = socket.response();
  CHECK(begins(first, "HTTP/1.1 200 OK\r\n"));
  CHECK(has(first, "x-seen: yes\r\n"));
  CHECK(has(first, "\r\n\r\nGET /a b x=1 y=网 z body="));
  socket.send("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello");
  CHECK(has(socket.response(), "POST /p body=hello"));
  socket.send(
      "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\n\r\n");
  CHECK(has(socket.response(), "POST /c body=abcde"));
}

TEST_CASE("a HEAD reaches the handler as a GET and is answered without the body") {
  ServerFixture fixture([](HttpRequest request, HttpReply const& reply) {
    reply({200, {{"x-head", request.head_only ? "1" : "0"}}, request.method + "-0123456789"});
  });
  RawSocket socket(fixture.port);
  socket.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  auto const text = socket.all();
  CHECK(has(text, "x-head: 1\r\n"));
  CHECK(has(text, "Content-Length: 14\r\n"));
  CHECK(text.find("GET-0123456789") == text.rfind("GET-0123456789"));
  CHECK(text.ends_with("\r\n\r\nGET-0123456789"));
}

TEST_CASE("a request that can't be understood gets the status that says why") {
  struct Row {
    std::string name;
    std::string request;
    char const* status;
  };
  HttpServerOptions options;
  options.header_bytes = 1024;
  options.body_bytes = 100;
  ServerFixture fixture(echo, options);
  std::string const rest = " HTTP/1.1\r\nHost: h\r\n\r\n";
  for (Row const& row : {
           Row{"garbage", "\x16\x03\x01\x02 what is this\r\n\r\n", "400"},
           Row{"a TLS hello", std::string("\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03", 11) + "\r\n\r\n", "400"},
           Row{"no Host", "GET / HTTP/1.1\r\n\r\n", "400"},
           Row{"two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"},
           Row{"HTTP/1.0 needs none", "GET / HTTP/1.0\r\n\r\n", "200"},
           Row{"an unknown version", "GET / HTTP/3.7\r\nHost: h\r\n\r\n", "400"},
           Row{"a broken escape in the path", "GET /%zz" + rest, "400"},
           Row{"an encoded NUL", "GET /a%00b" + rest, "400"},
           Row{"a broken escape in the query", "GET /?a=%f" + rest, "400"},
           Row{"a target that is no path", "GET nonsense" + rest, "400"},
           Row{"a path inside a query is no absolute form", "GET x?u=http://h/p" + rest, "400"},
           Row{"absolute form", "GET http://h/abs" + rest, "200"},
           Row{"absolute form without a path", "GET http://h" + rest, "200"},
           Row{"raw Chinese in the query", "GET /?q=网" + rest, "200"},
           Row{"two lengths (smuggling)",
               "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabc", "400"},
           Row{"a length and chunks (smuggling)",
               "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"},
           Row{"a negative length", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", "400"},
           Row{"a chunk size that is none", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
               "400"},
           Row{"a header that overflows a size",
               "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n", "400"},
           Row{"a folded header name", "GET / HTTP/1.1\r\nHo st: h\r\n\r\n", "400"},
           Row{"headers over the limit", "GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(2000, 'x') + "\r\n\r\n",
               "431"},
           Row{"a target over the limit", "GET /" + std::string(4000, 'x') + rest, "431"},
           Row{"headers without an end", "GET / HTTP/1.1\r\n" + std::string(20000, 'x'), "431"},
           Row{"a body of the limit",
               "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n" + std::string(100, 'b'), "200"},
           Row{"a body over the limit",
               "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 101\r\n\r\n" + std::string(101, 'b'), "413"},
           Row{"chunks over the limit",
               "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n" + std::string(101, 'b') +
                   "\r\n0\r\n\r\n",
               "413"},
       }) {
    CAPTURE(row.name);
    RawSocket socket(fixture.port);
    socket.send(row.request);
    socket.finish_sending();
    CHECK(socket.all().substr(9, 3) == row.status);
  }
  // Whatever came before, the next one is served.
  RawSocket socket(fixture.port);
  socket.send("GET /still-here" + rest);
  CHECK(has(socket.response(), "/still-here"));
}

TEST_CASE("the header limit holds on both sides") {
  HttpServerOptions options;
  options.header_bytes = 200;
  ServerFixture fixture(echo, options);
  auto const request_of = [](std::size_t size) {
    std::string const start = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
    return start + std::string(size - start.size() - 4, 'x') + "\r\n\r\n";
  };
  RawSocket under(fixture.port);
  under.send(request_of(200));
  CHECK(begins(under.response(), "HTTP/1.1 200"));
  RawSocket over(fixture.port);
  over.send(request_of(201));
  CHECK(begins(over.response(), "HTTP/1.1 431"));
  RawSocket second(fixture.port);
  second.send(request_of(200) + request_of(201));
  CHECK(begins(second.response(), "HTTP/1.1 200"));
  CHECK(begins(second.response(), "HTTP/1.1 431"));
}

TEST_CASE("pipelined requests are answered in order, also when their handlers finish out of order") {
  std::mutex mutex;
  std::vector<std::thread> workers;
  ServerFixture fixture([&](HttpRequest request, HttpReply reply) {
    std::lock_guard const lock(mutex);
    workers.emplace_back([path = request.path, reply = std::move(reply)] { reply(plain_response(200, path)); });
  });
  RawSocket socket(fixture.port);
  std::string burst;
  for (int i = 0; i < 200; ++i) burst += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n\r\n";
  socket.send(burst);
  for (int i = 0; i < 200; ++i) CHECK(socket.response().ends_with("\r\n\r\n/" + std::to_string(i)));
  for (auto& each : workers) each.join();
}

TEST_CASE("a client that shuts down its sending side still gets its answer") {
  ServerFixture fixture(echo);
  RawSocket socket(fixture.port);
  socket.send("GET /half HTTP/1.1\r\nHost: h\r\n\r\n");
  socket.finish_sending();
  CHECK(has(socket.all(), "GET /half"));
}

TEST_CASE("a request cut off in the middle is a 400 where somebody still listens") {
  ServerFixture fixture(echo);
  RawSocket socket(fixture.port);
  socket.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
  socket.finish_sending();
  CHECK(begins(socket.all(), "HTTP/1.1 400"));
}

TEST_CASE("a slow request is a 408, however steadily it trickles") {
  HttpServerOptions options;
  options.header_deadline = 300ms;
  options.body_deadline = 300ms;
  ServerFixture fixture(echo, options);
  SUBCASE("in its header") {
    RawSocket socket(fixture.port);
    socket.send("GET / HTTP/1.1\r\nHost: h\r\n");
    // One byte at each look, so that the deadline of the whole is what ends it, not silence.
    while (!socket.readable_within(20ms)) socket.send("x");
    CHECK(begins(socket.all(), "HTTP/1.1 408"));
  }
  SUBCASE("in its body") {
    RawSocket socket(fixture.port);
    socket.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n");
    while (!socket.readable_within(20ms)) socket.send("x");
    CHECK(begins(socket.all(), "HTTP/1.1 408"));
  }
  SUBCASE("and a hundred of them hold up nobody") {
    std::vector<std::unique_ptr<RawSocket>> slow;
    for (int i = 0; i < 60; ++i) {
      slow.push_back(std::make_unique<RawSocket>(fixture.port));
      slow.back()->send("GET / HT");
    }
    RawSocket socket(fixture.port);
    socket.send("GET /quick HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(has(socket.response(), "/quick"));
    for (auto& each : slow) CHECK(begins(each->all(), "HTTP/1.1 408"));
  }
}

TEST_CASE("a connection that asks nothing is closed without a word") {
  HttpServerOptions options;
  options.idle = 200ms;
  ServerFixture fixture(echo, options);
  RawSocket silent(fixture.port);
  CHECK(silent.all().empty());
  RawSocket once(fixture.port);
  once.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(begins(once.response(), "HTTP/1.1 200"));
  CHECK(once.all().empty());
}

TEST_CASE("a reader that takes no answer is cut off") {
  HttpServerOptions options;
  options.write_deadline = 300ms;
  ServerFixture fixture(
      [](HttpRequest, HttpReply const& reply) {
        reply({200, {}, std::string(32 * 1024 * 1024, 'x')});
      },
      options);
  RawSocket socket(fixture.port, 4096);
  socket.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(begins(socket.until("\r\n\r\n"), "HTTP/1.1 200"));
  // Nothing more is read until the server has given up on it.
  auto const deadline = std::chrono::steady_clock::now() + kPatience;
  while (fixture.thread.run([&] { return fixture.server->open_connections(); }) != 0) {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    std::this_thread::yield();
  }
}

TEST_CASE("Expect: 100-continue is answered before the body is sent, and refused for a body that is too large") {
  HttpServerOptions options;
  options.body_bytes = 10;
  ServerFixture fixture(echo, options);
  RawSocket socket(fixture.port);
  socket.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  CHECK(socket.until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  socket.send("abc");
  CHECK(has(socket.response(), "body=abc"));
  socket.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n");
  CHECK(begins(socket.all(), "HTTP/1.1 413"));
}

TEST_CASE("a large refused body does not destroy the refusal on its way") {
  HttpServerOptions options;
  options.body_bytes = 1000;
  ServerFixture fixture(echo, options);
  RawSocket socket(fixture.port);
  socket.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n");
  socket.send(std::string(200'000, 'b'));
  CHECK(begins(socket.all(), "HTTP/1.1 413"));
}

TEST_CASE("a handler that fails its client is covered for") {
  HttpServerOptions options;
  options.reply_deadline = 200ms;
  std::mutex mutex;
  std::vector<std::string> problems;
  options.on_problem = [&](std::string_view text) {
    std::lock_guard const lock(mutex);
    problems.emplace_back(text);
  };
  std::vector<HttpReply> kept;
  ServerFixture fixture(
      [&](HttpRequest request, HttpReply reply) {
        if (request.path == "/drop") return;
        if (request.path == "/throw") throw std::runtime_error("secret inside");
        if (request.path == "/keep") kept.push_back(std::move(reply));
        if (request.path == "/split") reply({200, {{"a", "b\r\nset-cookie: stolen"}}, ""});
        if (request.path == "/odd") reply({42, {}, ""});
        if (request.path == "/own") {
          reply({200, {{"Content-Length", "999"}, {"Transfer-Encoding", "chunked"}, {"Connection", "close"}}, "ok"});
        }
        if (request.path == "/twice") {
          reply(plain_response(200, "first"));
          reply(plain_response(200, "second"));
        }
        if (request.path == "/empty") reply({204, {}, "never sent"});
      },
      options);
  struct Row {
    std::string path;
    char const* status;
    char const* ending;
  };
  for (Row const& row : {Row{"/drop", "500", ""}, Row{"/throw", "500", "internal error\n"}, Row{"/keep", "503", ""},
                         Row{"/split", "500", ""}, Row{"/odd", "500", ""}, Row{"/own", "200", "\r\n\r\nok"},
                         Row{"/twice", "200", "first"}, Row{"/empty", "204", "\r\n\r\n"}}) {
    CAPTURE(row.path);
    RawSocket socket(fixture.port);
    socket.send("GET " + row.path + " HTTP/1.1\r\nHost: h\r\n\r\n");
    auto const text = socket.response();
    CHECK(begins(text, std::string("HTTP/1.1 ") + row.status));
    CHECK(text.ends_with(row.ending));
    CHECK_FALSE(has(text, "secret"));
    CHECK_FALSE(has(text, "stolen"));
    // The connection is still good.
    socket.send("GET /twice HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(socket.response().ends_with("first"));
  }
  fixture.thread.run([&] {
    for (auto& reply : kept) reply(plain_response(200, "far too late"));
    kept.clear();
  });
  std::lock_guard const lock(mutex);
  CHECK(std::count_if(problems.begin(), problems.end(), [](auto const& text) { return has(text, "threw"); }) == 1);
  CHECK(std::count_if(problems.begin(), problems.end(), [](auto const& text) { return has(text, "in time"); }) == 1);
}

TEST_CASE("a reply may come from another thread, even after the server and its io_context are gone") {
  HttpReply late;
  {
    Awaited<bool> asked;
    ServerFixture fixture([&](HttpRequest, HttpReply reply) {
      late = std::move(reply);
      asked.bring(true);
    });
    RawSocket socket(fixture.port);
    socket.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(asked.take());
  }
  std::thread([&] { late(plain_response(200, "hello?")); }).join();
}

TEST_CASE("connections beyond the limits are told so") {
  HttpServerOptions options;
  SUBCASE("of all") { options.connections = 3; }
  SUBCASE("of one peer") { options.connections_per_peer = 3; }
  ServerFixture fixture(echo, options);
  std::vector<std::unique_ptr<RawSocket>> held;
  for (int i = 0; i < 3; ++i) {
    held.push_back(std::make_unique<RawSocket>(fixture.port));
    held.back()->send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(begins(held.back()->response(), "HTTP/1.1 200"));
  }
  {
    RawSocket fourth(fixture.port);
    fourth.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(begins(fourth.all(), "HTTP/1.1 503"));
  }
  held.pop_back();
  // The place comes back as soon as the server has seen the end.
  auto const deadline = std::chrono::steady_clock::now() + kPatience;
  while (fixture.thread.run([&] { return fixture.server->open_connections(); }) > 2) {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    std::this_thread::yield();
  }
  RawSocket again(fixture.port);
  again.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(begins(again.response(), "HTTP/1.1 200"));
}

TEST_CASE("a taken port, a foreign address and nonsense are clear errors") {
  ServerFixture first(echo);
  struct Row {
    std::string listen;
    Errc code;
    char const* says;
  };
  for (Row const& row :
       {Row{"127.0.0.1:" + std::to_string(first.port), Errc::unavailable, "another program holds"},
        Row{"203.0.113.1:0", Errc::unavailable, "can't listen on 203.0.113.1:0"},
        Row{"localhost:1", Errc::invalid, "ADDRESS:PORT"}, Row{"127.0.0.1", Errc::invalid, "ADDRESS:PORT"},
        Row{"127.0.0.1:70000", Errc::invalid, "ADDRESS:PORT"}, Row{"127.0.0.1:80x", Errc::invalid, "ADDRESS:PORT"},
        Row{"::1:80", Errc::invalid, "ADDRESS:PORT"}, Row{":80", Errc::invalid, "ADDRESS:PORT"},
        Row{"", Errc::invalid, "ADDRESS:PORT"}}) {
    CAPTURE(row.listen);
    boost::asio::io_context io;
    HttpServerOptions options;
    options.listen = row.listen;
    HttpServer server(io, options, echo);
    auto const bound = server.listen();
    REQUIRE(bound.has_error());
    CHECK(bound.error().code == row.code);
    CHECK(has(bound.error().detail, row.says));
  }
}

TEST_CASE("a port is free again at once after a server with open connections ends") {
  std::uint16_t port = 0;
  auto held = std::optional<RawSocket>{};
  {
    ServerFixture fixture(echo);
    port = fixture.port;
    held.emplace(port);
    held->send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(begins(held->response(), "HTTP/1.1 200"));
  }
  boost::asio::io_context io;
  HttpServerOptions options;
  options.listen = "127.0.0.1:" + std::to_string(port);
  HttpServer server(io, options, echo);
  CHECK(server.listen().value() == port);
}

TEST_CASE("two servers run side by side in one process") {
  ServerFixture one([](HttpRequest, HttpReply const& reply) { reply(plain_response(200, "one")); });
  ServerFixture two([](HttpRequest, HttpReply const& reply) { reply(plain_response(200, "two")); });
  RawSocket first(one.port);
  RawSocket second(two.port);
  first.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  second.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(first.response().ends_with("one"));
  CHECK(second.response().ends_with("two"));
}

TEST_CASE("stop lets running requests finish, closes idle connections and takes no new ones") {
  Awaited<HttpReply> asked;
  ServerFixture fixture([&](HttpRequest request, HttpReply reply) {
    if (request.path == "/slow") return asked.bring(std::move(reply));
    reply(plain_response(200, "quick"));
  });
  RawSocket idle(fixture.port);
  idle.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(idle.response().ends_with("quick"));
  RawSocket busy(fixture.port);
  busy.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
  auto const reply = asked.take();
  Awaited<bool> stopped;
  fixture.thread.run([&] { fixture.server->stop(10s, [&] { stopped.bring(true); }); });
  CHECK(idle.all().empty());
  CHECK_THROWS(RawSocket(fixture.port));
  reply(plain_response(200, "finished"));
  auto const text = busy.all();
  CHECK(text.ends_with("finished"));
  CHECK(has(text, "Connection: close"));
  CHECK(stopped.take());
}

TEST_CASE("stop insists after its deadline") {
  Awaited<HttpReply> asked;
  ServerFixture fixture([&](HttpRequest, HttpReply reply) { asked.bring(std::move(reply)); });
  RawSocket busy(fixture.port);
  busy.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
  auto const never_used = asked.take();
  Awaited<bool> stopped;
  fixture.thread.run([&] { fixture.server->stop(100ms, [&] { stopped.bring(true); }); });
  CHECK(stopped.take());
  CHECK(busy.all().empty());
}

TEST_CASE("stop of a server nobody uses is done at once") {
  ServerFixture fixture(echo);
  Awaited<bool> stopped;
  fixture.thread.run([&] { fixture.server->stop(10s, [&] { stopped.bring(true); }); });
  CHECK(stopped.take());
}

TEST_CASE("random bytes never take the server away from others") {
  HttpServerOptions options;
  options.header_deadline = 2s;
  options.connections_per_peer = 1000;
  ServerFixture fixture(echo, options);
  std::uint64_t state = 0x9E3779B97F4A7C15ULL;  // fixed: the same bytes in every run
  auto const next = [&] {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    return state;
  };
  std::string const valid =
      "POST /x?a=1 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n";
  for (int round = 0; round < 300; ++round) {
    std::string text = valid;
    for (auto changes = next() % 6; changes > 0; --changes) text[next() % text.size()] = static_cast<char>(next());
    if (round % 5 == 0) text.resize(next() % text.size());
    RawSocket socket(fixture.port);
    socket.send(text);
    socket.finish_sending();
    socket.all();
  }
  RawSocket socket(fixture.port);
  socket.send("GET /alive HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(has(socket.response(), "/alive"));
}

}  // namespace
}  // namespace tocsin::net
