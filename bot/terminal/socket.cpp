#include "bot/terminal/socket.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <istream>
#include <nlohmann/json.hpp>

#include "bot/local.hpp"
#include "bot/render.hpp"
#include "config/text.hpp"

namespace tocsin {
namespace {

namespace asio = boost::asio;
using Protocol = asio::local::stream_protocol;
using nlohmann::json;

constexpr std::size_t kMaxRequestBytes = 64 * 1024;
constexpr std::chrono::seconds kRequestDeadline{10};
/// Longer than any command may take (a day is the longest timeout of an action).
constexpr std::chrono::hours kAnswerDeadline{25};

/// The Unix user at the other end, by name where it has one, else by number.
std::string peer_account(Protocol::socket& socket) {
  ucred credentials{};
  socklen_t length = sizeof credentials;
  if (::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return {};
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 4096> buffer{};
  if (::getpwuid_r(credentials.uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
    return found->pw_name;
  return std::to_string(credentials.uid);
}

/// A name of any length for a socket: the kernel takes 107 bytes, so a longer path is said relative to its folder.
struct ShortName {
  explicit ShortName(std::filesystem::path const& path) : text(path.string()) {
    constexpr std::size_t kMaxNameBytes = 107;
    if (text.size() <= kMaxNameBytes) return;
    folder = ::open(path.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) text = "/proc/self/fd/" + std::to_string(folder) + "/" + path.filename().string();
    text.resize(std::min(text.size(), kMaxNameBytes));  // still too long: no such file
  }
  ~ShortName() {
    if (folder >= 0) ::close(folder);
  }
  ShortName(ShortName const&) = delete;
  ShortName& operator=(ShortName const&) = delete;

  std::string text;
  int folder = -1;
};

std::string_view word_of(Reply::State state) {
  switch (state) {
    case Reply::State::nothing:
      return "nothing";
    case Reply::State::accepted:
      return "accepted";
    case Reply::State::progress:
      return "progress";
    case Reply::State::refused:
      return "refused";
    case Reply::State::done:
      return "done";
  }
  return "done";
}

}  // namespace

/// One caller, from its request to its last answer.
class SaySession : public std::enable_shared_from_this<SaySession> {
 public:
  /// `owner` keeps `parts` alive for as long as an answer may still come.
  SaySession(Protocol::socket socket, SaySocket::Parts const& parts, std::shared_ptr<void> owner)
      : socket_(std::move(socket)),
        parts_(parts),
        owner_(std::move(owner)),
        timer_(parts.io),
        buffer_(kMaxRequestBytes) {}

  void start() {
    limit(kRequestDeadline);
    asio::async_read_until(socket_, buffer_, '\n',
                           [self = shared_from_this()](boost::system::error_code error, std::size_t) {
                             if (!error) return self->heard();
                             if (error == asio::error::not_found)  // the buffer is full, and no end of the line in it
                               self->refuse(Notice("say.too_long").with("limit", std::int64_t{kMaxRequestBytes}));
                           });
  }

 private:
  template <class Length>
  void limit(Length length) {
    timer_.expires_after(length);
    timer_.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
      boost::system::error_code ignored;
      if (!cancelled) self->socket_.close(ignored);
    });
  }

  void heard() {
    std::string line;
    std::istream stream(&buffer_);
    std::getline(stream, line);
    auto const request = json::parse(line, nullptr, false);
    auto const text = [&](char const* name) {
      return request.is_object() && request.contains(name) && request[name].is_string()
                 ? request[name].get<std::string>()
                 : std::string{};
    };
    if (auto const about = text("ask"); !about.empty() && parts_.ask) {
      return parts_.ask(about, [self = shared_from_this()](std::string const& answer) {
        self->answer_and_end(json::parse(answer, nullptr, false));
      });
    }
    Inbound inbound;
    inbound.platform = "terminal";
    inbound.account = peer_account(socket_);
    inbound.id = text("id").empty() ? std::to_string(parts_.chance.bits()) : text("id");
    inbound.room = {std::string(kLocalPlatform), text("channel").empty() ? std::string(kLocalRoom) : text("channel"),
                    ""};
    inbound.direct = true;
    inbound.text = text("text");
    if (auto const as = text("as"); !as.empty()) {
      if (!parts_.may_speak_as) return refuse(Notice("say.as_refused"));
      if (parts_.setup()->config.person(PersonId{as}) == nullptr)
        return refuse(Notice("say.no_such_person").with("name", as));
      inbound.as = PersonId{as};
    }
    limit(kAnswerDeadline);
    parts_.dispatcher.take(inbound, [self = shared_from_this()](Reply const& reply) {
      asio::post(self->parts_.io, [self, reply] { self->answer(reply); });
    });
  }

  void refuse(Notice notice) { answer({Reply::State::refused, Message(std::move(notice)), {}}); }

  void answer(Reply const& reply) {
    // Words that mean nothing to a room may be meant for somebody else there; here they are meant for the bot.
    if (reply.state == Reply::State::nothing) return refuse(Notice("parse.empty"));
    auto const setup = parts_.setup();
    auto reader = setup->reader_of(reply.caller.person, parts_.clock.now(), Medium::chat);
    bool const more = reply.state == Reply::State::accepted || reply.state == Reply::State::progress;
    json const line{{"state", word_of(reply.state)}, {"text", render_plain(reply.message, *setup, reader)}};
    more ? put(line) : answer_and_end(line);
  }

  void answer_and_end(json const& line) {
    ending_ = true;
    put(line);
  }

  void put(json const& line) {
    waiting_.push_back(line.dump(-1, ' ', false, json::error_handler_t::replace) + "\n");
    if (waiting_.size() == 1) write();
  }

  void write() {
    asio::async_write(socket_, asio::buffer(waiting_.front()),
                      [self = shared_from_this()](boost::system::error_code error, std::size_t) {
                        self->waiting_.pop_front();
                        if (!error && !self->waiting_.empty()) return self->write();
                        if (error || self->ending_) {
                          self->timer_.cancel();
                          boost::system::error_code ignored;
                          self->socket_.close(ignored);
                        }
                      });
  }

  Protocol::socket socket_;
  SaySocket::Parts const& parts_;
  std::shared_ptr<void> owner_;
  asio::steady_timer timer_;
  asio::streambuf buffer_;
  std::deque<std::string> waiting_;
  bool ending_ = false;
};

class SaySocket::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(Parts parts) : parts_(std::move(parts)), acceptor_(parts_.io) {}

  Result<void> listen(std::filesystem::path const& path) {
    ::unlink(path.c_str());
    ShortName const name(path);
    boost::system::error_code error;
    acceptor_.open(Protocol(), error);
    auto const mask = ::umask(0177);
    if (!error) acceptor_.bind(Protocol::endpoint(name.text), error);
    ::umask(mask);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      boost::system::error_code ignored;
      acceptor_.close(ignored);  // another path may be tried
      return Error{Errc::unavailable, "socket " + path.string() + ": " + error.message()};
    }
    path_ = path;
    accept();
    return {};
  }

  void stop() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    if (!path_.empty()) ::unlink(path_.c_str());
  }

 private:
  void accept() {
    acceptor_.async_accept([self = shared_from_this()](boost::system::error_code error, Protocol::socket socket) {
      if (error == asio::error::operation_aborted || !self->acceptor_.is_open()) return;
      if (!error) std::make_shared<SaySession>(std::move(socket), self->parts_, self)->start();
      self->accept();
    });
  }

  Parts parts_;
  Protocol::acceptor acceptor_;
  std::filesystem::path path_;
};

SaySocket::SaySocket(Parts parts) : state_(std::make_shared<State>(std::move(parts))) {}
SaySocket::~SaySocket() { stop(); }
Result<void> SaySocket::listen(std::filesystem::path const& path) { return state_->listen(path); }
void SaySocket::stop() { state_->stop(); }

int say(std::filesystem::path const& path, SayRequest const& request, SayOutput const& output) {
  if (auto const at = first_invalid_utf8(request.text)) {
    output.complain(Notice("parse.not_text").with("at", static_cast<std::int64_t>(*at + 1)));
    return 1;
  }
  asio::io_context io;
  Protocol::socket socket(io);
  boost::system::error_code error;
  ShortName const name(path);
  socket.connect(Protocol::endpoint(name.text), error);
  if (error) {
    bool const not_mine = error == boost::system::errc::permission_denied;
    output.complain(Notice(not_mine ? "say.not_yours" : "say.no_bot").with("path", path.string()));
    return 1;
  }
  auto const line = json{{"text", request.text}, {"channel", request.channel}, {"as", request.as}}.dump(
                        -1, ' ', false, json::error_handler_t::replace) +
                    "\n";
  asio::write(socket, asio::buffer(line), error);
  // The bot may refuse before it has read everything: its reason is worth more than "broken pipe".
  error.clear();
  asio::streambuf buffer;
  std::string state;
  while (!error) {
    asio::read_until(socket, buffer, '\n', error);
    std::istream stream(&buffer);
    std::string answer;
    if (!std::getline(stream, answer) || answer.empty()) break;
    auto const parsed = json::parse(answer, nullptr, false);
    if (!parsed.is_object()) break;
    state = parsed.value("state", "");
    if (request.json) {
      output.print(answer + "\n");
    } else if (state != "accepted" && state != "progress") {
      output.print(parsed.value("text", ""));
    }
  }
  if (state != "done" && state != "refused") output.complain(Notice("say.bot_gone"));
  return state == "done" ? 0 : 1;
}

}  // namespace tocsin
