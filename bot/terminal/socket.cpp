#include "bot/terminal/socket.hpp"

#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

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
                             if (!error) self->heard();
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
      if (!parts_.may_speak_as)
        return answer_and_end({{"state", "refused"}, {"text", "--as works in demo and test mode only\n"}});
      if (parts_.setup()->config.person(PersonId{as}) == nullptr)
        return answer_and_end({{"state", "refused"}, {"text", "no such person: " + as + "\n"}});
      inbound.as = PersonId{as};
    }
    limit(kAnswerDeadline);
    parts_.dispatcher.take(inbound, [self = shared_from_this()](Reply const& reply) {
      asio::post(self->parts_.io, [self, reply] { self->answer(reply); });
    });
  }

  void answer(Reply const& reply) {
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
    boost::system::error_code error;
    acceptor_.open(Protocol(), error);
    auto const mask = ::umask(0177);
    if (!error) acceptor_.bind(Protocol::endpoint(path.string()), error);
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

int say(std::filesystem::path const& path, SayRequest const& request,
        std::function<void(std::string const&)> const& print) {
  asio::io_context io;
  Protocol::socket socket(io);
  boost::system::error_code error;
  socket.connect(Protocol::endpoint(path.string()), error);
  if (error) {
    print("no bot answers at " + path.string() + ": " + error.message() + "\n");
    return 1;
  }
  auto const line = json{{"text", request.text}, {"channel", request.channel}, {"as", request.as}}.dump() + "\n";
  asio::write(socket, asio::buffer(line), error);
  asio::streambuf buffer;
  std::string state = "failed";
  while (!error) {
    asio::read_until(socket, buffer, '\n', error);
    std::istream stream(&buffer);
    std::string answer;
    if (!std::getline(stream, answer) || answer.empty()) break;
    auto const parsed = json::parse(answer, nullptr, false);
    if (!parsed.is_object()) break;
    state = parsed.value("state", "failed");
    if (request.json) {
      print(answer + "\n");
    } else if (state != "accepted" && state != "progress") {
      print(parsed.value("text", ""));
    }
  }
  return state == "done" ? 0 : 1;
}

}  // namespace tocsin
