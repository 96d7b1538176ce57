#include "config/template.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace tocsin {
namespace {

constexpr std::array kFormats{std::pair{std::string_view("clock"), HoleFormat::clock},
                              std::pair{std::string_view("date"), HoleFormat::date},
                              std::pair{std::string_view("full"), HoleFormat::full},
                              std::pair{std::string_view("colon"), HoleFormat::colon},
                              std::pair{std::string_view("long"), HoleFormat::spelled},
                              std::pair{std::string_view("mark"), HoleFormat::mark},
                              std::pair{std::string_view("percent"), HoleFormat::percent},
                              std::pair{std::string_view("bytes"), HoleFormat::bytes},
                              std::pair{std::string_view("lines"), HoleFormat::lines},
                              std::pair{std::string_view("comma"), HoleFormat::comma},
                              std::pair{std::string_view("pause"), HoleFormat::pause},
                              std::pair{std::string_view("semicolon"), HoleFormat::semicolon},
                              std::pair{std::string_view("and"), HoleFormat::all_of},
                              std::pair{std::string_view("or"), HoleFormat::any_of},
                              std::pair{std::string_view("word"), HoleFormat::word},
                              std::pair{std::string_view("fit"), HoleFormat::fit}};
constexpr std::size_t kMaxTemplateBytes = 4000;

bool is_name(std::string_view text) {
  return !text.empty() && text.front() >= 'a' && text.front() <= 'z' &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

Error wrong(std::string what) { return {Errc::invalid, std::move(what)}; }

Result<Hole> parse_hole(std::string_view text) {
  Hole hole;
  if (text == "@") {
    hole.address = true;
    return hole;
  }
  auto const bar = text.find('|');
  if (bar != std::string_view::npos) {
    auto const second = text.find('|', bar + 1);
    if (second == std::string_view::npos || text.find('|', second + 1) != std::string_view::npos)
      return wrong("a plural is written {n|one|many}");
    hole.plural = true;
    hole.one = text.substr(bar + 1, second - bar - 1);
    hole.many = text.substr(second + 1);
    text = text.substr(0, bar);
  } else if (auto const colon = text.find(':'); colon != std::string_view::npos) {
    auto const format = text.substr(colon + 1);
    auto const known =
        std::find_if(kFormats.begin(), kFormats.end(), [&](auto const& row) { return row.first == format; });
    if (known != kFormats.end()) {
      hole.format = known->second;
    } else if (!format.empty() && format.size() <= 3 &&
               format.find_first_not_of("0123456789") == std::string_view::npos && format != "0") {
      hole.format = HoleFormat::columns;
      hole.columns = static_cast<std::size_t>(std::stoul(std::string(format)));
    } else {
      return wrong("unknown format " + std::string(format));
    }
    text = text.substr(0, colon);
  }
  if (!is_name(text)) return wrong("not the name of an argument: " + std::string(text.substr(0, 40)));
  hole.argument = text;
  return hole;
}

Result<TemplateLine> parse_line(std::string_view text) {
  TemplateLine line;
  while (text.starts_with('?') || text.starts_with('!')) {
    auto& conditions = text.front() == '?' ? line.needs : line.refuses;
    auto const blank = text.find(' ');
    auto const name = text.substr(1, blank == std::string_view::npos ? blank : blank - 1);
    if (blank == std::string_view::npos || !is_name(name)) return wrong("a condition is ?name or !name and a blank");
    conditions.emplace_back(name);
    text.remove_prefix(blank + 1);
  }
  line.pieces.emplace_back();
  int fitted = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto& piece = line.pieces.back();
    bool const doubled = i + 1 < text.size() && text[i + 1] == text[i];
    if ((text[i] == '{' || text[i] == '}') && doubled) {
      piece.text += text[i++];
    } else if (text[i] == '{') {
      auto const close = text.find('}', i);
      if (close == std::string_view::npos) return wrong("{ without }");
      auto hole = parse_hole(text.substr(i + 1, close - i - 1));
      if (!hole) return hole.error();
      if (hole->format == HoleFormat::fit && ++fitted > 1) return wrong("more than one :fit in a line");
      piece.hole = std::move(*hole);
      line.pieces.emplace_back();
      i = close;
    } else if (text[i] == '}') {
      return wrong("} without {");
    } else {
      piece.text += text[i];
    }
  }
  return line;
}

}  // namespace

std::set<std::string> Template::arguments() const {
  std::set<std::string> names;
  for (auto const& line : lines) {
    names.insert(line.needs.begin(), line.needs.end());
    names.insert(line.refuses.begin(), line.refuses.end());
    for (auto const& piece : line.pieces) {
      if (!piece.hole.argument.empty()) names.insert(piece.hole.argument);
    }
  }
  return names;
}

Result<Template> parse_template(std::string_view text) {
  if (text.size() > kMaxTemplateBytes) return wrong("too long");
  while (text.ends_with('\n')) text.remove_suffix(1);  // a block scalar ends in one
  if (text.empty()) return wrong("empty");
  Template result;
  while (true) {
    auto const end = text.find('\n');
    auto line = parse_line(text.substr(0, end));
    if (!line) return line.error();
    result.lines.push_back(std::move(*line));
    if (end == std::string_view::npos) return result;
    text.remove_prefix(end + 1);
  }
}

}  // namespace tocsin
