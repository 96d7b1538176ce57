#include "config/actions.hpp"

#include "config/forms.hpp"

namespace tocsin {
namespace {

/// A text with its doubled braces undone, and the names in single braces. None: braces that do not pair.
struct Pieces {
  std::vector<std::string> literals{""};  ///< one more than there are parameters: before, between, after
  std::vector<std::string> parameters;
};

std::optional<Pieces> split(std::string_view text) {
  Pieces pieces;
  for (std::size_t i = 0; i < text.size(); ++i) {
    bool const doubled = i + 1 < text.size() && text[i + 1] == text[i];
    if ((text[i] == '{' || text[i] == '}') && doubled) {
      pieces.literals.back() += text[i++];
    } else if (text[i] == '{') {
      auto const close = text.find('}', i);
      if (close == std::string_view::npos) return std::nullopt;
      auto const name = text.substr(i + 1, close - i - 1);
      if (!fits(Form::word, name)) return std::nullopt;
      pieces.parameters.emplace_back(name);
      pieces.literals.emplace_back();
      i = close;
    } else if (text[i] == '}') {
      return std::nullopt;
    } else {
      pieces.literals.back() += text[i];
    }
  }
  return pieces;
}

}  // namespace

std::optional<Argument> parse_argument(std::string_view text) {
  auto pieces = split(text);
  if (!pieces || text.find('\0') != std::string_view::npos) return std::nullopt;
  if (pieces->parameters.empty()) return Argument{std::move(pieces->literals.front()), {}};
  if (pieces->parameters.size() > 1 || !pieces->literals.back().empty()) return std::nullopt;
  return Argument{std::move(pieces->literals.front()), std::move(pieces->parameters.front())};
}

std::string print(Argument const& argument) {
  std::string text;
  for (char const c : argument.literal) text.append(c == '{' || c == '}' ? 2 : 1, c);
  if (!argument.parameter.empty()) text += '{' + argument.parameter + '}';
  return text;
}

std::optional<std::vector<std::string>> parameters_in(std::string_view text) {
  auto pieces = split(text);
  if (!pieces) return std::nullopt;
  return std::move(pieces->parameters);
}

ActionParameter const* ActionSpec::parameter(std::string_view wanted) const noexcept {
  for (auto const& each : parameters) {
    if (each.name == wanted) return &each;
  }
  return nullptr;
}

}  // namespace tocsin
