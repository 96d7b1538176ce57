#include "incidents/timeline.hpp"

#include <array>
#include <utility>

namespace tocsin {
namespace {

using enum EntryKind;
constexpr std::array<std::pair<EntryKind, std::string_view>, 30> kKindNames{{
    {opened, "opened"},       {acknowledged, "acknowledged"},
    {assigned, "assigned"},   {role, "role"},
    {severity, "severity"},   {note, "note"},
    {link, "link"},           {update, "update"},
    {paused, "paused"},       {resumed, "resumed"},
    {mitigated, "mitigated"}, {regressed, "regressed"},
    {resolved, "resolved"},   {reopened, "reopened"},
    {closed, "closed"},       {merged, "merged"},
    {undone, "undone"},       {false_alarm, "false_alarm"},
    {privacy, "privacy"},     {warning, "warning"},
    {lapse, "lapse"},         {page, "page"},
    {delivery, "delivery"},   {command, "command"},
    {output, "output"},       {approval, "approval"},
    {review, "review"},       {correction, "correction"},
    {todo, "todo"},           {health, "health"},
}};

}  // namespace

std::string_view name_of(EntryKind kind) noexcept {
  for (auto const& [candidate, name] : kKindNames) {
    if (candidate == kind) return name;
  }
  return "note";
}

std::optional<EntryKind> entry_kind_of(std::string_view name) noexcept {
  for (auto const& [kind, candidate] : kKindNames) {
    if (candidate == name) return kind;
  }
  return std::nullopt;
}

}  // namespace tocsin
