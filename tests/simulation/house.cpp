#include "tests/simulation/house.hpp"

namespace tocsin::simulation {

char const* const kHouseYaml = R"(mode: production
http:
  listen: 127.0.0.1:8088
storage: tocsin.db
time_zone: Asia/Shanghai
locale: zh-CN
workdir: .
people:
  - {id: anna, name: Anna, role: operator, identities: {web: anna, email: anna@example.com}, channels: [email, inbox]}
  - {id: ben, name: Ben, role: operator, identities: {web: ben, email: ben@example.com}, channels: [email]}
  - {id: chen, name: 陈晨, role: responder, identities: {web: chen, email: chen@example.com}, channels: [email, inbox]}
  - {id: lead, name: Lead, role: admin, identities: {web: lead, email: lead@example.com}, channels: [email, inbox]}
  - {id: chief, name: Chief, role: operator, identities: {web: chief, email: chief@example.com}, channels: [email]}
  - {id: spare, name: Spare, role: responder, identities: {web: spare, email: spare@example.com}, channels: [inbox]}
roles:
  tech-lead: [lead]
  cto: [chief]
  help-desk: [spare, lead]
duty:
  rotation: {every: day, people: [anna, ben, chen], start: 2026-11-20, hand_over: 09:00}
  backups: [spare, anna]
severities:
  P0: {response: 5m, recovery: 30m}
  P1: {response: 15m, recovery: 2h}
  P2: {response: 30m, recovery: 4h}
  P3: {response: 1h, recovery: 24h}
escalation:
  P0:
    steps:
      - {at: 0% of response, page: [duty], repeat: 5m, until: acknowledged}
      - {at: 100% of response, page: [tech-lead], until: acknowledged}
      - {at: 200% of response, page: [cto], until: acknowledged}
      - {at: 80% of recovery, page: [tech-lead], until: mitigated}
      - {at: 100% of recovery, page: [tech-lead, cto], until: mitigated}
    idle: 10m
  P1:
    steps:
      - {at: 0% of response, page: [duty], repeat: 5m, until: acknowledged}
      - {at: 100% of response, page: [tech-lead], until: acknowledged}
      - {at: 200% of response, page: [cto], until: acknowledged}
      - {at: 80% of recovery, page: [tech-lead], until: mitigated}
      - {at: 100% of recovery, page: [tech-lead, cto], repeat: 20m, until: mitigated}
  P2:
    steps:
      - {at: 0% of response, page: [duty], until: acknowledged}
      - {at: 100% of response, page: [tech-lead], until: acknowledged}
      - {at: 200% of response, page: [cto], until: acknowledged}
      - {at: 80% of recovery, page: [tech-lead], until: mitigated}
      - {at: 100% of recovery, page: [tech-lead, cto], until: mitigated}
  P3:
    steps:
      - {at: 10% of response, page: [help-desk], repeat: 25m, until: acknowledged}
      - {at: 100% of response, page: [tech-lead], until: acknowledged}
      - {at: 100% of recovery, page: [tech-lead, cto], until: mitigated}
    idle: 3h
mail: {host: mail.example.com, port: 587, security: starttls, from: tocsin@example.com}
)";

namespace {

PlainStep until_taken(int percent, Names roles, Time repeat = 0) {
  return {false, percent, std::move(roles), repeat, false};
}
PlainStep until_mitigated(int percent, Names roles, Time repeat = 0) {
  return {true, percent, std::move(roles), repeat, true};
}

House build() {
  House it;
  PlainStep const lead_at_lapse = until_taken(100, {"tech-lead"});
  PlainStep const chief_at_twice = until_taken(200, {"cto"});
  PlainStep const lead_near_recovery = until_mitigated(80, {"tech-lead"});
  PlainStep const both_at_recovery = until_mitigated(100, {"tech-lead", "cto"});
  it.promises[0] = {
      5 * kMinute,
      30 * kMinute,
      {{until_taken(0, {"duty"}, 5 * kMinute), lead_at_lapse, chief_at_twice, lead_near_recovery, both_at_recovery},
       10 * kMinute}};
  it.promises[1] = {15 * kMinute,
                    2 * kHour,
                    {{until_taken(0, {"duty"}, 5 * kMinute), lead_at_lapse, chief_at_twice, lead_near_recovery,
                      until_mitigated(100, {"tech-lead", "cto"}, 20 * kMinute)},
                     0}};
  it.promises[2] = {
      30 * kMinute,
      4 * kHour,
      {{until_taken(0, {"duty"}), lead_at_lapse, chief_at_twice, lead_near_recovery, both_at_recovery}, 0}};
  it.promises[3] = {
      kHour, 24 * kHour, {{until_taken(10, {"help-desk"}, 25 * kMinute), lead_at_lapse, both_at_recovery}, 3 * kHour}};
  it.roles = {{"tech-lead", {"lead"}}, {"cto", {"chief"}}, {"help-desk", {"spare", "lead"}}};
  it.backups = {"spare", "anna"};
  it.turns = {"anna", "ben", "chen"};
  it.first_turn = kMonday - 3 * kDay + kHour;  // 2026-11-20 09:00 in Shanghai, which is 01:00 UTC all year
  it.people = {"anna", "ben", "chen", "lead", "chief", "spare"};
  it.may_approve = {"anna", "ben", "lead", "chief"};
  it.channels = {{"anna", {"email", "inbox"}}, {"ben", {"email"}},   {"chen", {"email", "inbox"}},
                 {"lead", {"email", "inbox"}}, {"chief", {"email"}}, {"spare", {"inbox"}}};
  return it;
}

}  // namespace

House const& house() {
  static House const it = build();
  return it;
}

}  // namespace tocsin::simulation
