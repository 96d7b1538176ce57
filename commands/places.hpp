// Which parameters of a row still wait for a value. Used by the binder only.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "commands/arguments.hpp"

namespace tocsin {

/// The parameters of the row and what they have got so far.
class Places {
 public:
  explicit Places(Command const& command)
      : parameters_(command.parameters), arguments_(command.parameters), counts_(command.parameters.size(), 0) {}

  [[nodiscard]] std::size_t size() const { return parameters_.size(); }
  [[nodiscard]] Parameter const& operator[](std::size_t index) const { return parameters_[index]; }
  [[nodiscard]] std::size_t count(std::size_t index) const { return counts_[index]; }

  void put(std::size_t index, ArgValue value) {
    ++counts_[index];
    arguments_.put(parameters_[index].name, std::move(value));
  }

  /// By its place in the line, and not counting free text.
  [[nodiscard]] bool takes_more(std::size_t index) const {
    auto const& parameter = parameters_[index];
    if (parameter.named_only || parameter.type == ParamType::flag || parameter.type == ParamType::text) return false;
    return counts_[index] == 0 || parameter.repeated;
  }

  [[nodiscard]] std::optional<std::size_t> open_text() const {
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      if (parameters_[i].type == ParamType::text && !parameters_[i].named_only && counts_[i] == 0) return i;
    }
    return {};
  }

  template <class Test>
  [[nodiscard]] std::optional<std::size_t> first_open(Test test) const {
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      if (counts_[i] == 0 && takes_more(i) && test(parameters_[i])) return i;
    }
    return {};
  }

  [[nodiscard]] std::optional<std::size_t> index_of(ParamType type) const {
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      if (parameters_[i].type == type) return i;
    }
    return {};
  }

  [[nodiscard]] Arguments take() { return std::move(arguments_); }

 private:
  std::vector<Parameter> const& parameters_;
  Arguments arguments_;
  std::vector<std::size_t> counts_;  // values of each parameter
};

}  // namespace tocsin
