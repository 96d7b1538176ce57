#include "incidents/escalation.hpp"

#include <charconv>
#include <optional>

namespace tocsin {
namespace {

/// A whole number at the front of `text`, taken off it.
std::optional<std::int64_t> take_number(std::string_view& text) {
  std::int64_t value = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

bool take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

std::string_view take_until(std::string_view& text, char end) {
  auto const at = text.find(end);
  auto const word = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at);
  return word;
}

Error broken() { return {Errc::invalid, "a stored escalation policy is damaged"}; }

std::optional<EscalationStep> take_step(std::string_view& text) {
  EscalationStep step;
  if (take(text, "response ")) {
    step.of = Target::response;
  } else if (take(text, "recovery ")) {
    step.of = Target::recovery;
  } else {
    return std::nullopt;
  }
  auto const percent = take_number(text);
  if (!percent || *percent < 0 || *percent > kMaxStepPercent || !take(text, "%")) return std::nullopt;
  step.percent = static_cast<int>(*percent);
  while (take(text, " ")) {
    if (take(text, "role:")) {
      step.page.push_back({Recipient::Kind::role, std::string(take_until(text, ' '))});
    } else if (take(text, "person:")) {
      step.page.push_back({Recipient::Kind::person, std::string(take_until(text, ' '))});
    } else if (take(text, "every ")) {
      auto const every = take_number(text);
      if (!every || *every <= 0) return std::nullopt;
      step.repeat_every = Millis{*every};
    } else if (take(text, "until acknowledged;")) {
      return step;
    } else if (take(text, "until mitigated;")) {
      step.until = Until::mitigated;
      return step;
    } else {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

}  // namespace

std::string encode(EscalationPolicy const& policy) {
  std::string out;
  for (auto const& step : policy.steps) {
    out += name_of(step.of);
    out += ' ' + std::to_string(step.percent) + '%';
    for (auto const& recipient : step.page) {
      out += recipient.kind == Recipient::Kind::role ? " role:" : " person:";
      out += recipient.name;
    }
    if (step.repeat_every) out += " every " + std::to_string(step.repeat_every->count());
    out += step.until == Until::acknowledged ? " until acknowledged;" : " until mitigated;";
  }
  if (policy.idle_page) out += "idle " + std::to_string(policy.idle_page->count()) + ';';
  return out;
}

Result<EscalationPolicy> decode_policy(std::string_view text) {
  EscalationPolicy policy;
  while (!text.empty()) {
    if (take(text, "idle ")) {
      auto const idle = take_number(text);
      if (!idle || *idle <= 0 || text != ";") return broken();
      policy.idle_page = Millis{*idle};
      return policy;
    }
    auto step = take_step(text);
    if (!step || policy.steps.size() == kMaxSteps) return broken();
    policy.steps.push_back(std::move(*step));
  }
  return policy;
}

}  // namespace tocsin
