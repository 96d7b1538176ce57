// The answers to a line that does not fit its command, as notices of `parse.*`.
#pragma once

#include <string>
#include <string_view>

#include "commands/binder.hpp"

namespace tocsin {

/// Foreign text is quoted no longer than this.
inline constexpr std::size_t kQuotedColumns = 40;

class Refusals {
 public:
  explicit Refusals(BindRequest const& request) : request_(request) {}

  /// A required parameter has no value.
  [[nodiscard]] Refused missing(Parameter const& parameter) const;
  /// [at, end) of the line is no value of the parameter; near ones are offered.
  [[nodiscard]] Refused wrong(Parameter const& parameter, std::size_t at, std::size_t end) const;
  [[nodiscard]] Refused out_of_range(Parameter const& parameter, ArgValue const& value) const;
  [[nodiscard]] Refused too_long(Parameter const& parameter, std::size_t characters) const;
  [[nodiscard]] Refused too_many(std::size_t at) const;
  [[nodiscard]] Refused too_many_values(Parameter const& parameter) const;
  [[nodiscard]] Refused twice(Parameter const& parameter, std::size_t at, std::size_t end) const;
  [[nodiscard]] Refused together(Parameter const& first, Parameter const& second) const;
  [[nodiscard]] Refused open_quote(std::size_t at) const;
  [[nodiscard]] Refused glued(std::size_t at) const;
  [[nodiscard]] Refused unknown_flag(std::string_view flag) const;
  [[nodiscard]] Refused flag_needs_value(Parameter const& parameter) const;
  [[nodiscard]] Refused flag_takes_no_value(Parameter const& parameter, std::size_t at, std::size_t end) const;

 private:
  [[nodiscard]] Refused refuse(Notice notice) const { return Refused{std::move(notice), &request_.command, {}}; }
  [[nodiscard]] std::string quoted(std::size_t at, std::size_t end) const;
  [[nodiscard]] std::string word() const;
  [[nodiscard]] std::string label(Parameter const& parameter) const;
  [[nodiscard]] std::string usage() const;
  [[nodiscard]] std::string example() const;
  [[nodiscard]] std::vector<Notice> expected(Parameter const& parameter) const;
  [[nodiscard]] std::vector<std::string> near_values(Parameter const& parameter, std::string_view typed) const;

  BindRequest const& request_;
};

}  // namespace tocsin
