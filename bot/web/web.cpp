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
#include "bot/web/self_test.hpp"
#include "bot/web/template.hpp"
#include "incidents/base/embedded.hpp"
#include "incidents/store/incidents.hpp"
#include "incidents/store/visitors.hpp"
#include "integrations/net/http_server.hpp"

namespace tocsin {
namespace {

constexpr std::string_view kPolicy =
    "default-src 'self'; connect-src 'self'; style-src 'self'; script-src 'self'; img-src 'self' data:; base-uri "
    "'none'; "
    "frame-ancestors 'none'; form-action 'self'";
constexpr std::string_view kCookie = "tocsin_session";
constexpr std::size_t kShownPages = 30;
constexpr std::size_t kShownCompletions = 12;
constexpr std::size_t kMaxTypedBytes = 8 * 1024;
constexpr Millis kRefreshPace{100};  // a burst of changes is one update of the page

std::string_view media_type(std::string_view name) {
  if (name.ends_with(".html")) return "text/html; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (name.ends_with(".svg")) return "image/svg+xml";
  return "application/octet-stream";
}

net::HttpResponse page(int status, std::string type, std::string body) {
  net::HttpResponse response;
  response.status = status;
  // Not "no-referrer": browsers would then send "Origin: null" with our own forms.
  response.headers = {{"content-type", std::move(type)},
                      {"content-security-policy", std::string(kPolicy)},
                      {"x-content-type-options", "nosniff"},
                      {"referrer-policy", "same-origin"},
                      {"cache-control", "no-store"}};
  response.body = std::move(body);
  return response;
}

embedded::File const* asset(std::string_view name) {
  auto const& files = embedded::assets();
  auto const found = std::find_if(files.begin(), files.end(), [&](auto const& file) { return file.name == name; });
  return found == files.end() ? nullptr : &*found;
}

net::HttpResponse asset_page(std::string_view name) {
  auto const* file = asset(name);
  if (file == nullptr) return net::plain_response(404, "not found\n");
  return page(200, std::string(media_type(name)), std::string(file->text));
}

}  // namespace

/// One open page in somebody's browser.
struct Viewer {
  std::shared_ptr<net::WebSocket> socket;
  PersonId person;
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
    options.listen = http.listen.host + ":" + std::to_string(http.listen.port);
    server_ = std::make_unique<net::HttpServer>(
        parts_.io, options, [self](net::HttpRequest request, net::HttpReply reply) { self->serve(request, reply); },
        net::WebSocketHandler{[self](net::HttpRequest const& request) { return self->refuse_socket(request); },
                              [self](net::HttpRequest request, std::shared_ptr<net::WebSocket> socket) {
                                self->open_socket(request, std::move(socket));
                              }});
    auto bound = server_->listen();
    if (bound.has_error()) return bound.error();
    if (http.public_listen) {
      options.listen = http.public_listen->host + ":" + std::to_string(http.public_listen->port);
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

  std::string base_url() const {
    return "http://" + parts_.setup()->config.http.listen.host + ":" + std::to_string(port());
  }

 private:
  void serve(net::HttpRequest const& request, net::HttpReply const& reply) {
    auto const setup = parts_.setup();
    if (!doors::host_allowed(request.header("host"), setup->config.http, port()))
      return reply(net::plain_response(421, "wrong host\n"));
    if (request.path.starts_with("/ack/") || request.path.starts_with(kSelfTestPath))
      return serve_public(request, reply);
    if (request.path.starts_with("/login/")) return serve_login(request, reply);
    if (request.method != "GET") return reply(net::plain_response(405, "method not allowed\n"));
    if (request.path == "/") return reply(asset_page("index.html"));
    if (request.path.starts_with("/assets/")) return reply(asset_page(std::string_view(request.path).substr(8)));
    if (request.path == "/healthz") return reply(net::plain_response(200, "ok\n"));
    if (request.path == "/readyz") {
      auto const trouble = setup->redactor->redact(parts_.trouble());
      return reply(net::plain_response(trouble.empty() ? 200 : 503, trouble.empty() ? "ok\n" : trouble + "\n"));
    }
    if (request.path == "/metrics")
      return reply(page(200, "text/plain; version=0.0.4; charset=utf-8", parts_.metrics()));
    reply(net::plain_response(404, "not found\n"));
  }

  void serve_public(net::HttpRequest const& request, net::HttpReply const& reply) {
    if (request.path.starts_with("/ack/"))
      return serve_acknowledge({parts_.lane, parts_.setup(), parts_.ack_key, parts_.committed}, request, reply);
    if (request.path.starts_with(kSelfTestPath)) return reply(serve_self_test(request, parts_.ack_key));
    reply(net::plain_response(404, "not found\n"));
  }

  void serve_login(net::HttpRequest const& request, net::HttpReply const& reply) {
    if (request.method == "POST" && !doors::same_origin(request))
      return reply(net::plain_response(403, "wrong origin\n"));
    auto const token = request.path.substr(7);
    bool const post = request.method == "POST";
    struct Found {
      std::optional<store::Link> link;
      std::optional<PersonId> person;
      Instant now{};
    };
    auto found = std::make_shared<Found>();
    auto const session = store::new_token(parts_.chance);
    parts_.lane.submit(
        [found, token, session, post](Database& database, Instant now) {
          found->now = now;
          found->link = store::peek_link(database, token);
          if (post) found->person = store::redeem_link(database, token, session, now);
        },
        [self = shared_from_this(), found, session, request, reply](std::exception_ptr error) {
          if (error) return reply(net::plain_response(503, "not stored, try again\n"));
          if (found->person) {
            net::HttpResponse response;
            response.status = 303;
            response.headers = {{"location", "/"},
                                {"set-cookie", std::string(kCookie) + "=" + session +
                                                   "; HttpOnly; SameSite=Strict; Path=/; Max-Age=1209600"}};
            return reply(std::move(response));
          }
          reply(self->login_page(*found, request.path));
        });
  }

  template <class Found>
  net::HttpResponse login_page(Found const& found, std::string const& action) {
    auto const setup = parts_.setup();
    auto const person = found.link ? found.link->person : PersonId{};
    auto const reader = setup->reader_of(person, found.now, Medium::plain);
    std::string const state = !found.link ? "unknown" : found.link->until <= found.now ? "expired" : "ask";
    auto const until =
        found.link ? setup->catalogue->render(Notice("cell").with("value", found.link->until), reader) : "";
    auto const* file = asset("login.html");
    std::string const lang(name_of(reader.locale));
    return page(200, "text/html; charset=utf-8",
                web_pages::fill(file->text, {state, lang},
                                {{"lang", lang},
                                 {"person", setup->display_name(person, reader.locale)},
                                 {"until", until},
                                 {"action", action}}));
  }

  std::optional<net::HttpResponse> refuse_socket(net::HttpRequest const& request) {
    if (!doors::host_allowed(request.header("host"), parts_.setup()->config.http, port()))
      return net::plain_response(421, "wrong host\n");
    if (!doors::same_origin(request)) return net::plain_response(403, "wrong origin\n");
    if (request.path != "/ws") return net::plain_response(404, "not found\n");
    return std::nullopt;
  }

  void open_socket(net::HttpRequest const& request, std::shared_ptr<net::WebSocket> socket) {
    auto viewer = std::make_shared<Viewer>();
    viewer->socket = socket;
    viewers_.push_back(viewer);
    auto const session = doors::cookie(request.header("cookie"), kCookie);
    std::weak_ptr<Viewer> const weak = viewer;
    socket->on_closed([self = shared_from_this(), weak](net::WebSocketEnd const&) {
      std::erase_if(self->viewers_, [&](auto const& each) { return each == weak.lock(); });
    });
    auto person = std::make_shared<PersonId>();
    parts_.lane.submit(
        [session, person](Database& database, Instant now) {
          if (!session.empty()) *person = store::person_of_session(database, session, now).value_or(PersonId{});
        },
        [self = shared_from_this(), viewer, person](std::exception_ptr) {
          boost::asio::post(self->parts_.io, [self, viewer, person] {
            viewer->person = *person;
            viewer->socket->on_text([self, viewer](std::string_view text) { self->heard(viewer, text); });
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
        viewer->socket->send(web_json::hello(caller, *setup, parts_.clock.now(), parts_.clock.rate(), parts_.version));
        viewer->greeted = true;
        for (auto const& entry : parts_.local.since(message.since)) tell(*viewer, entry);
        return tell_states({viewer});
      }
      case complete: {
        auto const reader = setup->reader_of(viewer->person, parts_.clock.now(), Medium::plain);
        auto const items = tocsin::complete(setup->table, caller.role, message.text, kShownCompletions);
        viewer->socket->send(web_json::completions(message.sequence, items, *setup, reader));
        return;
      }
      case command:
        return run(viewer, caller, message);
      case unknown:
        viewer->socket->send(web_json::error("unknown message"));
    }
  }

  void run(std::shared_ptr<Viewer> const& viewer, Caller const& caller, web_json::FromPage const& message) {
    if (caller.person.empty() || message.text.size() > kMaxTypedBytes) {
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
    inbound.room = {std::string(kLocalPlatform), std::string(kLocalRoom), ""};
    inbound.direct = true;
    inbound.text = message.text;
    parts_.dispatcher.take(inbound, [self = shared_from_this(), viewer, id = message.id](Reply const& reply) {
      boost::asio::post(self->parts_.io, [self, viewer, id, reply] { self->answered(*viewer, id, reply); });
    });
  }

  void answered(Viewer& viewer, std::string const& id, Reply const& reply) {
    bool const shown_elsewhere = reply.message.announced && reply.state == Reply::State::done;
    if (!reply.message.empty() && !shown_elsewhere) {
      LocalEntry entry;
      entry.key = "answer:" + id;
      entry.reply_to = id;
      entry.audience = std::vector{reply.caller.person};
      entry.message = reply.message;
      parts_.local.say(std::move(entry));
    }
    if (reply.state == Reply::State::progress) return;
    viewer.socket->send(web_json::result(id, reply.state == Reply::State::accepted  ? "accepted"
                                             : reply.state == Reply::State::refused ? "refused"
                                                                                    : "done"));
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
    };
    auto state = std::make_shared<Snapshot>();
    std::vector<PersonId> people;
    for (auto const& viewer : viewers) people.push_back(viewer->person);
    parts_.lane.submit(
        [state, people](Database& database, Instant) {
          state->live = store::live_incidents(database);
          for (auto const& person : people) {
            if (!person.empty() && !state->pages.contains(person))
              state->pages[person] = store::pages_for(database, person, kShownPages);
          }
        },
        [self = shared_from_this(), state, viewers](std::exception_ptr error) {
          if (error) return;
          boost::asio::post(self->parts_.io, [self, state, viewers] {
            for (auto const& viewer : viewers) self->tell_state(*viewer, state->live, state->pages[viewer->person]);
          });
        });
  }

  void tell_state(Viewer& viewer, std::vector<Incident> live, std::vector<store::Page> const& pages) {
    auto const setup = parts_.setup();
    auto const now = parts_.clock.now();
    auto const reader = setup->reader_of(viewer.person, now, Medium::chat);
    std::erase_if(live, [&](Incident const& each) { return !may_see(each, viewer.person); });
    viewer.socket->send(web_json::incidents(live, *setup, reader, now));
    viewer.socket->send(web_json::inbox(pages, live, *setup, reader));
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

std::string Web::login_link(PersonId const& person) {
  auto const token = store::new_token(state_->parts().chance);
  run_and_wait(state_->parts().lane,
               [&](Database& database, Instant now) { store::keep_link(database, token, person, now); });
  return state_->base_url() + "/login/" + token;
}

std::string Web::ack_link(PageId page) const {
  auto const setup = state_->parts().setup();
  auto const& url = setup->config.http.public_url;
  if (url.empty() || !state_->parts().proven(url)) return {};
  return below_url(url, "ack/" + ack_token(page, state_->parts().ack_key));
}

}  // namespace tocsin
