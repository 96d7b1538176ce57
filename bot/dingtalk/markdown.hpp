// Plain text as DingTalk's Markdown: nothing in it can mention, link or format. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::dingtalk {

/// For `Reader::address`: `@name ` with an `@` that stays one. Foreign text can't hold the mark.
[[nodiscard]] std::string marked_address(std::string_view name);

/// Which renderer a client has is nowhere written, and they differ. So what would only look wrong (bold, code, lists,
/// headings) has the backslash that every Markdown knows, and copied text is what it was. What would do something
/// (links, pictures, HTML, mentions, a tap that sends a command) is replaced by its likes, which no parser takes for
/// it. Lines end in two blanks, paragraphs in an empty line. What no one sees goes; broken UTF-8 becomes U+FFFD.
[[nodiscard]] std::string markdown(std::string_view text);
/// The same without escapes: for titles, buttons and files.
[[nodiscard]] std::string unmarked(std::string_view text);
/// Each line of `text` as part of a quotation.
[[nodiscard]] std::string quoted(std::string_view text);
/// One line, bold; empty for an empty one.
[[nodiscard]] std::string bold(std::string_view text);
/// Text in one line: breaks become blanks.
[[nodiscard]] std::string one_line(std::string_view text);

/// A tap on it says `command` as whoever taps.
[[nodiscard]] std::string command_url(std::string_view command);
[[nodiscard]] std::string command_link(std::string_view label, std::string_view command);

/// Bytes inside a JSON text.
[[nodiscard]] std::size_t weight(std::string_view utf8) noexcept;

/// Markdown in pieces of at most `most` characters and `heaviest` bytes of JSON, parted between paragraphs or lines
/// where that is possible, never inside a character or an escape.
[[nodiscard]] std::vector<std::string> pieces(std::string_view markdown, std::size_t most,
                                              std::size_t heaviest = std::string_view::npos);

}  // namespace tocsin::dingtalk
