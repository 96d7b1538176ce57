// The visitor that turns settings back into what a file would hold. Used by print, difference and schema alone.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "config/config.hpp"

namespace tocsin {

using Json = nlohmann::ordered_json;

inline Json written(bool value) { return value; }
inline Json written(std::int64_t value) { return value; }
inline Json written(std::uint16_t value) { return value; }
inline Json written(std::string const& value) { return value; }
inline Json written(Credential const& value) { return value.source; }
inline Json written(PersonId const& value) { return value.value; }
inline Json written(Recipient const& value) { return value.name; }
inline Json written(StepInstant const& value) {
  return std::to_string(value.percent) + "% of " + std::string(name_of(value.of));
}
template <class T>
requires requires(T const& value) {
  { print(value) } -> std::same_as<std::string>;
}
Json written(T const& value) { return print(value); }
template <Named E>
Json written(E value) {
  return std::string(name_of(value));
}

template <class T>
concept Scalar = requires(T const& value) {
  written(value);
};

class SettingWriter {
 public:
  template <class T>
  static Json group(T const& settings, SettingWriter& writer) {
    auto* const before = std::exchange(writer.group_, nullptr);
    auto object = Json::object();
    writer.group_ = &object;
    // `describe` serves readers too, so it takes a mutable reference; this visitor only reads through it.
    describe(writer, const_cast<T&>(settings));
    writer.group_ = before;
    return object;
  }

  std::set<std::string> restart;             ///< paths whose change needs a restart
  std::set<std::string> sensitive;           ///< paths whose values are not shown
  std::vector<std::string> sensitive_texts;  ///< those values, where they are texts
  std::map<std::string, Credential> credentials;

  template <class T>
  void key(std::string_view name, T& member, std::string_view, Rule const& rule = {}) {
    auto const length = enter("." + std::string(name));
    if (rule.restart) restart.insert(path_);
    if (rule.sensitive) sensitive.insert(path_);
    if constexpr (std::is_same_v<T, std::string>) {
      if (rule.sensitive && !member.empty()) sensitive_texts.push_back(member);
    }
    auto made = value(member, rule);
    if (!made.is_null()) (*group_)[std::string(name)] = std::move(made);
    path_.resize(length);
  }

 private:
  std::size_t enter(std::string const& step) {
    auto const length = path_.size();
    path_ += path_.empty() ? step.substr(1) : step;
    return length;
  }

  template <Scalar T>
  Json value(T const& member, Rule const&) {
    auto made = written(member);
    if (made.is_string() && made.template get_ref<std::string const&>().empty()) return nullptr;
    return made;
  }

  Json value(Credential const& member, Rule const&) {
    if (!member.given()) return nullptr;
    credentials.emplace(path_, member);
    return member.source;
  }

  Json value(Localized const& text, Rule const&) {
    if (text.empty()) return nullptr;
    if (text.texts[0] == text.texts[1]) return text.texts[0];
    auto object = Json::object();
    for (auto const locale : kLocales) {
      auto const& each = text.texts[static_cast<std::size_t>(locale)];
      if (!each.empty()) object[std::string(name_of(locale))] = each;
    }
    return object;
  }

  template <class T>
  Json value(std::optional<T> const& member, Rule const& rule) {
    if (!member) return rule.off ? Json("off") : Json(nullptr);
    return value(*member, rule);
  }

  template <class T>
  Json value(std::vector<T> const& list, Rule const& rule) {
    auto array = Json::array();
    for (std::size_t i = 0; i < list.size(); ++i) {
      auto const length = enter("." + item_name(list[i], i));
      array.push_back(value(list[i], rule));
      path_.resize(length);
    }
    return array;
  }

  Json value(ChannelTable const& table, Rule const& rule) {
    auto object = Json::object();
    for (auto const severity : kSeverities) {
      auto const& list = table[static_cast<std::size_t>(severity)];
      if (!list.empty()) object[std::string(name_of(severity))] = value(list, rule);
    }
    return object.empty() ? Json(nullptr) : object;
  }

  template <class T>
  Json value(std::array<T, 4> const& table, Rule const& rule) {
    auto object = Json::object();
    for (auto const severity : kSeverities) {
      auto const length = enter("." + std::string(name_of(severity)));
      object[std::string(name_of(severity))] = value(table[static_cast<std::size_t>(severity)], rule);
      path_.resize(length);
    }
    return object;
  }

  Json value(RoleTable const& roles, Rule const& rule) {
    auto object = Json::object();
    for (auto const& [role, holders] : roles) object[role] = value(holders, rule);
    return object;
  }

  Json value(ActionStep const& step, Rule const&) {
    return std::visit([this](auto const& each) { return group(each, *this); }, step);
  }

  template <class T>
  Json value(T const& settings, Rule const&) {
    return group(settings, *this);
  }

  /// List items go by their id or name, so that one inserted in front does not look like a change of all.
  template <class T>
  static std::string item_name(T const& item, std::size_t index) {
    if constexpr (requires { item.id.value; }) {
      return item.id.value;
    } else if constexpr (requires { std::string(item.name); }) {
      return item.name;
    } else {
      return std::to_string(index);
    }
  }

  Json* group_ = nullptr;
  std::string path_;
};

}  // namespace tocsin
