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

std::string redacted_for_store(std::string_view text, Redactor const& redactor) {
  // Encoded or not: a text in which nothing is suspicious as a whole has nothing suspicious in a part.
  if (!redactor.suspects(text)) return std::string(text);
  if (auto notice = decode_notice(text)) return redact(*notice, redactor) ? encode(*notice) : std::string(text);
  if (auto notices = decode_notices(text)) {
    bool changed = false;
    for (auto& each : *notices) changed = redact(each, redactor) || changed;
    return changed ? encode(*notices) : std::string(text);
  }
  return redactor.redact(text);
}

}  // namespace tocsin
