#include "bot/web/doors.hpp"

#include <doctest/doctest.h>

using namespace tocsin;

namespace {

net::HttpRequest asking(std::string host, std::string origin = {}) {
  net::HttpRequest request;
  request.headers.emplace_back("host", std::move(host));
  if (!origin.empty()) request.headers.emplace_back("origin", std::move(origin));
  return request;
}

}  // namespace

TEST_CASE("a Host header names this listener, or what the configuration allows") {
  HttpSettings http;
  http.public_url = "https://ops.lawsker.com/tocsin";
  http.allowed_hosts = {"*.internal.example", "bot"};
  struct Row {
    std::string host;
    bool allowed;
  };
  for (Row const& row :
       {Row{"10.0.0.5:8088", true}, Row{"LocalHost:8088", true}, Row{"[::1]:8088", true}, Row{"ops.lawsker.com", true},
        Row{"ops.lawsker.com:443", false}, Row{"a.internal.example:9", true}, Row{"internal.example", false},
        Row{"bot", true}, Row{"bot:8088", true}, Row{"10.0.0.5", false}, Row{"10.0.0.5:80880", false},
        Row{"evil.example", false}, Row{"", false}}) {
    CAPTURE(row.host);
    CHECK(doors::host_allowed(asking(row.host), http, {"10.0.0.5", 8088}, 8088) == row.allowed);
  }
  auto twice = asking("10.0.0.5:8088");
  twice.headers.emplace_back("host", "evil.example");
  CHECK_FALSE(doors::host_allowed(twice, http, {"10.0.0.5", 8088}, 8088));
  CHECK(doors::host_allowed(asking("[fd00::5]:8088"), http, {"fd00::5", 8088}, 8088));
  CHECK(doors::host_allowed(asking("localhost"), http, {"0.0.0.0", 80}, 80));
}

TEST_CASE("an origin is ours when scheme, name and port are") {
  struct Row {
    std::string host;
    std::string origin;
    bool ours;
  };
  for (Row const& row :
       {Row{"127.0.0.1:8088", "http://127.0.0.1:8088", true}, Row{"ops.lawsker.com", "https://ops.lawsker.com", true},
        Row{"ops.lawsker.com", "HTTPS://OPS.lawsker.com", true},
        Row{"ops.lawsker.com", "http://ops.lawsker.com", false}, Row{"127.0.0.1:8088", "http://127.0.0.1", false},
        Row{"127.0.0.1:8088", "http://127.0.0.1:8088.evil.example", false},
        Row{"127.0.0.1:8088", "http://evil.example/127.0.0.1:8088", false}, Row{"127.0.0.1:8088", "null", false},
        Row{"127.0.0.1:8088", "", false}, Row{"", "http://", false}}) {
    CAPTURE(row.origin);
    CHECK(doors::same_origin(asking(row.host, row.origin), "https://ops.lawsker.com") == row.ours);
  }
}
