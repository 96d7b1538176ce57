// A message in plain text: for the terminal, for `tocsin say`, for e-mail bodies.
#pragma once

#include <string>

#include "bot/setup.hpp"
#include "commands/message.hpp"

namespace tocsin {

struct PlainStyle {
  bool colour = false;
  bool buttons = true;          ///< print what can be sent
  std::size_t code_lines = 40;  ///< longer output shows its last lines
};

/// Ends with a line break unless it is empty.
[[nodiscard]] std::string render_plain(Message const& message, Setup const& setup, Reader const& reader,
                                       PlainStyle style = {});

/// The mark of a verdict and a blank; empty for none.
[[nodiscard]] std::string mark_of(Verdict verdict);

/// One cell of a table in words.
[[nodiscard]] std::string render_cell(Arg const& cell, Catalogue const& catalogue, Reader const& reader);

}  // namespace tocsin
