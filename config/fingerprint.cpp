#include "config/fingerprint.hpp"

#include "config/detail/setting_writer.hpp"

namespace tocsin {

std::string fingerprint(ActionSpec const& action) {
  SettingWriter writer;
  return SettingWriter::group(action, writer).dump();
}

}  // namespace tocsin
