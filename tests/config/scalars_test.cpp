// The small values of a configuration.
#include "config/scalars.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace tocsin;
using namespace std::chrono_literals;

TEST_CASE("lengths of time are read and printed") {
  struct Row {
    char const* text;
    Millis length;
    char const* printed;
  };
  for (Row const& row : {Row{"90s", 90s, "1m30s"}, Row{"5m", 5min, "5m"}, Row{"1h30m", 90min, "1h30m"},
                         Row{"7d", 168h, "1w"}, Row{"10d", 240h, "10d"}, Row{"250ms", 250ms, "250ms"},
                         Row{"0s", 0ms, "0s"}, Row{"2w", 336h, "2w"}, Row{"3650d", 87600h, "3650d"}}) {
    CAPTURE(row.text);
    REQUIRE(parse_length(row.text).has_value());
    CHECK(*parse_length(row.text) == row.length);
    CHECK(print(row.length) == row.printed);
    CHECK(parse_length(print(row.length)) == row.length);
  }
  for (char const* text : {"", "5", "m", "5 m", "30m1h", "5m5m", "-5m", "5M", "5min", "1.5h", "3651d", "9999999999999s",
                           "999999999999w", "5m "}) {
    CAPTURE(text);
    CHECK_FALSE(parse_length(text).has_value());
  }
}

TEST_CASE("shares are exact to a tenth of a percent") {
  CHECK(parse_percent("80 %") == percent(80));
  CHECK(parse_percent("99.5%") == Percent{995});
  CHECK(parse_percent("1000%") == percent(1000));
  CHECK(print(Percent{995}) == "99.5 %");
  CHECK(print(percent(80)) == "80 %");
  for (char const* text : {"", "80", "%", "80  %", "1001 %", "99.55 %", "-1 %", "80% ", ".5%"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_percent(text).has_value());
  }
}

TEST_CASE("amounts of data") {
  CHECK(parse_bytes("64 KiB") == kibibytes(64));
  CHECK(parse_bytes("1MiB") == mebibytes(1));
  CHECK(parse_bytes("512 B") == Bytes{512});
  CHECK(print(Bytes{1536}) == "1536 B");
  CHECK(print(mebibytes(2)) == "2 MiB");
  CHECK(print(Bytes{0}) == "0 B");
  for (char const* text : {"", "64", "64 KB", "1 mib", "-1 B", "9999999999 B"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_bytes(text).has_value());
  }
}

TEST_CASE("times, days and hours") {
  CHECK(parse_time_of_day("09:00") == 540min);
  CHECK(parse_time_of_day("24:00") == 1440min);
  for (char const* text : {"9:00", "24:01", "25:00", "12:60", "12:0", "12-00", "12:000"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_time_of_day(text).has_value());
  }
  CHECK(parse_date("2024-02-29").has_value());
  for (char const* text : {"2023-02-29", "2024-13-01", "2024-00-10", "24-01-01", "2024/01/01", "1969-12-31"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_date(text).has_value());
  }
  CHECK(parse_daily_hours("22:00-08:00") == DailyHours{1320min, 480min});
  CHECK(parse_daily_hours("00:00-24:00") == DailyHours{0min, 1440min});
  CHECK_FALSE(parse_daily_hours("08:00-08:00").has_value());
  CHECK_FALSE(parse_daily_hours("24:00-08:00").has_value());
  CHECK(parse_weekly_hours("sunday 02:00-04:00") == WeeklyHours{std::chrono::Sunday, {120min, 240min}});
  CHECK(parse_weekly_hours("daily 12:00-13:00") == WeeklyHours{std::nullopt, {720min, 780min}});
  CHECK_FALSE(parse_weekly_hours("Sunday 02:00-04:00").has_value());
  CHECK_FALSE(parse_weekly_hours("02:00-04:00").has_value());
  CHECK(print(*parse_weekly_hours("sunday 02:00-04:00")) == "sunday 02:00-04:00");
}

TEST_CASE("hosts with ports") {
  CHECK(parse_host_port("127.0.0.1:8088") == HostPort{"127.0.0.1", 8088});
  CHECK(parse_host_port("[::1]:80") == HostPort{"::1", 80});
  CHECK(print(HostPort{"::1", 80}) == "[::1]:80");
  for (char const* text :
       {"", "8088", ":8088", "host:", "host:65536", "host:-1", "::1:80", "a b:80", "[]:80", "h:1x"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_host_port(text).has_value());
  }
}

TEST_CASE("rates") {
  CHECK(parse_rate("30 per 1m") == RateLimit{30, 1min});
  for (char const* text : {"30", "0 per 1m", "30/m", "30 per 0s", "30 per m", "-1 per 1m"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_rate(text).has_value());
  }
}

TEST_CASE("loopback and the host of a URL") {
  for (char const* host : {"127.0.0.1", "127.8.8.8", "::1", "localhost"}) CHECK(is_loopback(host));
  for (char const* host : {"128.0.0.1", "127.evil.com", "example.com", "0.0.0.0", ""}) CHECK_FALSE(is_loopback(host));
  CHECK(host_of("https://monitor.lawsker.com/prometheus") == "monitor.lawsker.com");
  CHECK(host_of("http://[::1]:80/x") == "::1");
  CHECK(host_of("http://user@host:1?q") == "host");
  CHECK(host_of("nonsense").empty());
}
