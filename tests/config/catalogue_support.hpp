// What the tests of the catalogue share: two nights, and the people in them.
#pragma once

#include <chrono>
#include <map>
#include <string>

#include "config/catalogue.hpp"

namespace tocsin::testing {

/// 2026-11-23, a Monday, in Asia/Shanghai (UTC+8, no daylight saving).
inline Instant at(int hour, int minute) {
  using namespace std::chrono;
  return sys_days{2026y / 11 / 23} + hours{hour - 8} + minutes{minute};
}

inline std::string name_of_person(PersonId const& id, Locale locale) {
  static std::map<std::string, std::array<std::string, 2>> const names{{"zhangsan", {"张三", "Zhang San"}},
                                                                       {"lilei", {"李雷", "Li Lei"}},
                                                                       {"wangfang", {"王芳", "Wang Fang"}},
                                                                       {"zhaomin", {"赵敏", "Zhao Min"}}};
  auto const found = names.find(id.value);
  return found == names.end() ? "" : found->second[static_cast<std::size_t>(locale)];
}

inline Reader reader(Locale locale, Medium medium = Medium::chat) {
  Reader made;
  made.locale = locale;
  made.now = at(3, 30);
  made.medium = medium;
  made.names = [locale](PersonId const& id) { return name_of_person(id, locale); };
  return made;
}

inline Catalogue const& shipped_catalogue() {
  static Catalogue const catalogue = Catalogue::shipped();
  return catalogue;
}

inline PersonId const zhang_san{"zhangsan"};
inline PersonId const li_lei{"lilei"};
inline PersonId const wang_fang{"wangfang"};
inline PersonId const zhao_min{"zhaomin"};

}  // namespace tocsin::testing
