#include "bot/keeping.hpp"

#include "bot/local.hpp"
#include "bot/log.hpp"
#include "incidents/store/anchors.hpp"
#include "incidents/store/inbox.hpp"
#include "incidents/store/posted.hpp"
#include "incidents/store/segments.hpp"
#include "incidents/store/upkeep.hpp"

namespace tocsin {
namespace {

/// A commit with so many rows is over in milliseconds; what is left waits for the next one.
constexpr std::size_t kForgottenAtOnce = 500;
constexpr Millis kMoreIsLeft{1'000};
constexpr Millis kAfterTrouble = std::chrono::minutes{10};

std::string text_of(std::exception_ptr const& error) {
  try {
    std::rethrow_exception(error);
  } catch (std::exception const& known) {
    return known.what();
  }
}

}  // namespace

void Keeping::forget(Done done) const {
  auto const more = std::make_shared<bool>(false);
  parts_.lane.submit(
      [more, keep = parts_.setup()->config.retention](Database& database, Instant now) {
        auto const envelopes = store::forget_envelopes(database, now - keep.envelopes, kForgottenAtOnce);
        auto const outputs = store::forget_outputs(database, now - keep.outputs, kForgottenAtOnce);
        auto const posted = store::forget_posted(database, now - keep.outputs, kForgottenAtOnce);
        *more = std::max({envelopes, outputs, posted}) == static_cast<std::int64_t>(kForgottenAtOnce);
      },
      [more, done = std::move(done)](std::exception_ptr error) {
        if (error) log_error("retention: {}", text_of(error));
        done(error || !*more ? std::nullopt : std::optional(kMoreIsLeft));
      });
}

void Keeping::seal(Done done) const {
  auto const rows = std::make_shared<std::vector<store::AuditRow>>();
  auto const write = [this, rows, done](std::stop_token) {
    auto segment = store::write_segment(store::segments_folder(parts_.storage), *rows, parts_.clock.now());
    if (segment.has_error()) {
      log_error("the audit is not sealed: {}", segment.error().detail);
      return done(kAfterTrouble);
    }
    log_info("audit rows {} to {} are sealed in {}", segment->first, segment->last, segment->file);
    parts_.lane.submit([segment = *segment](Database& database, Instant) { store::seal(database, segment); },
                       [done](std::exception_ptr error) { done(error ? kAfterTrouble : kMoreIsLeft); });
  };
  parts_.lane.submit([rows, keep = parts_.setup()->config.retention.audit](
                         Database& database, Instant now) { *rows = store::next_to_seal(database, now - keep); },
                     [this, rows, write, done](std::exception_ptr error) {
                       if (error || rows->empty()) return done(std::nullopt);
                       if (!parts_.workers.run(write)) done(kAfterTrouble);
                     });
}

void Keeping::anchor(Done done) const {
  struct Lines {
    std::string made;
    std::string to_mail;
    Instant at{};
  };
  auto const lines = std::make_shared<Lines>();
  parts_.lane.submit(
      [lines, key = parts_.key, last = anchored_, pace = parts_.setup()->config.audit.anchor_every,
       mails = parts_.mail() != nullptr](Database& database, Instant now) {
        *lines = {};
        // Trying the mail again does not make another one before its time.
        bool const again = mails && store::anchor_to_mail(database) && now - *last < pace;
        if (auto const made = again ? std::nullopt : store::make_anchor(database, key, now)) {
          lines->made = *made;
          lines->at = now;
          auto const room = local_room();
          auto said = Notice("audit.anchor").with("n", store::audit_head(database).sequence).with("line", *made);
          store::put_outbox(database, {{}, now, {}, room, {}, std::move(said), now, 0});
        }
        lines->to_mail = store::anchor_to_mail(database).value_or("");
      },
      [this, lines, done](std::exception_ptr error) {
        if (error) {
          log_error("the audit's anchor: {}", text_of(error));
          return done(kAfterTrouble);
        }
        if (!lines->made.empty()) {
          *anchored_ = lines->at;
          parts_.committed();
        }
        bool const nothing = lines->made.empty() && (lines->to_mail.empty() || !parts_.mail());
        if (nothing) return done(std::nullopt);
        bool const begun = parts_.workers.run(
            [this, lines, done](std::stop_token stop) { send_away(lines->made, lines->to_mail, done, stop); });
        if (!begun) done(kAfterTrouble);
      });
}

void Keeping::send_away(std::string const& made, std::string const& to_mail, Done const& done,
                        std::stop_token stop) const {
  // Mailed again after trouble, it may have been too late for the file the first time.
  auto const kept = store::append_anchor(store::anchors_file(parts_.storage), made.empty() ? to_mail : made);
  if (kept.has_error()) log_error("the audit's anchor: {}", kept.error().detail);
  bool const mailed = to_mail.empty() || !parts_.mail() || mail(to_mail, stop);
  if (!mailed) return done(kAfterTrouble);
  parts_.lane.submit(
      [to_mail](Database& database, Instant now) {
        if (!to_mail.empty()) store::anchor_mailed(database, to_mail, now);
      },
      [done, wrong = kept.has_error()](std::exception_ptr error) {
        done(error || wrong ? std::optional(kAfterTrouble) : std::nullopt);
      });
}

bool Keeping::mail(std::string const& line, std::stop_token stop) const {
  auto const carrier = parts_.mail();
  auto const setup = parts_.setup();
  auto const sequence = line.substr(0, line.find(' '));
  // One mailbox that has it is enough to hold the chain against; a dead one must not fill the others.
  bool anybody = false;
  bool later = false;
  for (auto const& person : setup->config.people) {
    if (person.role != Role::admin || person.identities.email.empty()) continue;
    auto reader = setup->reader_of(person.id, parts_.clock.now(), Medium::subject);
    paging::PageEnvelope envelope;
    envelope.contact = person.identities.email;
    envelope.subject = setup->catalogue->render(Notice("audit.anchor_subject").with("n", std::stoll(sequence)), reader);
    reader.medium = Medium::plain;
    envelope.body = setup->catalogue->render(Notice("audit.anchor_mail").with("line", line), reader) + "\n";
    envelope.message_id = "audit-" + sequence + "@" + parts_.message_domain;
    auto const outcome = carrier->send(envelope, stop);
    using enum paging::DeliveryOutcome::Kind;
    if (outcome.kind == accepted || outcome.kind == unknown) {
      anybody = true;
      continue;
    }
    log_warn("the audit's anchor did not reach {}: {}", person.id.value, outcome.detail);
    later = later || outcome.kind != rejected;  // that address never takes it: no reason to try for ever
  }
  return anybody || !later;
}

}  // namespace tocsin
