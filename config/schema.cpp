// The JSON Schema of the configuration file, made by one more visitor over the same declarations.
#include <algorithm>

#include "config/detail/setting_writer.hpp"
#include "config/forms.hpp"
#include "config/loader.hpp"

namespace tocsin {
namespace {

// What stands behind the scalars; as strict as one expression can be, the loader knows the rest.
constexpr char const* kLength = R"(^([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$)";
constexpr char const* kTime = R"(^([01][0-9]|2[0-3]):[0-5][0-9]$)";
constexpr char const* kDate = R"(^[0-9]{4}-[0-9]{2}-[0-9]{2}$)";
constexpr char const* kPercent = R"(^[0-9]{1,4}(\.[0-9])? ?%$)";
constexpr char const* kBytes = R"(^[0-9]+ ?(B|KiB|MiB|GiB)$)";
constexpr char const* kDailyHours = R"(^[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}$)";
constexpr char const* kWeeklyHours =
    R"(^(daily|monday|tuesday|wednesday|thursday|friday|saturday|sunday) [0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}$)";
constexpr char const* kHostPort = R"(^(\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9._-]+):[0-9]{1,5}$)";
constexpr char const* kRate = R"(^[0-9]+ per [0-9a-z]+$)";
constexpr char const* kStepInstant = R"(^[0-9]{1,4} ?% of (response|recovery)$)";
constexpr char const* kSecret = R"(^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$)";

Json text(std::string_view pattern) { return {{"type", "string"}, {"pattern", std::string(pattern)}}; }

class SchemaWriter {
 public:
  template <class T>
  static Json group() {
    SchemaWriter writer;
    T settings{};
    describe(writer, settings);
    Json object{{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(writer.properties_)}};
    if (!writer.required_.empty()) object["required"] = writer.required_;
    return object;
  }

  template <class T>
  void key(std::string_view name, T& member, std::string_view documentation, Rule const& rule = {}) {
    auto made = of(member, rule);
    if (rule.off) made = {{"anyOf", Json::array({std::move(made), Json{{"const", "off"}}})}};
    Json property{{"description", std::string(documentation) + (rule.restart ? " Takes effect after a restart." : "")}};
    property.update(made);
    add_default(property, member, rule);
    properties_[std::string(name)] = std::move(property);
    if (rule.required) required_.push_back(std::string(name));
  }

 private:
  template <class T>
  static void add_default(Json& property, T const& member, Rule const& rule) {
    if constexpr (Scalar<T>) {
      auto value = written(member);
      bool const says_something = !value.is_string() || !value.template get_ref<std::string const&>().empty();
      if (!rule.required && says_something) property["default"] = std::move(value);
    }
  }
  template <class T>
  static void add_default(Json& property, std::optional<T> const& member, Rule const& rule) {
    if (member) return add_default(property, *member, rule);
    if (rule.off) property["default"] = "off";
  }

  static Json of(bool const&, Rule const&) { return {{"type", "boolean"}}; }
  static Json of(std::int64_t const&, Rule const& rule) {
    Json made{{"type", "integer"}};
    if (rule.min > std::numeric_limits<std::int64_t>::min()) made["minimum"] = rule.min;
    if (rule.max < std::numeric_limits<std::int64_t>::max()) made["maximum"] = rule.max;
    return made;
  }
  static Json of(std::uint16_t const&, Rule const& rule) { return of(std::int64_t{}, rule); }
  static Json of(std::string const&, Rule const& rule) {
    auto made = text(pattern_of(rule.form));
    made["maxLength"] = std::min<std::int64_t>(rule.max, kLongestTextBytes);
    return made;
  }
  static Json of(Percent const&, Rule const&) { return text(kPercent); }
  static Json of(Bytes const&, Rule const&) { return text(kBytes); }
  static Json of(Millis const&, Rule const&) { return text(kLength); }
  static Json of(std::chrono::minutes const&, Rule const&) { return text(kTime); }
  static Json of(std::chrono::year_month_day const&, Rule const&) { return text(kDate); }
  static Json of(DailyHours const&, Rule const&) { return text(kDailyHours); }
  static Json of(WeeklyHours const&, Rule const&) { return text(kWeeklyHours); }
  static Json of(HostPort const&, Rule const&) { return text(kHostPort); }
  static Json of(RateLimit const&, Rule const&) { return text(kRate); }
  static Json of(StepInstant const&, Rule const&) { return text(kStepInstant); }
  static Json of(Credential const&, Rule const&) { return text(kSecret); }
  static Json of(PersonId const&, Rule const&) { return text(pattern_of(Form::word)); }
  static Json of(Recipient const&, Rule const&) { return text(pattern_of(Form::word)); }
  // Numbers may stand among the arguments of a program; the loader takes every scalar as it is written.
  static Json of(Argument const&, Rule const&) { return {{"type", Json::array({"string", "integer"})}}; }
  static Json of(Localized const&, Rule const&) {
    auto object = Json{{"type", "object"}, {"additionalProperties", false}, {"minProperties", 1}};
    for (auto const locale : kLocales)
      object["properties"][std::string(name_of(locale))] = text(pattern_of(Form::text));
    return {{"anyOf", Json::array({text(pattern_of(Form::text)), std::move(object)})}};
  }

  template <Named E>
  static Json of(E const&, Rule const&) {
    auto names = Json::array();
    for (auto const name : Names<E>::kAll) names.push_back(std::string(name));
    return {{"enum", std::move(names)}};
  }

  template <class T>
  static Json of(std::optional<T> const&, Rule const& rule) {
    return of(T{}, rule);
  }

  template <class T>
  static Json of(std::vector<T> const&, Rule const& rule) {
    Rule each;
    each.form = rule.form;
    Json made{{"type", "array"}, {"items", of(T{}, each)}};
    if (rule.min > 0) made["minItems"] = rule.min;
    if (rule.max < std::numeric_limits<std::int64_t>::max()) made["maxItems"] = rule.max;
    return made;
  }

  static Json of(ChannelTable const&, Rule const&) {
    auto const list = of(std::vector<Channel>{}, Rule{.min = 1, .max = 10});
    return {{"anyOf", Json::array({list, by_severity(list)})}};
  }
  template <class T>
  static Json of(std::array<T, 4> const&, Rule const& rule) {
    return by_severity(of(T{}, rule));
  }
  static Json by_severity(Json const& each) {
    auto object = Json{{"type", "object"}, {"additionalProperties", false}};
    for (auto const severity : kSeverities) object["properties"][std::string(name_of(severity))] = each;
    return object;
  }

  static Json of(RoleTable const&, Rule const& rule) {
    return {{"type", "object"},
            {"propertyNames", text(pattern_of(Form::word))},
            {"additionalProperties", of(std::vector<PersonId>{}, rule)}};
  }

  static Json of(ActionStep const&, Rule const&) {
    return {{"oneOf", Json::array({group<RunStep>(), group<HttpStep>(), group<HostStep>()})}};
  }

  template <class T>
  static Json of(T const&, Rule const&) {
    return group<T>();
  }

  Json properties_ = Json::object();
  std::vector<std::string> required_;
};

}  // namespace

std::string schema_text() {
  Json schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
              {"title", "Tocsin configuration"},
              {"description", "Made from the declarations in config/*.hpp: change those, never this file."}};
  schema.update(SchemaWriter::group<Config>());
  return schema.dump(2) + "\n";
}

}  // namespace tocsin
