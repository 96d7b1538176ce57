// Takes secrets out of texts before anybody can read them: the loaded ones in every usual form, and what looks like
// one. It stands where texts leave the bot and where they are kept.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "incidents/base/pattern_set.hpp"
#include "incidents/base/secret.hpp"
#include "incidents/base/secret_shapes.hpp"

namespace tocsin {

/// Knows the secrets of one configuration. Immutable; any thread. Linear in the text, however many secrets there are.
class Redactor {
 public:
  /// What looks like a secret is hidden even if none is given. `mark` stands in for it and begins with kMarkBegin.
  explicit Redactor(std::vector<Secret> secrets = {}, std::string mark = "‹redacted›");

  /// The text with the mark in place of every secret. Redacting the result changes nothing.
  [[nodiscard]] std::string redact(std::string_view text) const;
  /// Would `redact` change it? Cheap where there is nothing suspicious.
  [[nodiscard]] bool finds_in(std::string_view text) const { return suspects(text) && redact(text) != text; }
  /// The same for the end of something longer: a private key of which only the last lines are there goes too.
  [[nodiscard]] std::string redact_excerpt(std::string_view text) const;
  /// False: `redact` would not change it. True: it may. One walk, no memory.
  [[nodiscard]] bool suspects(std::string_view text) const;

  [[nodiscard]] std::vector<Secret> const& secrets() const noexcept { return secrets_; }
  [[nodiscard]] std::string const& mark() const noexcept { return mark_; }

 private:
  friend class RedactingStream;
  struct Hit {
    Span hidden;
    std::size_t from = 0;  ///< where one has to begin to read in order to see it
  };
  /// In order, apart from each other.
  [[nodiscard]] std::vector<Hit> hits(std::string_view line) const;

  std::vector<Secret> secrets_;
  std::string mark_;
  PatternSet patterns_;
};

/// The same for a text that comes in pieces: wherever it is cut, the result is that of the whole. Holds back an
/// unfinished line, at most kHeldBytes of it. Owned by one reader, one thread at a time; the redactor outlives it.
class RedactingStream {
 public:
  explicit RedactingStream(Redactor const& redactor) : redactor_(redactor) {}
  /// Appends to `out` what is certain.
  void feed(std::string_view piece, std::string& out);
  /// Appends what was held back. The stream is as new afterwards.
  void finish(std::string& out);

  static constexpr std::size_t kHeldBytes = 16 * 1024;
  /// No secret, and no value with a telling name, is recognised by what stands farther away in a line than this.
  static constexpr std::size_t kOverlapBytes = 4 * 1024;

 private:
  enum class Within : std::uint8_t { text, value, private_key };

  void take_line(std::string_view line, bool ended, std::string& out);
  void take_window(std::string& out);
  std::string_view leave_value(std::string_view text);
  std::string_view leave_private_key(std::string_view line, bool ended, std::string& out);
  void put(std::string_view text, std::vector<Redactor::Hit> const& hits, std::string& out);

  Redactor const& redactor_;
  std::string held_;
  Within within_ = Within::text;
  bool owes_line_end_ = false;  ///< the line on which a private key began has ended
};

/// The redactor of the moment, shared by everybody who lives longer than one configuration. Any thread.
class CurrentRedactor {
 public:
  explicit CurrentRedactor(std::shared_ptr<Redactor const> first) : now_(std::move(first)) {}
  [[nodiscard]] std::shared_ptr<Redactor const> get() const {
    std::lock_guard const lock(mutex_);
    return now_;
  }
  void set(std::shared_ptr<Redactor const> next) {
    std::lock_guard const lock(mutex_);
    now_ = std::move(next);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<Redactor const> now_;
};

}  // namespace tocsin
