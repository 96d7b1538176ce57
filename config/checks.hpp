// What must hold between settings, once each of them is well formed. Used by the loader alone.
#pragma once

#include <string>
#include <vector>

#include "config/config.hpp"
#include "config/mistake.hpp"
#include "config/tree_reader.hpp"

namespace tocsin {

/// Collects mistakes by key path; the place in the file comes from the record of the reader.
class Complaints {
 public:
  Complaints(std::string const& file, Positions const& positions, std::vector<Mistake>& mistakes)
      : file_(file), positions_(positions), mistakes_(mistakes) {}

  void add(std::string path, Notice what);
  /// Was the key written in the file?
  [[nodiscard]] bool written(std::string const& path) const { return positions_.count(path) > 0; }
  /// Where, for "first given in line …"; 0: not written.
  [[nodiscard]] std::int64_t line_of(std::string const& path) const;

 private:
  std::string const& file_;
  Positions const& positions_;
  std::vector<Mistake>& mistakes_;
};

/// `prefix[index]`
[[nodiscard]] std::string at(std::string const& prefix, std::size_t index);

void check_people(Config const& config, Complaints& complaints);
void check_response(Config const& config, Complaints& complaints);
void check_stack(Config const& config, Complaints& complaints);
void check_settings(Config const& config, Complaints& complaints);
void check_actions(Config const& config, Complaints& complaints);

}  // namespace tocsin
