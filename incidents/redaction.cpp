#include "incidents/redaction.hpp"

namespace tocsin {

bool redact(Notice& notice, Redactor const& redactor) {
  bool changed = false;
  for (auto& [name, arg] : notice.args) {
    if (auto* text = std::get_if<std::string>(&arg)) {
      if (!redactor.suspects(*text)) continue;
      auto clean = redactor.redact(*text);
      changed = changed || clean != *text;
      *text = std::move(clean);
    } else if (auto* list = std::get_if<std::vector<Notice>>(&arg)) {
      for (auto& each : *list) changed = redact(each, redactor) || changed;
    }
  }
  return changed;
}

std::optional<std::string> redacted_for_store(std::string_view text, Redactor const& redactor) {
  // Encoded or not: a text in which nothing is suspicious as a whole has nothing suspicious in a part.
  if (!redactor.suspects(text)) return std::nullopt;
  if (auto notice = decode_notice(text)) {
    if (!redact(*notice, redactor)) return std::nullopt;
    return encode(*notice);
  }
  if (auto notices = decode_notices(text)) {
    bool changed = false;
    for (auto& each : *notices) changed = redact(each, redactor) || changed;
    if (!changed) return std::nullopt;
    return encode(*notices);
  }
  return redactor.redact(text);
}

}  // namespace tocsin
