// The tables of typed lines beside this file, for whoever feeds them to something.
#pragma once

#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "commands/utf8.hpp"

namespace tocsin::sample {

inline int hex_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return utf8::lower(c) - 'a' + 10;
}

inline std::string unescaped(std::string const& cell) {
  std::string out;
  for (std::size_t i = 0; i < cell.size(); ++i) {
    if (cell[i] != '\\') {
      out += cell[i];
      continue;
    }
    switch (cell.at(++i)) {
      case 'n':
        out += '\n';
        break;
      case 'r':
        out += '\r';
        break;
      case 't':
        out += '\t';
        break;
      case 'x':
        out += static_cast<char>(hex_of(cell.at(i + 1)) * 16 + hex_of(cell.at(i + 2)));
        i += 2;
        break;
      case 'u': {
        char32_t code = 0;
        for (i += 2; cell.at(i) != '}'; ++i) code = code * 16 + static_cast<char32_t>(hex_of(cell[i]));
        utf8::append(out, code);
        break;
      }
      default:
        out += cell[i];
    }
  }
  return out;
}

/// The rows of a data file: cells divided by tabs; `#` begins a comment line; \n \r \t \\ \xHH and \u{HEX} are undone.
inline std::vector<std::vector<std::string>> read_cases(std::string const& file) {
  std::ifstream in(std::string(TOCSIN_SOURCE_DIR) + "/tests/commands/" + file);
  if (!in) throw std::runtime_error("cannot read " + file);
  std::vector<std::vector<std::string>> out;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.starts_with("# ")) continue;
    auto& cells = out.emplace_back();
    for (std::size_t at = 0; at <= line.size();) {
      auto const end = std::min(line.find('\t', at), line.size());
      cells.push_back(unescaped(line.substr(at, end - at)));
      at = end + 1;
    }
  }
  return out;
}

}  // namespace tocsin::sample
