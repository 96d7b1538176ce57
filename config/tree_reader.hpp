// The visitor that fills settings from a YAML tree. Used by the loader alone.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/config.hpp"
#include "config/forms.hpp"
#include "config/loader.hpp"
#include "config/mistake.hpp"
#include "config/yaml_tree.hpp"

namespace tocsin {

/// Where the value of a key stands in the file; also the record of which keys were written at all.
using Positions = std::map<std::string, std::pair<int, int>>;

class TreeReader {
 public:
  TreeReader(std::string const& file, Sources const& sources) : file_(file), sources_(sources) {}

  Config read(yaml::Node const& root) {
    Config config;
    value(root, config, {});
    return config;
  }

  std::vector<Mistake> mistakes;
  Positions positions;

  /// Called by `describe` for each member of the group that is being read.
  template <class T>
  void key(std::string_view name, T& member, std::string_view, Rule const& rule = {}) {
    known_.push_back(name);
    auto const* node = map_->find(name);
    if (node == nullptr) {
      if (rule.required) complain(*map_, Notice("mistake.missing").with("key", std::string(name)));
      return;
    }
    auto const length = enter((path_.empty() ? "" : ".") + std::string(name), *node);
    value(*node, member, rule);
    path_.resize(length);
  }

 private:
  void complain(yaml::Node const& node, Notice what);
  void complain(int line, int column, Notice what);
  std::size_t enter(std::string const& step, yaml::Node const& node);
  bool expect(yaml::Node const& node, yaml::Node::Kind kind);
  bool in_range(yaml::Node const& node, std::int64_t count, Rule const& rule, std::string (*shown)(std::int64_t));
  void report_unknown_keys(yaml::Node const& map);
  bool text(yaml::Node const& node, std::string& into, Rule const& rule);

  template <class T>
  void parsed(yaml::Node const& node, T& into, std::optional<T> (*parse)(std::string_view), char const* mistake,
              Rule const& rule);

  void value(yaml::Node const& node, bool& into, Rule const& rule);
  void value(yaml::Node const& node, std::int64_t& into, Rule const& rule);
  void value(yaml::Node const& node, std::uint16_t& into, Rule const& rule);
  void value(yaml::Node const& node, std::string& into, Rule const& rule) { text(node, into, rule); }
  void value(yaml::Node const& node, Percent& into, Rule const& rule);
  void value(yaml::Node const& node, Bytes& into, Rule const& rule);
  void value(yaml::Node const& node, Millis& into, Rule const& rule);
  void value(yaml::Node const& node, std::chrono::minutes& into, Rule const& rule);
  void value(yaml::Node const& node, std::chrono::year_month_day& into, Rule const& rule);
  void value(yaml::Node const& node, DailyHours& into, Rule const& rule);
  void value(yaml::Node const& node, WeeklyHours& into, Rule const& rule);
  void value(yaml::Node const& node, HostPort& into, Rule const& rule);
  void value(yaml::Node const& node, RateLimit& into, Rule const& rule);
  void value(yaml::Node const& node, StepInstant& into, Rule const& rule);
  void value(yaml::Node const& node, Localized& into, Rule const& rule);
  void value(yaml::Node const& node, Credential& into, Rule const& rule);
  void value(yaml::Node const& node, PersonId& into, Rule const& rule);
  void value(yaml::Node const& node, Recipient& into, Rule const& rule);
  void value(yaml::Node const& node, Argument& into, Rule const& rule);
  void value(yaml::Node const& node, ChannelTable& into, Rule const& rule);
  void value(yaml::Node const& node, RoleTable& into, Rule const& rule);
  void value(yaml::Node const& node, ActionStep& into, Rule const& rule);

  bool enumerator(yaml::Node const& node, std::size_t& into, std::vector<std::string_view> const& names);

  template <Named E>
  void value(yaml::Node const& node, E& into, Rule const&) {
    std::size_t index = 0;
    if (enumerator(node, index, {Names<E>::kAll.begin(), Names<E>::kAll.end()})) into = static_cast<E>(index);
  }

  template <class T>
  void value(yaml::Node const& node, std::optional<T>& into, Rule const& rule) {
    if (rule.off && node.kind == yaml::Node::Kind::scalar && node.text == "off") {
      into.reset();
      return;
    }
    into.emplace();
    value(node, *into, rule);
  }

  template <class T>
  void value(yaml::Node const& node, std::vector<T>& into, Rule const& rule) {
    if (!expect(node, yaml::Node::Kind::list)) return;
    in_range(node, static_cast<std::int64_t>(node.items.size()), rule, nullptr);
    into.clear();
    Rule each;  // the bounds were those of the list
    each.form = rule.form;
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      auto const length = enter('[' + std::to_string(i) + ']', node.items[i]);
      T item{};
      value(node.items[i], item, each);
      into.push_back(std::move(item));
      path_.resize(length);
    }
  }

  /// One value for each severity, by its name.
  template <class T>
  void value(yaml::Node const& node, std::array<T, 4>& into, Rule const& rule) {
    if (!expect(node, yaml::Node::Kind::map)) return;
    Group const group(*this, node);
    for (auto const severity : kSeverities) key(name_of(severity), into[static_cast<std::size_t>(severity)], "", rule);
  }

  /// A group of settings: everything that `describe` names, and nothing else.
  template <class T>
  void value(yaml::Node const& node, T& into, Rule const&) {
    if (!expect(node, yaml::Node::Kind::map)) return;
    Group const group(*this, node);
    describe(*this, into);
  }

  /// While it lives, `key` reads from its map; when it ends, the keys nobody asked for are reported.
  class Group {
   public:
    Group(TreeReader& reader, yaml::Node const& map)
        : reader_(reader), map_(std::exchange(reader.map_, &map)), known_(std::exchange(reader.known_, {})) {}
    Group(Group const&) = delete;
    Group& operator=(Group const&) = delete;
    ~Group() {
      reader_.report_unknown_keys(*reader_.map_);
      reader_.map_ = map_;
      reader_.known_ = std::move(known_);
    }

   private:
    TreeReader& reader_;
    yaml::Node const* map_;
    std::vector<std::string_view> known_;
  };

  std::string const& file_;
  Sources const& sources_;
  yaml::Node const* map_ = nullptr;
  std::vector<std::string_view> known_;
  std::string path_;
};

}  // namespace tocsin
