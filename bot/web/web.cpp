#include "bot/web/web.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>

#include "bot/web/acknowledge.hpp"
#include "bot/web/doors.hpp"
#include "bot/web/json.hpp"
#include "bot/web/login.hpp"
#include "bot/web/responses.hpp"
#include "bot/web/self_test.hpp"
#include "incidents/store/incidents.hpp"
#include "incidents/store/upkeep.hpp"
#include "incidents/store/visitors.hpp"
#include "integrations/net/http_server.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kShownPages = 30;
constexpr std::size_t kShownCompletions = 12;
constexpr std::size_t kEarlyMessages = 16;
constexpr Millis kRefreshPace{100};  // a burst of changes is one update of the page

}  // namespace

/// One open page in somebody's browser.
struct Viewer {
  std::shared_ptr<net::WebSocket> socket;
  PersonId person;
  bool known = false;              ///< whether it was looked up who it is
  std::vector<std::string> early;  ///< what came before that
  bool greeted = false;
};

class Web::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(Parts parts) : parts_(std::move(parts)), pace_(parts_.io) {}

  Result<void> listen() {
    auto const setup = parts_.setup();
    auto const& http = setup->config.http;
    auto self = shared_from_this();
    net::HttpServerOptions options;
    options.listen = doors::address_of(http.listen, http.listen.port);
    server_ = std::make_unique<net::HttpServer>(
        parts_.io, options, [self](net::HttpRequest request, net::HttpReply reply) { self->serve(request, reply); },
        net::WebSocketHandler{[self](net::HttpRequest const& request) { return self->refuse_socket(request); },
                              [self](net::HttpRequest request, std::shared_ptr<net::WebSocket> socket) {
                                self->open_socket(request, std::move(socket));
                              }});
    auto bound = server_->listen();
    if (bound.has_error()) return bound.error();
    if (http.public_listen) {
      options.listen = doors::address_of(*http.public_listen, http.public_listen->port);
      public_server_ = std::make_unique<net::HttpServer>(
          parts_.io, options,
          [self](net::HttpRequest request, net::HttpReply reply) { self->serve_public(request, reply); });
      auto outside = public_server_->listen();
      if (outside.has_error()) return outside.error();
    }
    listening_ = parts_.local.listen([self](LocalEntry const& entry) { self->tell_all(entry); });
    return {};
  }

  std::uint16_t port() const { return server_ ? server_->port() : 0; }

  void refresh() {
    if (wanted_.exchange(true)) return;
    boost::asio::post(parts_.io, [self = shared_from_this()] {
      self->pace_.expires_after(kRefreshPace);
      self->pace_.async_wait([self](boost::system::error_code cancelled) {
        self->wanted_ = false;
        if (!cancelled) self->tell_states(self->viewers_);
      });
    });
  }

  void stop(Millis limit, std::function<void()> done) {
    listening_.reset();
    pace_.cancel();
    auto left = std::make_shared<int>(public_server_ ? 2 : 1);
    auto one_done = [left, done = std::move(done)] {
      if (--*left == 0) done();
    };
    if (public_server_) public_server_->stop(limit, one_done);
    server_->stop(limit, one_done);
  }

  /// The servers' handlers keep this alive, and it keeps the servers: somebody has to let go first.
  void close() {
    listening_.reset();
    for (auto const& viewer : viewers_) viewer->socket.reset();
    viewers_.clear();
    public_server_.reset();
    server_.reset();
  }

  Parts& parts() { return parts_; }

  std::string base_url() const { return "http://" + doors::address_of(parts_.setup()->config.http.listen, port()); }

 private:
  static net::HttpResponse plain(int status, std::string text) {
    return web_pages::secured(net::plain_response(status, std::move(text)));
  }

  /// Whoever knocks under another name, or changes something from elsewhere, gets nowhere.
  std::optional<net::HttpResponse> stranger(net::HttpRequest const& request, HostPort const& listen,
                                            std::uint16_t bound) const {
    auto const& http = parts_.setup()->config.http;
    if (!doors::host_allowed(request, http, listen, bound)) return plain(421, "wrong host\n");
    bool const asks = request.method == "GET" && request.header("upgrade").empty();
    if (!asks && !doors::same_origin(request, http.public_url)) return plain(403, "wrong origin\n");
    return std::nullopt;
  }

  void serve(net::HttpRequest const& request, net::HttpReply const& reply) {
    auto const setup = parts_.setup();
    if (auto refused = stranger(request, setup->config.http.listen, port())) return reply(std::move(*refused));
    auto const& path = request.path;
    bool const form = path.starts_with("/ack/") || path.starts_with("/login/");
    if (request.method != "GET" && !(form && request.method == "POST"))
      return reply(plain(405, "method not allowed\n"));
    if (path.starts_with("/ack/")) return acknowledge(request, reply);
    if (path.starts_with(kSelfTestPath)) return reply(web_pages::secured(serve_self_test(request, parts_.ack_key)));
    if (path.starts_with("/login/")) return serve_login({parts_.lane, parts_.chance, setup}, request, reply);
    if (path == "/") return reply(web_pages::asset("index.html", request));
    if (path.starts_with("/assets/")) return reply(web_pages::asset(std::string_view(path).substr(8), request));
    if (path == "/healthz") return reply(plain(200, "ok\n"));
    if (path == "/readyz") {
      auto const trouble = setup->redactor->redact(parts_.trouble());
      return reply(plain(trouble.empty() ? 200 : 503, trouble.empty() ? "ok\n" : trouble + "\n"));
    }
    if (path == "/metrics") return serve_metrics(reply);
    reply(plain(404, "not found\n"));
  }

  void serve_metrics(net::HttpReply const& reply) {
    parts_.metrics([reply](std::optional<std::string> text) {
      if (!text) return reply(plain(503, "the store does not answer\n"));
      net::HttpResponse metrics{200, {{"content-type", "text/plain; version=0.0.4; charset=utf-8"}}, std::move(*text)};
      reply(web_pages::secured(std::move(metrics)));
    });
  }

  void serve_public(net::HttpRequest const& request, net::HttpReply const& reply) {
    auto const setup = parts_.setup();
    if (auto refused = stranger(request, *setup->config.http.public_listen, public_server_->port()))
      return reply(std::move(*refused));
    if (request.path.starts_with(kSelfTestPath))
      return reply(web_pages::secured(serve_self_test(request, parts_.ack_key)));
    if (!request.path.starts_with("/ack/")) return reply(plain(404, "not found\n"));
    if (request.method != "GET" && request.method != "POST") return reply(plain(405, "method not allowed\n"));
    acknowledge(request, reply);
  }

  void acknowledge(net::HttpRequest const& request, net::HttpReply const& reply) {
    serve_acknowledge({parts_.lane, parts_.setup(), parts_.ack_key, parts_.committed}, request, reply);
  }

  std::optional<net::HttpResponse> refuse_socket(net::HttpRequest const& request) {
    if (auto refused = stranger(request, parts_.setup()->config.http.listen, port())) return refused;
    if (request.path != "/ws") return plain(404, "not found\n");
    return std::nullopt;
  }

  void open_socket(net::HttpRequest const& request, std::shared_ptr<net::WebSocket> socket) {
    auto viewer = std::make_shared<Viewer>();
    viewer->socket = socket;
    viewers_.push_back(viewer);
    auto const session = doors::cookie(request.header("cookie"), kSessionCookie);
    std::weak_ptr<Viewer> const weak = viewer;
    socket->on_closed([self = shared_from_this(), weak](net::WebSocketEnd const&) {
      std::erase_if(self->viewers_, [&](auto const& each) { return each == weak.lock(); });
    });
    socket->on_text([self = shared_from_this(), viewer](std::string_view text) {
      if (viewer->known) return self->heard(viewer, text);
      if (viewer->early.size() < kEarlyMessages) viewer->early.emplace_back(text);
    });
    auto person = std::make_shared<PersonId>();
    parts_.lane.submit(
        [session, person](Database& database, Instant now) {
          if (!session.empty()) *person = store::person_of_session(database, session, now).value_or(PersonId{});
        },
        [self = shared_from_this(), viewer, person](std::exception_ptr) {
          boost::asio::post(self->parts_.io, [self, viewer, person] {
            viewer->person = *person;
            viewer->known = true;
            for (auto const& text : std::exchange(viewer->early, {})) self->heard(viewer, text);
          });
        });
  }

  Caller caller_of(Viewer const& viewer, Setup const& setup) const {
    return setup.caller_of(viewer.person, viewer.person.empty() ? "web:visitor" : "web:" + viewer.person.value);
  }

  void heard(std::shared_ptr<Viewer> const& viewer, std::string_view text) {
    auto const setup = parts_.setup();
    auto const message = web_json::read(text);
    auto const caller = caller_of(*viewer, *setup);
    using enum web_json::FromPage::Kind;
    switch (message.kind) {
      case hello: {
        auto const past = parts_.local.since(message.since, message.log, viewer->person);
        viewer->socket->send(web_json::hello(
            caller, *setup, {parts_.clock.now(), parts_.clock.rate(), parts_.version, parts_.local.log(), past.reset}));
        viewer->greeted = true;
        for (auto const& entry : past.entries) tell(*viewer, entry);
        return tell_states({viewer});
      }
      case complete: {
        auto const reader = setup->reader_of(viewer->person, parts_.clock.now(), Medium::plain);
        auto const items = tocsin::complete({setup->table,
                                             setup->vocabulary,
                                             caller.role,
                                             name_of(caller.locale),
                                             message.text,
                                             {},
                                             kShownCompletions});
        viewer->socket->send(web_json::completions(message.sequence, items, *setup, reader));
        return;
      }
      case command:
        return run(viewer, caller, message);
      case ping:
        viewer->socket->send(web_json::pong(parts_.clock.now()));
        return;
      case unknown:
        return;  // a newer page may say more than we know
    }
  }

  void run(std::shared_ptr<Viewer> const& viewer, Caller const& caller, web_json::FromPage const& message) {
    if (caller.person.empty()) {
      viewer->socket->send(web_json::result(message.id, "refused"));
      return;
    }
    LocalEntry typed;
    typed.key = "command:" + message.id;
    typed.author = caller.person;
    typed.audience = std::vector{caller.person};
    typed.typed = parts_.setup()->redactor->redact(message.text);
    parts_.local.say(std::move(typed));
    Inbound inbound;
    inbound.platform = "web";
    inbound.id = message.id;
    inbound.account = caller.person.value;
    inbound.as = caller.person;
    inbound.room = local_room();
    inbound.direct = true;
    inbound.text = message.text;
    parts_.dispatcher.take(inbound, [self = shared_from_this(), viewer, id = message.id](Reply const& reply) {
      boost::asio::post(self->parts_.io, [self, viewer, id, reply] { self->answered(viewer, id, reply); });
    });
  }

  void answered(std::shared_ptr<Viewer> const& viewer, std::string const& id, Reply const& reply) {
    bool const shown_elsewhere = reply.message.announced && reply.state == Reply::State::done;
    bool const told = reply.state != Reply::State::progress;
    auto const result = web_json::result(id, reply.state == Reply::State::accepted  ? "accepted"
                                             : reply.state == Reply::State::refused ? "refused"
                                                                                    : "done");
    if (reply.message.empty() || shown_elsewhere) {
      if (told) viewer->socket->send(result);
      return;
    }
    // Asked again while it runs: its answer so far stands already, and is not to be taken for a refusal.
    if (auto const* said = std::get_if<Say>(&reply.message.blocks.front());
        said != nullptr && said->notice.key == "refused.still_running") {
      viewer->socket->send(web_json::result(id, "accepted"));
      return;
    }
    LocalEntry entry;
    entry.key = "answer:" + id;
    entry.reply_to = id;
    entry.audience = std::vector{reply.caller.person};
    entry.message = reply.message;
    // Only an answer that would survive a crash is the end of its command: until then the page sends it again, and gets
    // the same answer.
    parts_.local.say(std::move(entry), [self = shared_from_this(), viewer, result, told](bool) {
      if (!told) return;
      boost::asio::post(self->parts_.io, [viewer, result] { viewer->socket->send(result); });
    });
  }

  void tell(Viewer& viewer, LocalEntry const& entry) {
    if (!viewer.greeted || !visible_to(entry, viewer.person)) return;
    auto const setup = parts_.setup();
    viewer.socket->send(
        web_json::entry(entry, *setup, setup->reader_of(viewer.person, parts_.clock.now(), Medium::chat)));
  }

  void tell_all(LocalEntry const& entry) {
    for (auto const& viewer : viewers_) tell(*viewer, entry);
  }

  /// Open incidents and the page inbox, as each viewer may see them.
  void tell_states(std::vector<std::shared_ptr<Viewer>> viewers) {
    std::erase_if(viewers, [](auto const& viewer) { return !viewer->greeted; });
    if (viewers.empty()) return;
    struct Snapshot {
      std::vector<Incident> live;
      std::map<PersonId, std::vector<store::Page>> pages;
      std::vector<Approval> requests;
    };
    auto state = std::make_shared<Snapshot>();
    std::vector<PersonId> people;
    for (auto const& viewer : viewers) people.push_back(viewer->person);
    parts_.lane.submit(
        [state, people](Database& database, Instant now) {
          *state = {};
          state->requests = store::open_approvals(database, now);
          state->live = store::live_incidents(database);
          for (auto const& person : people) {
            if (!person.empty() && !state->pages.contains(person))
              state->pages[person] = store::pages_for(database, person, kShownPages);
          }
        },
        [self = shared_from_this(), state, viewers](std::exception_ptr error) {
          if (error) return;
          boost::asio::post(self->parts_.io, [self, state, viewers] {
            for (auto const& viewer : viewers)
              self->tell_state(*viewer, state->live, state->pages[viewer->person], state->requests);
          });
        });
  }

  void tell_state(Viewer& viewer, std::vector<Incident> live, std::vector<store::Page> const& pages,
                  std::vector<Approval> requests) {
    auto const setup = parts_.setup();
    auto const now = parts_.clock.now();
    auto const reader = setup->reader_of(viewer.person, now, Medium::chat);
    std::erase_if(live, [&](Incident const& each) { return !may_see(each, viewer.person); });
    std::erase_if(requests, [&](Approval const& each) {
      return each.asked_by == viewer.person || each.state != ApprovalState::waiting || each.expires_at <= now;
    });
    viewer.socket->send(web_json::incidents(live, *setup, reader, now));
    viewer.socket->send(web_json::inbox(pages, live, requests, *setup, reader));
  }

  Parts parts_;
  boost::asio::steady_timer pace_;
  std::unique_ptr<net::HttpServer> server_;
  std::unique_ptr<net::HttpServer> public_server_;
  std::vector<std::shared_ptr<Viewer>> viewers_;
  std::shared_ptr<void> listening_;
  std::atomic<bool> wanted_{false};
};

Web::Web(Parts parts) : state_(std::make_shared<State>(std::move(parts))) {}
Web::~Web() { state_->close(); }
Result<void> Web::listen() { return state_->listen(); }
std::uint16_t Web::port() const { return state_->port(); }
void Web::refresh() { state_->refresh(); }
void Web::stop(Millis limit, std::function<void()> done) { state_->stop(limit, std::move(done)); }

std::string Web::login_link(Database& database, PersonId const& person, Instant now) {
  auto const token = store::new_token(state_->parts().chance);
  store::keep_link(database, token, person, now);
  return state_->base_url() + "/login/" + token;
}

std::string Web::ack_link(PageId page) const {
  auto const setup = state_->parts().setup();
  auto const& url = setup->config.http.public_url;
  if (url.empty() || !state_->parts().proven(url)) return {};
  return below_url(url, "ack/" + ack_token(page, state_->parts().ack_key));
}

}  // namespace tocsin
