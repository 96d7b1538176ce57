#include "bot/web/login.hpp"

#include "bot/web/responses.hpp"
#include "incidents/store/visitors.hpp"

namespace tocsin {
namespace {

constexpr std::string_view kPrefix = "/login/";

/// What one commit knows of the link.
struct FoundToken {
  std::optional<store::Link> link;
  std::optional<PersonId> person;  ///< who the session now belongs to
  Instant now{};
};

net::HttpResponse page_for(FoundToken const& found, Setup const& setup, std::string const& action) {
  auto const person = found.link ? found.link->person : PersonId{};
  auto const reader = setup.reader_of(person, found.now, Medium::plain);
  bool const ended = found.link && found.link->until <= found.now;
  std::string const state = !found.link ? "unknown" : ended ? "expired" : "ask";
  std::string until;
  if (found.link) until = setup.catalogue->render(Notice("cell").with("value", found.link->until), reader);
  std::string const lang(name_of(reader.locale));
  return web_pages::from_template(
      "login.html",
      !found.link ? 404
      : ended     ? 410
                  : 200,
      {state, lang},
      {{"lang", lang}, {"person", setup.display_name(person, reader.locale)}, {"until", until}, {"action", action}});
}

net::HttpResponse welcome(std::string const& session, bool https) {
  auto const seconds = std::chrono::duration_cast<std::chrono::seconds>(store::kSessionLife).count();
  net::HttpResponse response;
  response.status = 303;
  response.headers = {{"location", "/"},
                      {"set-cookie", std::string(kSessionCookie) + "=" + session +
                                         "; HttpOnly; SameSite=Strict; Path=/; Max-Age=" + std::to_string(seconds) +
                                         (https ? "; Secure" : "")}};
  return web_pages::secured(std::move(response));
}

}  // namespace

void serve_login(LoginParts const& parts, net::HttpRequest const& request, net::HttpReply const& reply) {
  auto const token = request.path.substr(kPrefix.size());
  bool const post = request.method == "POST";
  bool const https = request.header("origin").starts_with("https:");
  auto const session = store::new_token(parts.chance);
  auto found = std::make_shared<FoundToken>();
  parts.lane.submit(
      [found, token, session, post](Database& database, Instant now) {
        found->now = now;
        found->link = store::peek_link(database, token);
        if (post) found->person = store::redeem_link(database, token, session, now);
      },
      [found, session, reply, https, setup = parts.setup, path = request.path](std::exception_ptr error) {
        if (error) return reply(web_pages::secured(net::plain_response(503, "not stored, try again\n")));
        reply(found->person ? welcome(session, https) : page_for(*found, *setup, path));
      });
}

}  // namespace tocsin
