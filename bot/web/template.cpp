#include "bot/web/template.hpp"

#include <algorithm>

namespace tocsin::web_pages {
namespace {

constexpr std::string_view kIf = "<!--if ";
constexpr std::string_view kEnd = "<!--end-->";

bool all_set(std::string_view words, std::set<std::string, std::less<>> const& flags) {
  while (!words.empty()) {
    auto const end = words.find(' ');
    if (!flags.contains(words.substr(0, end))) return false;
    words.remove_prefix(end == std::string_view::npos ? words.size() : end + 1);
  }
  return true;
}

void put_values(std::string& out, std::string_view text,
                std::vector<std::pair<std::string, std::string>> const& values) {
  while (!text.empty()) {
    auto const open = text.find("{{");
    auto const close = open == std::string_view::npos ? open : text.find("}}", open);
    if (close == std::string_view::npos) break;
    out += text.substr(0, open);
    auto const name = text.substr(open + 2, close - open - 2);
    auto const found = std::find_if(values.begin(), values.end(), [&](auto const& each) { return each.first == name; });
    if (found != values.end()) out += html_escaped(found->second);
    text.remove_prefix(close + 2);
  }
  out += text;
}

}  // namespace

std::string fill(std::string_view text, std::set<std::string, std::less<>> const& flags,
                 std::vector<std::pair<std::string, std::string>> const& values) {
  std::string out;
  while (true) {
    auto const begin = text.find(kIf);
    put_values(out, text.substr(0, begin), values);
    if (begin == std::string_view::npos) return out;
    text.remove_prefix(begin + kIf.size());
    auto const head = text.find("-->");
    auto const end = text.find(kEnd);
    if (head == std::string_view::npos || end == std::string_view::npos) return out;
    if (all_set(text.substr(0, head), flags)) put_values(out, text.substr(head + 3, end - head - 3), values);
    text.remove_prefix(end + kEnd.size());
  }
}

std::string html_escaped(std::string_view text) {
  std::string out;
  for (char const c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace tocsin::web_pages
