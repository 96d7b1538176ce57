#include "bot/clock.hpp"

#include <date/date.h>
#include <openssl/rand.h>
#include <time.h>

#include <charconv>
#include <cmath>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>

namespace tocsin {
namespace {

Instant real_now() { return std::chrono::floor<Millis>(std::chrono::system_clock::now()); }

Millis machine_time(clockid_t clock) {
  timespec at{};
  if (::clock_gettime(clock, &at) != 0) return Millis{0};
  return std::chrono::floor<Millis>(std::chrono::seconds{at.tv_sec} + std::chrono::nanoseconds{at.tv_nsec});
}

class SystemClock final : public BotClock {
 public:
  Instant now() const override { return real_now(); }
  Millis real_time_until(Instant at) const override { return std::max(Millis{0}, at - now()); }
  double rate() const override { return 1.0; }
};

class TestClock final : public BotClock {
 public:
  TestClock(Instant origin, Instant epoch, double rate) : origin_(origin), epoch_(epoch), rate_(rate) {}
  Instant now() const override {
    auto const real = static_cast<double>((real_now() - epoch_).count());
    return origin_ + Millis{static_cast<std::int64_t>(std::floor(real * rate_))};
  }
  Millis real_time_until(Instant at) const override {
    auto const left = static_cast<double>((at - now()).count());
    return Millis{static_cast<std::int64_t>(std::ceil(std::max(0.0, left / rate_)))};
  }
  double rate() const override { return rate_; }

 private:
  Instant origin_;
  Instant epoch_;
  double rate_;
};

class SystemChance final : public Chance {
 public:
  std::uint64_t bits() override {
    std::uint64_t value = 0;
    if (RAND_bytes(reinterpret_cast<unsigned char*>(&value), sizeof value) != 1)
      throw std::runtime_error("the system gives no random numbers");
    return value;
  }
};

std::optional<Instant> parse_utc(std::string const& text) {
  std::istringstream in(text);
  Instant at;
  in >> date::parse("%FT%TZ", at);
  if (in.fail()) return std::nullopt;
  return at;
}

}  // namespace

Millis BotClock::awake() const { return machine_time(CLOCK_MONOTONIC); }
// The one goes on while the machine sleeps, the other does not.
Millis BotClock::asleep() const { return machine_time(CLOCK_BOOTTIME) - machine_time(CLOCK_MONOTONIC); }

std::unique_ptr<BotClock> make_system_clock() { return std::make_unique<SystemClock>(); }

Result<std::unique_ptr<BotClock>> make_test_clock(std::string_view words) {
  Error const expected{Errc::invalid, "expected origin=YYYY-MM-DDTHH:MM:SSZ,epoch=MILLISECONDS,rate=NUMBER"};
  std::optional<Instant> origin;
  std::optional<Instant> epoch;
  double rate = 0;
  while (!words.empty()) {
    auto const end = words.find(',');
    auto const word = words.substr(0, end);
    words.remove_prefix(end == std::string_view::npos ? words.size() : end + 1);
    auto const equals = word.find('=');
    if (equals == std::string_view::npos) return expected;
    auto const name = word.substr(0, equals);
    auto const value = word.substr(equals + 1);
    if (name == "origin") {
      origin = parse_utc(std::string(value));
    } else if (name == "epoch") {
      std::int64_t millis = 0;
      auto const [last, error] = std::from_chars(value.data(), value.data() + value.size(), millis);
      if (error != std::errc{} || last != value.data() + value.size()) return expected;
      epoch = from_millis(millis);
    } else if (name == "rate") {
      auto const [last, error] = std::from_chars(value.data(), value.data() + value.size(), rate);
      if (error != std::errc{} || last != value.data() + value.size()) return expected;
    } else {
      return expected;
    }
  }
  constexpr double kMaxRate = 10'000;
  if (!origin || !epoch || !(rate > 0 && rate <= kMaxRate)) return expected;
  return std::unique_ptr<BotClock>(std::make_unique<TestClock>(*origin, *epoch, rate));
}

std::unique_ptr<Chance> make_system_chance() { return std::make_unique<SystemChance>(); }

Millis by_clock(Millis wait, BotClock const& clock) {
  return Millis{static_cast<std::int64_t>(static_cast<double>(wait.count()) / clock.rate())};
}

double share_of(Chance& chance) {
  // As many bits as a double holds exactly.
  constexpr double kScale = 0x1.0p-53;
  return static_cast<double>(chance.bits() >> 11U) * kScale;
}

}  // namespace tocsin
