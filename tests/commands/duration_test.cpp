#include "commands/duration.hpp"

#include <doctest/doctest.h>

#include <string>

#include "commands/clock_time.hpp"

using namespace tocsin;
using namespace std::chrono_literals;

namespace {

/// What the whole text says, or "-".
std::string length(std::string_view text) {
  auto const read = duration_of(text);
  return read ? compact(*read) : "-";
}

template <class T>
std::string whole(std::optional<Read<T>> const& read, std::string_view text) {
  return read && read->used == text.size() ? compact(read->value) : "-";
}

std::string time(std::string_view text) { return whole(read_time_of_day(text), text); }
std::string range(std::string_view text) { return whole(read_time_range(text), text); }
std::string moment(std::string_view text) { return whole(read_moment(text), text); }

std::int64_t numeral(std::string_view text) {
  auto const read = read_numeral(text);
  return read && read->used == text.size() ? read->value : -1;
}

struct Row {
  char const* text;
  char const* means;
};

}  // namespace

TEST_CASE("Chinese numerals are read as they are spoken") {
  struct Numeral {
    char const* text;
    std::int64_t value;
  };
  for (auto const& [text, value] : {Numeral{"零", 0},
                                    {"一", 1},
                                    {"两", 2},
                                    {"九", 9},
                                    {"十", 10},
                                    {"十一", 11},
                                    {"二十", 20},
                                    {"二十五", 25},
                                    {"九十九", 99},
                                    {"一百", 100},
                                    {"一百零五", 105},
                                    {"一百一十", 110},
                                    {"一百十五", 115},
                                    {"一百五", 150},
                                    {"一百五十", 150},
                                    {"三百二十一", 321},
                                    {"一千零一", 1001},
                                    {"三千六", 3600},
                                    {"两千三百", 2300},
                                    {"一千零二十", 1020},
                                    {"一万", 10'000},
                                    {"三万五", 35'000},
                                    {"三万零五", 30'005},
                                    {"一万两千", 12'000},
                                    {"四二", 42},
                                    {"一二三", 123},
                                    {"二〇二三", 2023},
                                    {"九千九百九十九万", 99'990'000},
                                    {"百", -1},
                                    {"万", -1},
                                    {"一百零", -1},
                                    {"十十", -1},
                                    {"五十百", -1},
                                    {"一万万", -1},
                                    {"三百千", -1},
                                    {"百五", -1},
                                    {"一二十", -1},
                                    {"一二三四五六七八九", -1}}) {
    CAPTURE(text);
    CHECK(numeral(text) == value);
  }
  CHECK_FALSE(read_digits("1234567890"));
  CHECK(read_digits("123456789")->value == 123'456'789);
  CHECK(read_count("二十分")->used == 6);
}

TEST_CASE("lengths of time") {
  for (auto const& [text, means] : {
           Row{"5m", "5m"},
           {"2h", "2h"},
           {"1h30m", "1h30m"},
           {"90s", "1m30s"},
           {"3d", "3d"},
           {"1w", "7d"},
           {"5M", "5m"},
           {"5 m", "5m"},
           {"5min", "5m"},
           {"5 mins", "5m"},
           {"5 minutes", "5m"},
           {"1 minute", "1m"},
           {"2hrs", "2h"},
           {"2 Hours", "2h"},
           {"1 hour 30 min", "1h30m"},
           {"1w2d3h4m5s", "9d3h4m5s"},
           {"2 weeks", "14d"},
           {"45 sec", "45s"},
           {"1.5h", "1h30m"},
           {"0.5 d", "12h"},
           {"1.25h", "1h15m"},
           {"half an hour", "30m"},
           {"half hour", "30m"},
           {"an hour", "1h"},
           {"a week", "7d"},
           {"5分钟", "5m"},
           {"5分", "5m"},
           {"2小时", "2h"},
           {"2个小时", "2h"},
           {"1个半小时", "1h30m"},
           {"半小时", "30m"},
           {"半个小时", "30m"},
           {"两个半小时", "2h30m"},
           {"一小时半", "1h30m"},
           {"1小时30分", "1h30m"},
           {"1小时 30分钟", "1h30m"},
           {"3天", "3d"},
           {"半天", "12h"},
           {"一天半", "1d12h"},
           {"两天", "2d"},
           {"两周", "14d"},
           {"一个星期", "7d"},
           {"2个礼拜", "14d"},
           {"一刻钟", "15m"},
           {"三刻钟", "45m"},
           {"90秒", "1m30s"},
           {"三十秒钟", "30s"},
           {"十分钟", "10m"},
           {"二十五分钟", "25m"},
           {"三分半", "3m30s"},
           {"半分钟", "30s"},
           {"一个钟头", "1h"},
           {"1.5小时", "1h30m"},
           {"400天", "400d"},
           {"1s", "1s"},
       }) {
    CAPTURE(text);
    CHECK(length(text) == means);
  }
}

TEST_CASE("what is no length of time is refused") {
  for (char const* text : {"",       "5",     "m",   "h5",       "5x",       "5mm",        "5 mi",        "1m1h",
                           "1h1h",   "5m5m",  "-5m", "+5m",      "1..5h",    "1.h",        "1.234h",      ".5h",
                           "五",     "分钟",  "半",  "半半小时", "个半小时", "5分5分",     "1分1小时",    "一会儿",
                           "一个月", "1年",   "0s",  "0m",       "零分钟",   "401天",      "9999999999m", "1h30",
                           "5m!",    "5 m x", "a d", "an",       "half",     "5 分 钟 了", "5m\n",        "\xFF"}) {
    CAPTURE(text);
    CHECK(length(text) == "-");
  }
  CHECK(duration_of("401天").error().code == Errc::too_large);
  CHECK(duration_of("5").error().code == Errc::invalid);
  CHECK(duration_of("5").error().detail.find("30m") != std::string::npos);
}

TEST_CASE("a length of time ends where the next word begins") {
  CHECK(read_duration("2小时维护")->used == 7);
  CHECK(read_duration("2h maintenance")->used == 2);
  CHECK(read_duration("2h 30 lines")->used == 2);
  CHECK(read_duration("2h 30m x")->used == 6);
  CHECK(read_duration("1h 2h")->used == 2);
  CHECK(compact(Millis{0}) == "0s");
  CHECK(compact(1500ms) == "1s500ms");
}

TEST_CASE("times of day") {
  for (auto const& [text, means] : {
           Row{"03:15", "03:15"}, {"3:15", "03:15"},      {"0:00", "00:00"},         {"23:59", "23:59"},
           {"03:15:30", "03:15"}, {"3点", "03:00"},       {"3点15", "03:15"},        {"3点15分", "03:15"},
           {"3点5分", "03:05"},   {"3点05", "03:05"},     {"3点半", "03:30"},        {"3点一刻", "03:15"},
           {"3点三刻", "03:45"},  {"3点钟", "03:00"},     {"3点整", "03:00"},        {"十二点", "12:00"},
           {"零点", "00:00"},     {"零点十分", "00:10"},  {"三点零五", "03:05"},     {"三点二十五分", "03:25"},
           {"下午3点", "15:00"},  {"下午3点半", "15:30"}, {"下午三点一刻", "15:15"}, {"下午 3:15", "15:15"},
           {"下午12点", "12:00"}, {"下午15点", "15:00"},  {"凌晨两点半", "02:30"},   {"凌晨12点", "00:00"},
           {"早上8点", "08:00"},  {"上午10点", "10:00"},  {"中午12点", "12:00"},     {"中午1点", "13:00"},
           {"晚上10点", "22:00"}, {"晚上12点", "00:00"},  {"半夜2点", "02:00"},      {"傍晚6点", "18:00"},
           {"中午", "12:00"},     {"noon", "12:00"},      {"midnight", "00:00"},     {"3pm", "15:00"},
           {"3 PM", "15:00"},     {"3:15pm", "15:15"},    {"3:15 a.m.", "03:15"},    {"12am", "00:00"},
           {"12pm", "12:00"},     {"12:30am", "00:30"},   {"15时20分", "15:20"},
       }) {
    CAPTURE(text);
    CHECK(time(text) == means);
  }
  for (char const* text : {"",      "3",    "315",  "24:00",     "25:00",   "3:5",     "3:60",     "3:155", "03:15x",
                           "3点60", "3点5", "25点", "上午15点",  "凌晨9点", "下午9点", "晚上15点", "13pm",  "0pm",
                           "点",    "下午", "三",   "3点15分钟", "123:15",  "-3:15",   "3：15"}) {
    CAPTURE(text);
    CHECK(time(text) == "-");
  }
}

TEST_CASE("ranges between two times of day") {
  for (auto const& [text, means] : {
           Row{"22:00-08:00", "22:00-08:00"},
           {"22:00 - 08:00", "22:00-08:00"},
           {"22:00到08:00", "22:00-08:00"},
           {"22:00至08:00", "22:00-08:00"},
           {"22:00~08:00", "22:00-08:00"},
           {"22:00 to 08:00", "22:00-08:00"},
           {"from 22:00 to 08:00", "22:00-08:00"},
           {"从22:00到08:00", "22:00-08:00"},
           {"22-8", "22:00-08:00"},
           {"22:00-8", "22:00-08:00"},
           {"22点到8点", "22:00-08:00"},
           {"晚上10点到早上8点", "22:00-08:00"},
           {"晚上10点到8点", "22:00-08:00"},
           {"晚上8点到10点", "20:00-22:00"},
           {"下午3点到5点", "15:00-17:00"},
           {"下午2点到9点", "14:00-21:00"},
           {"3pm-5pm", "15:00-17:00"},
           {"3-5pm", "15:00-17:00"},
           {"10-2pm", "10:00-14:00"},
           {"10pm to 8am", "22:00-08:00"},
           {"22:00-24:00", "22:00-00:00"},
           {"0-6", "00:00-06:00"},
           {"22:30--08:30", "22:30-08:30"},
       }) {
    CAPTURE(text);
    CHECK(range(text) == means);
  }
  for (char const* text : {"", "22:00", "22:00-", "-08:00", "22:00-22:00", "22:00到", "25:00-08:00", "22:00-08:60",
                           "22:00 08:00", "22:00-08:00-09:00", "24:00-08:00", "22-8x", "a-b", "到", "22-08-2023"}) {
    CAPTURE(text);
    CHECK(range(text) == "-");
  }
}

TEST_CASE("points in time, as far as the words alone say") {
  for (auto const& [text, means] : {
           Row{"03:15", "03:15"},
           {"下午3点", "15:00"},
           {"now", "now"},
           {"现在", "now"},
           {"10分钟前", "10m ago"},
           {"半小时以前", "30m ago"},
           {"10m ago", "10m ago"},
           {"2 hours ago", "2h ago"},
           {"in 2h", "in 2h"},
           {"2小时后", "in 2h"},
           {"两天之后", "in 2d"},
           {"昨天 22:00", "昨天 22:00"},
           {"昨天22:00", "昨天 22:00"},
           {"yesterday 10pm", "昨天 22:00"},
           {"昨晚10点", "昨天 22:00"},
           {"今天凌晨2点", "02:00"},
           {"明早8点", "明天 08:00"},
           {"明天", "明天 00:00"},
           {"后天9点", "后天 09:00"},
           {"11-23 02:00", "11-23 02:00"},
           {"11/23 2:00", "11-23 02:00"},
           {"11月23日 2点", "11-23 02:00"},
           {"11月23号", "11-23 00:00"},
           {"十一月二十三日凌晨两点", "11-23 02:00"},
           {"2-29", "02-29 00:00"},
           {"2023-11-23 02:00", "2023-11-23 02:00"},
           {"2023年11月23日 02:00", "2023-11-23 02:00"},
           {"2023-11-23T02:00", "2023-11-23 02:00"},
           {"2023-11-23T02:00Z", "2023-11-23T02:00:00Z"},
           {"2023-11-23T02:00:30+08:00", "2023-11-22T18:00:30Z"},
           {"2023-11-23 02:00-05:30", "2023-11-23T07:30:00Z"},
       }) {
    CAPTURE(text);
    CHECK(moment(text) == means);
    CHECK(moment(means) == means);
  }
  for (char const* text :
       {"", "3", "13-01", "2-30", "2023-02-29", "2023-13-01", "1999-01-01 02:00", "2023-11-23T25:00", "11月", "月23日",
        "昨天25:00", "大前天", "10分钟", "ago", "in", "500天前", "03:15Z", "2023-11-23T02:00+15:00", "someday"}) {
    CAPTURE(text);
    CHECK(moment(text) == "-");
  }
}
