// With sanitizers on, g++ 12 takes the move constructor inside std::regex for one that reads uninitialised memory
// (https://gcc.gnu.org/bugzilla/show_bug.cgi?id=105562).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

#include "config/forms.hpp"

#include <array>
#include <regex>
#include <string>

#include "incidents/duty.hpp"

namespace tocsin {
namespace {

struct FormRow {
  std::string_view pattern;
  std::string_view mistake;
};

// In the order of Form.
constexpr std::array kForms{
    FormRow{R"(^[^\x00-\x1f\x7f]+$)", "mistake.text"},
    FormRow{R"(^[A-Za-z][A-Za-z0-9_-]{0,39}$)", "mistake.word"},
    FormRow{R"(^[^\s\x00-\x1f\x7f]{1,60}$)", "mistake.alias"},
    FormRow{R"(^[A-Za-z][A-Za-z0-9_+/-]*$)", "mistake.zone"},
    FormRow{R"(^https?://[^/?#@\s]+([/?#]\S*)?$)", "mistake.url"},
    FormRow{R"(^(postgresql://([^:/?#@\s]+@)?[^/?#@\s]+(/[^?#\s]*)?|(?!.*://)[^\x00-\x1f\x7f]+)$)", "mistake.storage"},
    FormRow{R"(^[^\x00-\x1f\x7f]+$)", "mistake.path"},
    FormRow{R"(^(\./|/)([^\x00-\x1f\x7f]*[^/\x00-\x1f\x7f])$)", "mistake.program"},
    FormRow{R"(^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$)", "mistake.host"},
    FormRow{R"(^(\*\.)?[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$)", "mistake.host_pattern"},
    FormRow{R"(^[^\s@<>"(),:;\x00-\x1f]+@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$)", "mistake.email"},
    FormRow{R"(^\+[1-9][0-9]{6,14}$)", "mistake.phone"},
    FormRow{R"(^[0-9+][0-9 ()x+*-]{2,40}$)", "mistake.phone_text"},
    FormRow{R"(^[^\s\x00-\x1f\x7f]{1,100}$)", "mistake.identity"},
    FormRow{R"(^[A-Za-z_][A-Za-z0-9_]*\*?$)", "mistake.variable"},
    FormRow{R"(^--?[A-Za-z][A-Za-z0-9-]*=$)", "mistake.flag_prefix"},
};
static_assert(kForms.size() == static_cast<std::size_t>(Form::flag_prefix) + 1);

FormRow const& row_of(Form form) { return kForms[static_cast<std::size_t>(form)]; }

std::regex const& compiled(Form form) {
  static auto const all = [] {
    std::array<std::regex, kForms.size()> made;
    for (std::size_t i = 0; i < made.size(); ++i)
      made[i] = std::regex(std::string(kForms[i].pattern), std::regex::optimize);
    return made;
  }();
  return all[static_cast<std::size_t>(form)];
}

}  // namespace

std::string_view pattern_of(Form form) noexcept { return row_of(form).pattern; }
std::string_view mistake_of(Form form) noexcept { return row_of(form).mistake; }

bool fits(Form form, std::string_view text) {
  if (text.size() > kLongestTextBytes) return false;
  if (!std::regex_match(text.begin(), text.end(), compiled(form))) return false;
  return form != Form::locale_zone || known_zone(std::string(text));
}

}  // namespace tocsin
