// What is promised for each severity, and who is told when it is not kept.
#pragma once

#include <array>
#include <chrono>

#include "config/describe.hpp"
#include "config/locale.hpp"
#include "incidents/escalation.hpp"
#include "incidents/severity.hpp"

namespace tocsin {

struct SeverityRule {
  Localized title;
  Targets targets{};
  friend bool operator==(SeverityRule const&, SeverityRule const&) = default;
};

/// Indexed by Severity.
using SeverityTable = std::array<SeverityRule, 4>;

template <class V>
void describe(V& v, SeverityRule& it) {
  v.key("title", it.title, "What the severity means.");
  v.key("response", it.targets.response, "Somebody takes it within this time after the opening.",
        {.min = 1'000, .max = 30LL * 86'400'000});
  v.key("recovery", it.targets.recovery, "Users are served again within this time; not before `response`.",
        {.min = 1'000, .max = 90LL * 86'400'000});
}

/// The promises of the manual.
[[nodiscard]] SeverityTable default_severities();

/// `100% of response`: two members of a step that are written as one value.
struct StepInstant {
  Target& of;
  int& percent;
};

template <>
struct Names<Until> {
  static constexpr std::array<std::string_view, 2> kAll{"acknowledged", "mitigated"};
};

template <class V>
void describe(V& v, EscalationStep& it) {
  StepInstant at{it.of, it.percent};
  v.key("at", at, "When it fires: a share of a target, such as `100% of response`; pauses are counted out.",
        {.required = true});
  v.key("page", it.page, "Who is paged: `duty`, a role of `roles`, or a person.",
        {.required = true, .min = 1, .max = 20});
  v.key("repeat", it.repeat_every, "Again every so often until `until` holds.",
        {.off = true, .min = 60'000, .max = 86'400'000});
  v.key("until", it.until, "What ends the step's right to fire.");
}

template <class V>
void describe(V& v, EscalationPolicy& it) {
  v.key("steps", it.steps, "The steps; each has its own instant, their order means nothing.",
        {.max = static_cast<std::int64_t>(kMaxSteps)});
  v.key("idle", it.idle_page, "An acknowledged incident with no activity for so long pages again.",
        {.off = true, .min = 60'000, .max = 86'400'000});
}

/// The chain without any `escalation:` in the file. Duty at once (P0 and P1: every 5 minutes until acknowledged); the
/// tech lead when the response target lapses; the CTO at twice that target if there is still nobody; the tech lead at
/// 80 % of the recovery target, lead and CTO at its lapse, acknowledged or not. P0: 10 idle minutes page again.
[[nodiscard]] PolicyTable default_policies();

}  // namespace tocsin
