#include "bot/render.hpp"

#include <algorithm>

#include "config/text.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kLineColumns = 80;
constexpr std::string_view kReset = "\033[0m";
constexpr std::string_view kDim = "\033[2m";
constexpr std::string_view kBold = "\033[1m";

std::string padded(std::string text, std::size_t columns_wanted) {
  auto const have = columns(text);
  if (have < columns_wanted) text.append(columns_wanted - have, ' ');
  return text;
}

class Rendering {
 public:
  Rendering(Setup const& setup, Reader const& reader, PlainStyle style)
      : setup_(setup), reader_(reader), style_(style) {}

  void operator()(Say const& block) { lines(setup_.catalogue->render(block.notice, reader_)); }

  void operator()(Code const& block) {
    std::vector<std::string_view> all;
    std::string_view rest = block.text;
    while (!rest.empty()) {
      auto const end = rest.find('\n');
      all.push_back(rest.substr(0, end));
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    auto const skipped = all.size() > style_.code_lines ? all.size() - style_.code_lines : 0;
    if (skipped > 0) {
      lines(setup_.catalogue->render(Notice("output.skipped").with("lines", static_cast<std::int64_t>(skipped)),
                                     reader_));
    }
    for (std::size_t i = skipped; i < all.size(); ++i) {
      out_ += style_.colour ? kDim : std::string_view{};
      out_ += "  ";
      out_ += all[i];
      out_ += style_.colour ? kReset : std::string_view{};
      out_ += '\n';
    }
  }

  void operator()(Table const& block) {
    std::vector<std::vector<std::string>> cells;
    std::vector<std::string> heads;
    for (auto const& head : block.heads) heads.push_back(setup_.catalogue->render(head, reader_));
    // Without heads the first line would be an empty one.
    std::size_t const above = heads.empty() ? 0 : 1;
    if (above > 0) cells.push_back(std::move(heads));
    bool const marked =
        std::any_of(block.rows.begin(), block.rows.end(), [](auto const& row) { return row.verdict != Verdict::none; });
    for (auto const& row : block.rows) {
      std::vector<std::string> line;
      for (auto const& cell : row.cells) line.push_back(render_cell(cell, *setup_.catalogue, reader_));
      cells.push_back(std::move(line));
    }
    std::vector<std::size_t> widths;
    for (auto const& line : cells) {
      widths.resize(std::max(widths.size(), line.size()), 0);
      for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], columns(line[i]));
    }
    for (std::size_t i = 0; i < cells.size(); ++i) {
      std::string line;
      if (marked) line = i < above ? "   " : padded(mark_of(block.rows[i - above].verdict), 3);
      for (std::size_t j = 0; j < cells[i].size(); ++j) {
        line += j + 1 == cells[i].size() ? cells[i][j] : padded(cells[i][j], widths[j]) + "  ";
      }
      while (line.ends_with(' ')) line.pop_back();
      if (i < above && style_.colour) line = std::string(kBold) + line + std::string(kReset);
      out_ += line + '\n';
    }
  }

  void operator()(Fields const& block) {
    for (auto const& field : block.fields) {
      lines(setup_.catalogue->render(Notice("field").with("label", std::vector{field.label}).with("value", field.value),
                                     reader_));
    }
  }

  void operator()(Buttons const& block) {
    if (!style_.buttons) return;
    std::vector<std::string> each;
    std::size_t together = 0;
    for (auto const& button : block.buttons) {
      each.push_back("[" + setup_.catalogue->render(button.label, reader_) + "] " + button.command);
      together += columns(each.back()) + 2;
    }
    // Side by side where they fit, else one below the other.
    std::string_view const between = together <= kLineColumns ? "  " : "\n";
    std::string text;
    for (auto const& button : each) text.append(text.empty() ? "" : between).append(button);
    if (style_.colour && !text.empty()) text = std::string(kDim) + text + std::string(kReset);
    if (!text.empty()) out_ += text + '\n';
  }

  void operator()(Progress const& block) {
    auto text = setup_.catalogue->render(block.notice, reader_);
    if (block.total > 0) text += " " + std::to_string(block.done) + "/" + std::to_string(block.total);
    lines(text);
  }

  void operator()(File const& block) {
    // Only text belongs on a terminal.
    bool const readable = block.media_type.starts_with("text/") && !block.bytes.empty();
    out_ += readable ? block.bytes : block.name + '\n';
  }

  void operator()(Picture const& block) {
    lines(setup_.catalogue->render(Notice("picture").with("shows", std::vector{block.shows}).with("name", block.name),
                                   reader_));
  }

  std::string finish() && {
    if (!out_.empty() && !out_.ends_with('\n')) out_ += '\n';
    return std::move(out_);
  }

 private:
  void lines(std::string const& text) {
    out_ += text;
    if (!out_.ends_with('\n')) out_ += '\n';
  }

  Setup const& setup_;
  Reader const& reader_;
  PlainStyle style_;
  std::string out_;
};

}  // namespace

std::string mark_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::none:
      return "";
    case Verdict::good:
      return "✅ ";
    case Verdict::warning:
      return "⚠️ ";
    case Verdict::bad:
      return "❌ ";
    case Verdict::unknown:
      return "❔ ";
  }
  return "";
}

std::string render_cell(Arg const& cell, Catalogue const& catalogue, Reader const& reader) {
  // The catalogue alone knows how each type reads; "cell" is the text that holds nothing but its value.
  return catalogue.render(Notice("cell").with("value", cell), reader);
}

std::string render_plain(Message const& message, Setup const& setup, Reader const& reader, PlainStyle style) {
  Rendering rendering(setup, reader, style);
  for (auto const& block : message.blocks) std::visit(rendering, block);
  // Whoever made the message, it has been redacted before; this is the last door.
  return setup.redactor->redact(std::move(rendering).finish());
}

}  // namespace tocsin
