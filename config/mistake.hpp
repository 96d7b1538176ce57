// What is wrong with a file, where, and what was expected instead.
#pragma once

#include <string>

#include "incidents/notice.hpp"

namespace tocsin {

/// `what` is a key of the catalogue (`mistake.…`) with its arguments. It never holds a secret, nor anything that was
/// written where one belongs.
struct Mistake {
  std::string file;  ///< as handed to the loader
  int line = 0;      ///< from 1; 0: the file as a whole
  int column = 0;    ///< in characters, from 1
  std::string path;  ///< of the key, e.g. `people[2].identities.email`; empty: the file as a whole
  Notice what;
  friend bool operator==(Mistake const&, Mistake const&) = default;
};

}  // namespace tocsin
