#include "incidents/notice.hpp"

#include <charconv>
#include <cstdint>
#include <optional>
#include <stdexcept>

namespace tocsin {
namespace {

constexpr int kMaxDepth = 8;

void put(std::string& out, std::string_view text) {
  out += std::to_string(text.size());
  out += ':';
  out += text;
}

void put(std::string& out, char type, std::int64_t number) {
  out += type;
  put(out, std::to_string(number));
}

void put(std::string& out, Notice const& notice);

void put(std::string& out, std::vector<Notice> const& notices) {
  put(out, std::to_string(notices.size()));
  for (auto const& notice : notices) put(out, notice);
}

struct PutArg {
  std::string& out;
  void operator()(std::string const& text) const { out += 's', put(out, text); }
  void operator()(std::int64_t number) const { put(out, 'n', number); }
  void operator()(Instant at) const { put(out, 't', to_millis(at)); }
  void operator()(Millis length) const { put(out, 'd', length.count()); }
  void operator()(Severity severity) const { put(out, 'v', static_cast<std::int64_t>(severity)); }
  void operator()(PersonId const& person) const { out += 'p', put(out, person.value); }
  void operator()(IncidentId id) const { put(out, 'i', id.value); }
  void operator()(std::vector<Notice> const& list) const { out += 'l', put(out, list); }
};

void put(std::string& out, Notice const& notice) {
  put(out, notice.key);
  put(out, std::to_string(notice.args.size()));
  for (auto const& [name, value] : notice.args) {
    put(out, name);
    std::visit(PutArg{out}, value);
  }
}

/// True for the one spelling that std::to_string gives a number: "07" or "-0" is not what `put` wrote.
bool is_shortest(std::string_view digits) {
  bool const negative = digits.starts_with('-');
  if (negative) digits.remove_prefix(1);
  return !digits.starts_with('0') || (digits.size() == 1 && !negative);
}

/// Reads what `put` wrote; any deviation empties the optional for good.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  std::optional<std::string_view> field() {
    std::size_t length = 0;
    auto const [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), length);
    if (error != std::errc{} || end == rest_.data() + rest_.size() || *end != ':') return std::nullopt;
    if (!is_shortest({rest_.data(), static_cast<std::size_t>(end - rest_.data())})) return std::nullopt;
    auto const start = static_cast<std::size_t>(end - rest_.data()) + 1;
    if (length > rest_.size() - start) return std::nullopt;
    auto const text = rest_.substr(start, length);
    rest_.remove_prefix(start + length);
    return text;
  }

  std::optional<std::int64_t> number() {
    auto const text = field();
    if (!text) return std::nullopt;
    std::int64_t value = 0;
    auto const [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc{} || end != text->data() + text->size() || !is_shortest(*text)) return std::nullopt;
    return value;
  }

  std::optional<Notice> notice(int depth) {
    if (depth > kMaxDepth) return std::nullopt;
    auto const key = field();
    auto const count = key ? number() : std::nullopt;
    if (!count || *count < 0) return std::nullopt;
    Notice result{std::string(*key)};
    for (std::int64_t i = 0; i < *count; ++i) {
      auto const name = field();
      if (!name) return std::nullopt;
      auto value = arg(depth);
      if (!value) return std::nullopt;
      result.args.emplace_back(std::string(*name), std::move(*value));
    }
    return result;
  }

  std::optional<std::vector<Notice>> list(int depth) {
    auto const count = number();
    if (!count || *count < 0) return std::nullopt;
    std::vector<Notice> result;
    for (std::int64_t i = 0; i < *count; ++i) {
      auto item = notice(depth);
      if (!item) return std::nullopt;
      result.push_back(std::move(*item));
    }
    return result;
  }

 private:
  template <class Make>
  std::optional<Arg> from_number(Make make) {
    auto const value = number();
    if (!value) return std::nullopt;
    return Arg{make(*value)};
  }

  std::optional<Arg> arg(int depth) {
    if (rest_.empty()) return std::nullopt;
    char const type = rest_.front();
    rest_.remove_prefix(1);
    switch (type) {
      case 's': {
        auto const text = field();
        return text ? std::optional<Arg>{std::string(*text)} : std::nullopt;
      }
      case 'p': {
        auto const text = field();
        return text ? std::optional<Arg>{PersonId{std::string(*text)}} : std::nullopt;
      }
      case 'n':
        return from_number([](std::int64_t n) { return n; });
      case 't':
        return from_number([](std::int64_t n) { return from_millis(n); });
      case 'd':
        return from_number([](std::int64_t n) { return Millis{n}; });
      case 'i':
        return from_number([](std::int64_t n) { return IncidentId{n}; });
      case 'v': {
        auto const value = number();
        if (!value || *value < 0 || *value > 3) return std::nullopt;
        return Arg{static_cast<Severity>(*value)};
      }
      case 'l': {
        auto items = list(depth + 1);
        return items ? std::optional<Arg>{std::move(*items)} : std::nullopt;
      }
      default:
        return std::nullopt;
    }
  }

  std::string_view rest_;
};

}  // namespace

Notice::Notice() noexcept = default;
Notice::Notice(std::string message_key) : key(std::move(message_key)) {}
Notice::Notice(std::string message_key, std::vector<std::pair<std::string, Arg>> arguments)
    : key(std::move(message_key)), args(std::move(arguments)) {}
Notice::Notice(Notice const&) = default;
Notice::Notice(Notice&&) noexcept = default;
Notice& Notice::operator=(Notice const&) = default;
Notice& Notice::operator=(Notice&&) noexcept = default;
Notice::~Notice() = default;
bool operator==(Notice const&, Notice const&) = default;

Notice& Notice::with(std::string name, Arg value) & {
  args.emplace_back(std::move(name), std::move(value));
  return *this;
}

Notice&& Notice::with(std::string name, Arg value) && {
  args.emplace_back(std::move(name), std::move(value));
  return std::move(*this);
}

Arg const* Notice::find(std::string_view name) const noexcept {
  for (auto const& [candidate, value] : args) {
    if (candidate == name) return &value;
  }
  return nullptr;
}

std::string const* Notice::text(std::string_view name) const noexcept { return std::get_if<std::string>(find(name)); }

void throw_exception_from_error(Notice const& refusal, boost::source_location const&) {
  throw std::logic_error("value of a refused decision: " + refusal.key);
}

std::string encode(Notice const& notice) {
  std::string out;
  put(out, notice);
  return out;
}

std::string encode(std::vector<Notice> const& notices) {
  std::string out;
  put(out, notices);
  return out;
}

Result<Notice> decode_notice(std::string_view text) {
  Reader reader(text);
  auto notice = reader.notice(0);
  if (!notice || !reader.at_end()) return Error{Errc::invalid, "not a stored notice"};
  return std::move(*notice);
}

Result<std::vector<Notice>> decode_notices(std::string_view text) {
  Reader reader(text);
  auto notices = reader.list(0);
  if (!notices || !reader.at_end()) return Error{Errc::invalid, "not a stored list of notices"};
  return std::move(*notices);
}

}  // namespace tocsin
