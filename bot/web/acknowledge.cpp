#include "bot/web/acknowledge.hpp"

#include <charconv>

#include "bot/web/responses.hpp"
#include "bot/web/web.hpp"
#include "incidents/desk.hpp"
#include "incidents/store/audit.hpp"
#include "incidents/store/digest.hpp"
#include "incidents/store/incidents.hpp"
#include "incidents/store/pages.hpp"

namespace tocsin {
namespace {

/// A link is good as long as its incident could still need the answer, and no longer than this.
constexpr Millis kAckLinkLife = std::chrono::hours{24};

/// What the page says, as of one commit.
struct View {
  std::string state = "unknown";
  std::optional<Incident> incident;
  PersonId person;  ///< whose link it is
  PersonId who;     ///< who has the incident
  Instant at{};
  Instant until{};
  Instant now{};
};

void describe(View& view, Incident const& incident) {
  view.incident = incident;
  view.who = incident.acknowledged_by;
  view.at = incident.response.met_at.value_or(view.now);
}

View look_at(Database& database, std::optional<PageId> id, Instant now) {
  View view;
  view.now = now;
  auto const page = id ? store::load_page(database, *id) : std::nullopt;
  auto const incident = page ? store::load_incident(database, page->incident) : std::nullopt;
  if (!incident) return view;
  view.person = page->person;
  // A link is for the round it was sent in: whoever is called again after a reopening gets a new one.
  bool const of_earlier_round = page->created < incident->response.started_at;
  view.until = of_earlier_round ? incident->response.started_at : page->created + kAckLinkLife;
  describe(view, *incident);
  view.state = !is_live(*incident)         ? "closed"
               : incident->response.met_at ? (view.who == view.person ? "taken" : "already")
               : view.until <= now         ? "expired"
                                           : "ask";
  return view;
}

void acknowledge_by_link(Desk const& desk, View& view) {
  auto const done = decide_at(
      desk, view.incident->id, view.person,
      [](Incident const& incident, Circumstances const& now, Roster const&) { return acknowledge(incident, now); });
  store::append_audit(desk.database, {0,
                                      desk.now,
                                      view.person,
                                      "link",
                                      "/incident ack INC-" + std::to_string(view.incident->id.value),
                                      done ? "done" : "refused",
                                      done ? "" : done.error().key,
                                      Millis{0},
                                      {}});
  if (done.has_error()) return;
  describe(view, done->incident);
  view.state = view.who == view.person ? "taken" : "already";
}

net::HttpResponse page_for(View const& view, Setup const& setup, std::string const& action) {
  auto const reader = setup.reader_of(view.person, view.now, Medium::plain);
  std::string const lang(name_of(reader.locale));
  auto const time = [&](Instant at) { return setup.catalogue->render(Notice("cell").with("value", at), reader); };
  std::vector<std::pair<std::string, std::string>> values{{"lang", lang}, {"action", action}};
  std::set<std::string, std::less<>> flags{view.state, lang};
  if (view.incident) {
    flags.insert("known");
    values.emplace_back("incident", "INC-" + std::to_string(view.incident->id.value));
    values.emplace_back("line", setup.catalogue->render(Notice("ack.line")
                                                            .with("severity", view.incident->severity)
                                                            .with("incident", view.incident->id)
                                                            .with("title", view.incident->title),
                                                        reader));
    auto const& person = view.state == "already" ? view.who : view.person;
    values.emplace_back("person", setup.display_name(person, reader.locale));
    values.emplace_back("time", time(view.at));
    values.emplace_back("until", time(view.until));
  }
  auto const status = view.state == "unknown" ? 404 : view.state == "expired" ? 410 : 200;
  return web_pages::from_template("ack.html", status, flags, values);
}

}  // namespace

std::string ack_token(PageId page, Secret const& key) {
  constexpr std::size_t kSignatureDigits = 32;  // 128 bits
  auto const number = std::to_string(page.value);
  return number + "-" + hmac_sha256_hex(key, "ack " + number).substr(0, kSignatureDigits);
}

std::optional<PageId> page_of_token(std::string_view token, Secret const& key) {
  PageId page;
  auto const [end, error] = std::from_chars(token.data(), token.data() + token.size(), page.value);
  if (error != std::errc{} || end == token.data() + token.size() || *end != '-' || page.value <= 0) return std::nullopt;
  if (!equal_in_constant_time(ack_token(page, key), token)) return std::nullopt;
  return page;
}

void serve_acknowledge(AcknowledgeParts const& parts, net::HttpRequest const& request, net::HttpReply const& reply) {
  bool const post = request.method == "POST";
  auto const id = page_of_token(std::string_view(request.path).substr(5), parts.key);
  auto view = std::make_shared<View>();
  parts.lane.submit(
      [id, view, post, setup = parts.setup](Database& database, Instant now) {
        *view = look_at(database, id, now);
        if (post && view->state == "ask") acknowledge_by_link(Desk{database, setup->directory, now}, *view);
      },
      [view, setup = parts.setup, reply, path = request.path, committed = parts.committed](std::exception_ptr error) {
        if (error) return reply(web_pages::secured(net::plain_response(503, "not stored, try again\n")));
        committed();
        reply(page_for(*view, *setup, path));
      });
}

}  // namespace tocsin
