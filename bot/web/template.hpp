// The few pages that are made on the server: they work without JavaScript.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tocsin::web_pages {

/// `<!--if a b-->…<!--end-->` stays when every word is in `flags`; `{{name}}` becomes its value, HTML-escaped; an
/// unknown name becomes nothing. Sections do not nest.
[[nodiscard]] std::string fill(std::string_view text, std::set<std::string, std::less<>> const& flags,
                               std::vector<std::pair<std::string, std::string>> const& values);

[[nodiscard]] std::string html_escaped(std::string_view text);

}  // namespace tocsin::web_pages
