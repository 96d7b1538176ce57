#include "incidents/base/redactor.hpp"

#include <algorithm>
#include <utility>

#include "incidents/base/secret_forms.hpp"

namespace tocsin {
namespace {

/// Numbers of patterns: first the telltales, then the forms of the secrets.
std::uint32_t first_form() { return static_cast<std::uint32_t>(telltales().size()); }

bool ends_value(char c) { return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '\'' || c == '`'; }

/// A secret longer than what is looked for goes on as far as the text repeats it.
std::size_t end_of_secret(std::string_view secret, std::string_view line, Span found) {
  auto const size = found.end - found.begin;
  if (size != kSearchedSecretBytes) return found.end;
  auto const rest = line.substr(found.end);
  auto const more = secret.size() > size ? secret.substr(size) : std::string_view{};
  auto const same = std::mismatch(rest.begin(), rest.end(), more.begin(), more.end()).first;
  return found.end + static_cast<std::size_t>(same - rest.begin());
}

}  // namespace

Redactor::Redactor(std::vector<Secret> secrets, std::string mark)
    : secrets_(std::move(secrets)), mark_(std::move(mark)) {
  std::uint32_t number = 0;
  for (auto const& word : telltales()) patterns_.add(word.text, number++);
  for (auto const& secret : secrets_) {
    for (auto const& form : forms_of(secret.reveal())) {
      // Else the mark itself would be redacted, again and again.
      if (mark_.find(form) == std::string::npos) patterns_.add(form, number);
    }
    ++number;
  }
  patterns_.finish();
}

bool Redactor::suspects(std::string_view text) const {
  bool found = false;
  patterns_.each(text, [&found](std::uint32_t, std::size_t, std::size_t) {
    found = true;
    return false;
  });
  return found;
}

std::vector<Redactor::Hit> Redactor::hits(std::string_view line) const {
  std::vector<Hit> hits;
  std::size_t covered = 0;  // a telltale inside of what is hidden already tells nothing: this keeps it linear
  patterns_.each(line, [&](std::uint32_t number, std::size_t begin, std::size_t end) {
    Span const word{begin, end};
    if (number >= first_form()) {
      auto const secret = secrets_[number - first_form()].reveal();
      auto span = word;
      span.end = end_of_secret(secret, line, word);
      // What is no plain copy may be the middle of an encoded whole: user and password, for example.
      if (line.substr(begin, end - begin) != secret.substr(0, end - begin)) span = base64_around(line, span);
      hits.push_back({span, span.begin});
    } else if (begin >= covered) {
      if (auto const span = hidden_by(telltales()[number].kind, line, word)) {
        hits.push_back({*span, begin > kLookBehindBytes ? begin - kLookBehindBytes : 0});
        covered = std::max(covered, span->end);
      }
    }
    return true;
  });
  std::sort(hits.begin(), hits.end(), [](Hit const& a, Hit const& b) { return a.hidden.begin < b.hidden.begin; });
  std::size_t kept = 0;
  for (auto const& hit : hits) {
    if (kept > 0 && hit.hidden.begin <= hits[kept - 1].hidden.end) {
      hits[kept - 1].hidden.end = std::max(hits[kept - 1].hidden.end, hit.hidden.end);
      hits[kept - 1].from = std::min(hits[kept - 1].from, hit.from);
    } else {
      hits[kept++] = hit;
    }
  }
  hits.resize(kept);
  return hits;
}

std::string Redactor::redact(std::string_view text) const {
  std::string now(text);
  // Where telltales overlap, the mark can make another reading of what is left the likelier one.
  constexpr int kRounds = 8;
  for (int round = 0; round < kRounds && suspects(now); ++round) {
    std::string next;
    RedactingStream stream(*this);
    stream.feed(now, next);
    stream.finish(next);
    if (next == now) break;
    now = std::move(next);
  }
  return now;
}

std::string Redactor::redact_excerpt(std::string_view text) const {
  auto const end = end_of_private_key(text);
  auto const begin = text.find("-----BEGIN ");
  if (!end || begin < end->begin) return redact(text);
  // Backwards from the line of the end marker over the lines that a key may consist of.
  auto first = text.substr(0, end->begin).rfind('\n');
  first = first == std::string_view::npos ? 0 : first + 1;
  while (first > 0) {
    auto const before = text.substr(0, first - 1).rfind('\n');
    auto const line_at = before == std::string_view::npos ? 0 : before + 1;
    if (!inside_private_key(text.substr(line_at, first - 1 - line_at))) break;
    first = line_at;
  }
  return redact(std::string(text.substr(0, first)) + mark_ + std::string(text.substr(end->end)));
}

void RedactingStream::feed(std::string_view piece, std::string& out) {
  while (!piece.empty()) {
    // What is decided together depends on the line alone, never on how it came in.
    auto const most = std::min(piece.size(), kHeldBytes - held_.size());
    auto const end = piece.substr(0, most).find('\n');
    bool const ended = end != std::string_view::npos;
    held_ += piece.substr(0, ended ? end : most);
    piece.remove_prefix(ended ? end + 1 : most);
    if (ended) {
      auto const line = std::move(held_);
      held_.clear();
      take_line(line, true, out);
    } else if (held_.size() == kHeldBytes) {
      take_window(out);
    }
  }
}

void RedactingStream::finish(std::string& out) {
  auto const line = std::move(held_);
  held_.clear();
  if (!line.empty()) take_line(line, false, out);
  if (owes_line_end_) out += '\n';
  owes_line_end_ = false;
  within_ = Within::text;
}

void RedactingStream::take_line(std::string_view line, bool ended, std::string& out) {
  if (within_ == Within::value) line = leave_value(line);
  if (within_ == Within::private_key) {
    line = leave_private_key(line, ended, out);
    if (within_ == Within::private_key) return;
  }
  auto const hits = redactor_.hits(line);
  put(line, hits, out);
  // A value ends with its line. A private key that does not end in this one goes on in the next.
  within_ = Within::text;
  if (!hits.empty() && hits.back().hidden.end == line.size()) {
    auto const begun = line.substr(hits.back().hidden.begin);
    auto const at = begun.rfind("-----BEGIN ");
    if (at != std::string_view::npos && !end_of_private_key(begun, at) &&
        begun.find("PRIVATE KEY", at) != std::string_view::npos) {
      within_ = Within::private_key;
      owes_line_end_ = ended;
      return;
    }
  }
  if (ended) out += '\n';
}

/// A line that is longer than what is held back. All but its end is decided; what crosses into that end waits with it.
void RedactingStream::take_window(std::string& out) {
  if (within_ == Within::value) {
    held_ = std::string(leave_value(held_));
    return;
  }
  if (within_ == Within::private_key) {
    auto const rest = leave_private_key(held_, false, out);
    held_ = within_ == Within::private_key ? held_.substr(held_.size() - kOverlapBytes) : std::string(rest);
    return;
  }
  auto hits = redactor_.hits(held_);
  auto cut = kHeldBytes - kOverlapBytes;
  auto const crossing =
      std::find_if(hits.begin(), hits.end(), [cut](auto const& hit) { return hit.from < cut && hit.hidden.end > cut; });
  if (crossing != hits.end()) {
    cut = crossing->from > 0 ? crossing->from : crossing->hidden.end;
    // Longer than anything is held back for: the rest of it is thrown away as it comes.
    if (cut == held_.size()) {
      bool const key = held_.find("-----BEGIN ", crossing->hidden.begin) == crossing->hidden.begin;
      within_ = key ? Within::private_key : Within::value;
    }
  }
  std::erase_if(hits, [cut](auto const& hit) { return hit.hidden.begin >= cut; });
  put(std::string_view(held_).substr(0, cut), hits, out);
  held_.erase(0, cut);
}

std::string_view RedactingStream::leave_value(std::string_view text) {
  auto const end = std::find_if(text.begin(), text.end(), ends_value);
  if (end != text.end()) within_ = Within::text;
  return text.substr(static_cast<std::size_t>(end - text.begin()));
}

/// What follows the key on this line; the line itself if the key has broken off before it.
std::string_view RedactingStream::leave_private_key(std::string_view line, bool ended, std::string& out) {
  if (auto const end = end_of_private_key(line)) {
    within_ = Within::text;
    owes_line_end_ = false;
    return line.substr(end->end);
  }
  if (inside_private_key(line)) {
    owes_line_end_ = owes_line_end_ || ended;
    return {};
  }
  within_ = Within::text;
  if (std::exchange(owes_line_end_, false)) out += '\n';
  return line;
}

void RedactingStream::put(std::string_view text, std::vector<Redactor::Hit> const& hits, std::string& out) {
  std::size_t done = 0;
  for (auto const& hit : hits) {
    out += text.substr(done, hit.hidden.begin - done);
    out += redactor_.mark_;
    done = hit.hidden.end;
  }
  out += text.substr(std::min(done, text.size()));
}

}  // namespace tocsin
