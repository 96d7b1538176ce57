#include <doctest/doctest.h>

#include <string>

#include "tests/tidy/rules.hpp"

using namespace tocsin::tidy;

namespace {

struct Row {
  std::string code;
  std::string rule;  ///< "" where nothing is to be found
};

void check(Row const& row) {
  CAPTURE(row.code);
  auto const found = coroutine_traps(source("bot/a.cpp", row.code + "\n"));
  CHECK(found.empty() == row.rule.empty());
  if (!found.empty()) CHECK(found.front().rule == row.rule);
}

}  // namespace

TEST_CASE("no lambda that owns something is made inside a co_await expression") {
  for (Row const& row : {
           Row{"co_await lane.run([name] { return name; });", "co_await-lambda"},
           Row{"auto r = co_await lane.run([=] { return name; });", "co_await-lambda"},
           Row{"co_await lane.run([n = std::move(name)]() mutable { return n; });", "co_await-lambda"},
           Row{"co_await lane.run([&a, b] { return a + b; });", "co_await-lambda"},
           Row{"co_await lane.run([*this] { return 1; });", "co_await-lambda"},
           Row{"co_await lane.run([] { return 1; });", ""},
           Row{"co_await lane.run([this] { return size(); });", ""},
           Row{"co_await lane.run([&] { return Post{1, 2}; });", ""},
           Row{"auto work = [name] { return name; }; co_await lane.run(work);", ""},
           Row{"co_await lane.run(table[name]); f([name] { return name; });", ""},
           Row{"if (co_await ready()) { f([name] { return name; }); }", ""},
           Row{"co_await lane.run([name] { return name; });  // tidy-allow(co_await-lambda): a number, trivial", ""},
       }) {
    check(row);
  }
}

TEST_CASE("no aggregate is made inside a co_await expression") {
  for (Row const& row : {
           Row{"co_await chat.send(Post{.text = text});", "co_await-braces"},
           Row{"co_await chat.send({text});", "co_await-braces"},
           Row{"co_await chat.send(std::vector{1, 2});", "co_await-braces"},
           Row{"auto r = join(Post{text}, co_await chat.read());", "co_await-braces"},
           Row{"co_await chat.send(std::move(post));", ""},
           Row{"co_await chat.send(make_post(text));", ""},
           Row{"co_await chat.wait(Millis{200});", ""},
           Row{"co_await chat.wait(std::chrono::seconds{2});", ""},
           Row{"while (auto frame = co_await link.read()) { use(Post{frame}); }", ""},
           Row{"Post post{text}; co_await chat.send(std::move(post));", ""},
           Row{"// co_await chat.send(Post{text});", ""},
       }) {
    check(row);
  }
}

TEST_CASE("a coroutine takes by value what it keeps") {
  std::string const body = " { co_await done(); }";
  for (Row const& row : {
           Row{"asio::awaitable<void> send(std::string_view text)" + body, "coroutine-parameter"},
           Row{"asio::awaitable<void> Chat::send(Post const& post)" + body, "coroutine-parameter"},
           Row{"asio::awaitable<Result<int>> send(const Post& post) const" + body, "coroutine-parameter"},
           Row{"asio::awaitable<void> send(Post&& post)" + body, "coroutine-parameter"},
           Row{"asio::awaitable<void> send(int n, std::span<char> bytes)" + body, "coroutine-parameter"},
           Row{"auto send(Post const& post) -> asio::awaitable<void>" + body, "coroutine-parameter"},
           Row{"auto f = [&](Post const& post) mutable -> asio::awaitable<void>" + body + ";", "coroutine-parameter"},
           Row{"struct Send { asio::awaitable<void> operator()(Post const& post)" + body + "};", "coroutine-parameter"},
           Row{"asio::awaitable<void> send(Post post, Link& link)" + body, ""},
           Row{"asio::awaitable<void> send(Post const* post)" + body, ""},
           Row{"asio::awaitable<void> send(Post const& post);", ""},
           Row{"asio::awaitable<void> send(Post const& post) { return send_copy(post); }", ""},
           Row{"void send(Post const& post) { run(post); }", ""},
           Row{"// tidy-allow(coroutine-parameter): every caller awaits at once\n"
               "asio::awaitable<void> send(Post const& post)" +
                   body,
               ""},
           Row{"asio::awaitable<void> send(Post const& post)" + body + "  // tidy-allow(coroutine-parameter):",
               "coroutine-parameter"},
       }) {
    check(row);
  }
}
