#include "config/yaml_tree.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>
#include <string>

#include "config/text.hpp"

namespace tocsin::yaml {
namespace {

/// Where something stands; counted in characters, as editors do, while the library counts bytes.
class Places {
 public:
  explicit Places(std::string_view text) : text_(text) {
    starts_.push_back(0);
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') starts_.push_back(i + 1);
    }
  }

  [[nodiscard]] std::size_t lines() const { return starts_.size(); }

  [[nodiscard]] std::string_view line(std::size_t number) const {
    auto const start = starts_[number];
    auto const end = number + 1 < starts_.size() ? starts_[number + 1] - 1 : text_.size();
    return text_.substr(start, end - start);
  }

  /// From a 0-based line and byte column.
  [[nodiscard]] std::pair<int, int> at(int line_number, int byte_column) const {
    auto const number = std::min(static_cast<std::size_t>(std::max(line_number, 0)), starts_.size() - 1);
    auto const byte = static_cast<std::size_t>(std::max(byte_column, 0));
    // Most questions move on along one line; a file may be one line of a mebibyte, which must not be counted anew.
    if (number != counted_.line || byte < counted_.byte) counted_ = {number, 0, 0};
    auto between = line(number);
    between.remove_prefix(std::min(counted_.byte, between.size()));
    auto const wanted = std::min(byte - counted_.byte, between.size());
    auto rest = between;
    while (between.size() - rest.size() < wanted) {
      static_cast<void>(take_character(rest));
      ++counted_.characters;
    }
    counted_.byte += between.size() - rest.size();
    return {static_cast<int>(number) + 1, counted_.characters + 1};
  }

  [[nodiscard]] std::pair<int, int> at_byte(std::size_t byte) const {
    auto const next = std::upper_bound(starts_.begin(), starts_.end(), byte);
    auto const number = static_cast<std::size_t>(next - starts_.begin()) - 1;
    return at(static_cast<int>(number), static_cast<int>(byte - starts_[number]));
  }

  /// The byte of a 0-based line and byte column.
  [[nodiscard]] std::size_t byte_of(YAML::Mark const& mark) const {
    auto const number = std::min(static_cast<std::size_t>(std::max(mark.line, 0)), starts_.size() - 1);
    return std::min(starts_[number] + static_cast<std::size_t>(std::max(mark.column, 0)), text_.size());
  }

  [[nodiscard]] std::string_view text() const { return text_; }

 private:
  struct Counted {
    std::size_t line = 0;
    std::size_t byte = 0;
    int characters = 0;
  };
  std::string_view text_;
  std::vector<std::size_t> starts_;
  mutable Counted counted_;  ///< how far the characters of a line have been counted
};

/// A long text counts as several nodes, so that aliases can't multiply it without bound.
std::size_t weight_of(std::string_view text) { return 1 + text.size() / 256; }

/// Without what the library quotes from the file after a colon: it might be a secret.
std::string fixed_part(std::string const& message) { return message.substr(0, message.find(':')); }

/// Ends the parse at once: a bound was passed, or what follows can't mean anything.
struct Stop {};

/// The library accepts a quoted text that the end of the file cuts off.
bool closes(std::string_view text, std::size_t start) {
  char const quote = text[start];
  for (std::size_t i = start + 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      if (quote == '\'' && i + 1 < text.size() && text[i + 1] == '\'') {
        ++i;
      } else {
        return true;
      }
    }
  }
  return false;
}

class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(Places const& places, std::string const& file) : places_(places), file_(file) {}

  std::vector<Mistake> mistakes;
  std::optional<Node> root;

  void complain(YAML::Mark const& mark, Notice what) {
    auto const [line, column] = places_.at(mark.line, mark.column);
    mistakes.push_back({file_, line, column, path(), std::move(what)});
  }

  void OnDocumentStart(YAML::Mark const& mark) override {
    if (++documents_ == 2) {
      complain(mark, Notice("mistake.second_document"));
      throw Stop{};
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(YAML::Mark const& mark, YAML::anchor_t anchor) override { leaf(node(Node::Kind::null, mark), anchor); }

  void OnScalar(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor,
                std::string const& value) override {
    check_tag(mark, tag);
    auto const at = places_.byte_of(mark);
    if (at < places_.text().size() && (places_.text()[at] == '"' || places_.text()[at] == '\'') &&
        !closes(places_.text(), at)) {
      complain(mark, Notice("mistake.unclosed_quote"));
      throw Stop{};
    }
    auto made = node(Node::Kind::scalar, mark);
    made.text = value;
    count(mark, weight_of(value) - 1);
    leaf(std::move(made), anchor);
  }

  void OnAlias(YAML::Mark const& mark, YAML::anchor_t anchor) override {
    auto const found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      complain(mark, Notice("mistake.alias_cycle"));  // only an anchor that is still open is missing here
      throw Stop{};
    }
    count(mark, found->second.size);
    if (static_cast<int>(open_.size()) + found->second.depth > kMaxDepth) too_deep(mark);
    auto copy = found->second.node;
    auto const [line, column] = places_.at(mark.line, mark.column);
    copy.line = line;
    copy.column = column;
    add(std::move(copy), found->second.size, found->second.depth);
  }

  void OnSequenceStart(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
    begin(node(Node::Kind::list, mark), anchor, mark);
  }
  void OnSequenceEnd() override { end(); }
  void OnMapStart(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
    begin(node(Node::Kind::map, mark), anchor, mark);
  }
  void OnMapEnd() override { end(); }

 private:
  struct Open {
    Node node;
    YAML::anchor_t anchor = 0;
    std::optional<Entry> entry;  ///< a map's key that waits for its value
    std::map<std::string, int> key_lines;
    std::size_t size = 1;  ///< weight of everything below and including this one
    int depth = 1;
  };
  struct Anchored {
    Node node;
    std::size_t size;
    int depth;
  };

  Node node(Node::Kind kind, YAML::Mark const& mark) {
    count(mark, 1);
    Node made;
    made.kind = kind;
    std::tie(made.line, made.column) = places_.at(mark.line, mark.column);
    return made;
  }

  void count(YAML::Mark const& mark, std::size_t more) {
    nodes_ += more;
    if (nodes_ <= kMaxNodes) return;
    complain(mark, Notice("mistake.too_many_nodes").with("limit", std::int64_t{kMaxNodes}));
    throw Stop{};
  }

  void too_deep(YAML::Mark const& mark) {
    complain(mark, Notice("mistake.too_deep").with("limit", std::int64_t{kMaxDepth}));
    throw Stop{};
  }

  void check_tag(YAML::Mark const& mark, std::string const& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    complain(mark, Notice("mistake.tag"));
  }

  void leaf(Node made, YAML::anchor_t anchor) {
    auto const weight = weight_of(made.text);
    if (anchor != 0) anchors_.insert_or_assign(anchor, Anchored{made, weight, 1});
    add(std::move(made), weight, 1);
  }

  void begin(Node made, YAML::anchor_t anchor, YAML::Mark const& mark) {
    if (!open_.empty() && open_.back().node.kind == Node::Kind::map && !open_.back().entry) {
      complain(mark, Notice("mistake.complex_key"));
      throw Stop{};
    }
    if (static_cast<int>(open_.size()) >= kMaxDepth) too_deep(mark);
    open_.push_back(Open{std::move(made), anchor, std::nullopt, {}, 1, 1});
  }

  void end() {
    auto done = std::move(open_.back());
    open_.pop_back();
    if (done.anchor != 0) anchors_.insert_or_assign(done.anchor, Anchored{done.node, done.size, done.depth});
    add(std::move(done.node), done.size, done.depth);
  }

  void add(Node made, std::size_t size, int depth) {
    if (open_.empty()) {
      root = std::move(made);
      return;
    }
    auto& into = open_.back();
    into.size += size;
    into.depth = std::max(into.depth, depth + 1);
    if (into.node.kind == Node::Kind::list) {
      into.node.items.push_back(std::move(made));
    } else if (!into.entry) {
      add_key(into, std::move(made));
    } else {
      if (made.kind == Node::Kind::null) {  // the library only notices at the next token, lines later
        made.line = into.entry->line;
        made.column = into.entry->column;
      }
      into.entry->value = std::move(made);
      into.node.entries.push_back(std::move(*into.entry));
      into.entry.reset();
    }
  }

  void add_key(Open& into, Node made) {
    into.entry = Entry{made.text, made.line, made.column, {}};
    if (made.kind != Node::Kind::scalar) {
      mistakes.push_back({file_, made.line, made.column, path(), Notice("mistake.complex_key")});
      throw Stop{};
    }
    auto const [first, is_new] = into.key_lines.emplace(made.text, made.line);
    if (!is_new)
      mistakes.push_back({file_, made.line, made.column, path(),
                          Notice("mistake.duplicate_key").with("line", std::int64_t{first->second})});
  }

  [[nodiscard]] std::string path() const {
    std::string text;
    for (auto const& open : open_) {
      if (open.node.kind == Node::Kind::list) {
        text += '[' + std::to_string(open.node.items.size()) + ']';
      } else if (open.entry) {
        text += (text.empty() ? "" : ".") + harmless(open.entry->key, 60);
      }
    }
    return text;
  }

  Places const& places_;
  std::string const& file_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  std::size_t nodes_ = 0;
  int documents_ = 0;
};

/// What must be true of the bytes before the library sees them; all of it at once.
std::vector<Mistake> unfit_bytes(Places const& places, std::string const& file) {
  std::vector<Mistake> mistakes;
  auto const complain = [&](std::pair<int, int> at, char const* key) {
    mistakes.push_back({file, at.first, at.second, "", Notice(key)});
  };
  auto const text = places.text();
  if (auto const byte = first_invalid_utf8(text)) {
    complain(places.at_byte(*byte), "mistake.not_utf8");
    return mistakes;
  }
  for (std::size_t number = 0; number < places.lines(); ++number) {
    auto const line = places.line(number);
    auto const start = line.find_first_not_of(" \t");
    auto const tab = line.find('\t');
    if (tab != std::string_view::npos && start != std::string_view::npos && tab < start)
      complain(places.at(static_cast<int>(number), static_cast<int>(tab)), "mistake.tab");
    auto const control = std::find_if(line.begin(), line.end(), [](char c) {
      return (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\r') || c == 0x7F;
    });
    if (control != line.end())
      complain(places.at(static_cast<int>(number), static_cast<int>(control - line.begin())), "mistake.control");
    if (mistakes.size() >= 20) break;
  }
  return mistakes;
}

}  // namespace

Node const* Node::find(std::string_view key) const noexcept {
  for (auto const& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

std::variant<Node, std::vector<Mistake>> parse(std::string_view text, std::string const& file) {
  if (text.size() > kMaxFileBytes)
    return std::vector{Mistake{file, 0, 0, "", Notice("mistake.too_large").with("limit", std::int64_t{kMaxFileBytes})}};
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  Places const places(text);
  if (auto mistakes = unfit_bytes(places, file); !mistakes.empty()) return mistakes;

  TreeBuilder builder(places, file);
  try {
    std::istringstream in{std::string(text)};
    YAML::Parser parser(in);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (Stop const&) {
  } catch (YAML::Exception const& error) {
    builder.complain(error.mark, Notice("mistake.syntax").with("detail", fixed_part(error.msg)));
  }
  if (!builder.mistakes.empty()) return std::move(builder.mistakes);
  if (!builder.root || builder.root->kind == Node::Kind::null)
    return std::vector{Mistake{file, 0, 0, "", Notice("mistake.empty_file")}};
  return std::move(*builder.root);
}

}  // namespace tocsin::yaml
