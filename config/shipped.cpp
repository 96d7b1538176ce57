// What the binary carries, in a library of its own: what packs it is built before it.
#include "config/catalogue.hpp"

namespace tocsin {

Catalogue Catalogue::shipped() {
  std::array<std::string_view, kLocales.size()> packed;
  for (auto const& file : embedded::messages()) {
    for (auto const locale : kLocales) {
      if (file.name == packed_name(locale)) packed[static_cast<std::size_t>(locale)] = file.text;
    }
  }
  return Catalogue(packed, nullptr);
}

}  // namespace tocsin
