// Plain text as Slack's mrkdwn: nothing in it can mention, link or format; instants become Slack's dates. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "incidents/base/time.hpp"

namespace tocsin::slack {

/// UTF-16 code units: whether Slack counts these or code points is not documented, and these are never fewer.
[[nodiscard]] std::size_t units(std::string_view utf8) noexcept;
/// The longest beginning of at most `most` units that ends between characters.
[[nodiscard]] std::string_view first_units(std::string_view utf8, std::size_t most) noexcept;
/// The same of the end.
[[nodiscard]] std::string_view last_units(std::string_view utf8, std::size_t most) noexcept;

/// For `Reader::instants`: the words between marks that take no room and that foreign text can't hold, to be turned
/// into a date by `mrkdwn`.
[[nodiscard]] std::string marked_instant(Instant at, std::string const& plain);
/// A member of Slack, to be mentioned.
[[nodiscard]] std::string marked_member(std::string_view id);

/// `&`, `<`, `>` are written as entities; signs that would begin bold, italic, struck or code text and quotes at the
/// front of a line are replaced by their likes: Slack has no escape for them. Marked instants become
/// `<!date^…|words>`, marked members `<@…>`. Broken UTF-8 becomes U+FFFD.
[[nodiscard]] std::string mrkdwn(std::string_view text);
/// The same without dates and marks: for what is shown on a locked screen or by a screen reader.
[[nodiscard]] std::string unmarked(std::string_view text);

/// Lines of fixed width between fences; what is between can't end them.
[[nodiscard]] std::string fenced(std::string_view text);

/// Mrkdwn in pieces of at most `most` units, parted between lines where that is possible, never inside an entity or a
/// `<…>`.
[[nodiscard]] std::vector<std::string> pieces(std::string_view mrkdwn, std::size_t most);

}  // namespace tocsin::slack
