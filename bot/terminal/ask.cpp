#include "bot/terminal/ask.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <system_error>

namespace tocsin {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxAnswer = 64 * 1024;

struct Descriptor {
  int number = -1;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

std::string reason() { return std::generic_category().message(errno); }

/// Each wait may take the whole deadline: a bot that dribbles its answer is not worth more bookkeeping, for the answer
/// is one short line.
bool ready(int socket, short what, Millis deadline) {
  pollfd wait{socket, what, 0};
  return ::poll(&wait, 1, static_cast<int>(deadline.count())) == 1;
}

std::string text_of(json const& object, char const* name) {
  auto const found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::int64_t number_of(json const& object, char const* name) {
  auto const found = object.find(name);
  return found != object.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

}  // namespace

std::string encode(BotState const& state) {
  json answer{{"state", "done"},    {"version", state.version},        {"process", state.process},
              {"user", state.user}, {"since", to_millis(state.since)}, {"trouble", state.trouble}};
  if (state.slack) answer["slack"] = *state.slack;
  return answer.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<BotState> decode_bot_state(std::string_view line) {
  auto const parsed = json::parse(line, nullptr, false);
  if (!parsed.is_object() || text_of(parsed, "version").empty())
    return Error{Errc::invalid, "the bot's answer can't be read: another version?"};
  BotState state{text_of(parsed, "version"), number_of(parsed, "process"), number_of(parsed, "user"),
                 from_millis(number_of(parsed, "since")), text_of(parsed, "trouble")};
  if (parsed.contains("slack")) state.slack = number_of(parsed, "slack");
  return state;
}

std::string encode(ProofAnswer const& answer) {
  return json{{"state", "done"}, {"problem", answer.problem}}.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<std::string> ask_bot(std::filesystem::path const& path, std::string const& question, Millis deadline) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  auto const name = path.string();
  if (name.size() >= sizeof address.sun_path) return Error{Errc::invalid, "the socket's name is too long: " + name};
  std::memcpy(address.sun_path, name.data(), name.size());
  Descriptor const socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (socket.number < 0) return Error{Errc::unavailable, "no socket: " + reason()};
  if (::connect(socket.number, reinterpret_cast<sockaddr const*>(&address), sizeof address) != 0)
    return Error{errno == ENOENT || errno == ECONNREFUSED ? Errc::not_found : Errc::unavailable,
                 "no bot answers at " + name + ": " + reason()};
  auto const line = question + "\n";
  if (!ready(socket.number, POLLOUT, deadline) ||
      ::send(socket.number, line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size()))
    return Error{Errc::unavailable, "the bot does not listen at " + name};
  std::string answer;
  std::array<char, 4096> piece{};
  while (answer.find('\n') == std::string::npos && answer.size() < kMaxAnswer) {
    if (!ready(socket.number, POLLIN, deadline)) return Error{Errc::timed_out, "the bot did not answer in time"};
    auto const got = ::recv(socket.number, piece.data(), piece.size(), 0);
    if (got <= 0) break;
    answer.append(piece.data(), static_cast<std::size_t>(got));
  }
  return answer.substr(0, answer.find('\n'));
}

Result<BotState> ask_bot_state(std::filesystem::path const& socket, Millis deadline) {
  auto const answer = ask_bot(socket, json{{"ask", "state"}}.dump(), deadline);
  if (answer.has_error()) return answer.error();
  return decode_bot_state(*answer);
}

Result<ProofAnswer> ask_bot_proof(std::filesystem::path const& socket, Millis deadline) {
  auto const answer = ask_bot(socket, json{{"ask", kAskProof}}.dump(), deadline);
  if (answer.has_error()) return answer.error();
  auto const parsed = json::parse(*answer, nullptr, false);
  if (!parsed.is_object() || !parsed.contains("problem")) return Error{Errc::invalid, "the bot's answer can't be read"};
  return ProofAnswer{text_of(parsed, "problem")};
}

}  // namespace tocsin
