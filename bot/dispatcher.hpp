// The way of one command: kept, parsed, authorised, run, recorded, answered. One for all platforms.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "bot/setup.hpp"
#include "bot/workers.hpp"
#include "commands/message.hpp"
#include "commands/parser.hpp"
#include "commands/tools.hpp"
#include "incidents/base/ports.hpp"
#include "incidents/store/inbox.hpp"
#include "incidents/store/writer.hpp"

namespace tocsin {

/// One inbound message of a platform.
struct Inbound {
  std::string platform;  ///< whose accounts `account` is one of: "web", "terminal", "slack", "dingtalk"
  std::string id;        ///< the same for a message that comes again
  std::string account;
  Room room;
  bool direct = false;     ///< words alone are commands here
  bool addressed = false;  ///< the platform has taken away what says that it is for the bot
  bool from_speech = false;
  std::string text;
  std::optional<PersonId> as;     ///< in demo and test mode: this person speaks
  std::optional<Instant> sent{};  ///< when it was, if the platform says: a change that comes late is asked again
  /// The answer is stored as something to be said in the room, in the same unit of work, and so outlives a crash; it is
  /// given to the sink all the same. A refusal, and what only concerns whoever asked, is for them alone.
  bool post_answer = false;
  bool post_late = false;  ///< the same, but only of what takes time: the first answer goes back by itself
  /// Accounts that the platform says the text mentions, when it does not show them.
  std::vector<std::string> mentioned{};
  /// Pictures and files that came with it, in words: they go onto the timeline.
  std::string attached{};
  std::string answer_thread{};  ///< where answers for everybody then stand; empty: in the room
};

struct Reply {
  enum class State : std::uint8_t {
    nothing,   ///< not for the bot
    accepted,  ///< kept and begun; more will follow
    progress,  ///< the answer so far
    refused,   ///< not run
    done,      ///< the answer
  } state = State::nothing;
  Message message;
  Caller caller;
  bool stored = false;        ///< as something to be said: whoever waits for it need not say it
  bool repeated = false;      ///< the message came before, and this is what was answered then
  bool confidential = false;  ///< it tells of a private incident: for whoever asked, not for their room
};

/// Called once with a final state, before that any number of times; on whatever thread got there. Must not block.
using ReplySink = std::function<void(Reply const&)>;

class Dispatcher final : public Interpreter {
 public:
  struct Parts {
    Lane& lane;
    Workers& workers;
    Clock const& clock;
    Tools& tools;
    CurrentSetup setup;
    std::function<void()> committed;  ///< something was stored that may be due: the scheduler looks again
  };
  explicit Dispatcher(Parts parts);

  /// From any thread.
  void take(Inbound const& typed, ReplySink sink);

  /// After a restart, before anything new is taken: what was kept but not finished is run again (a read, and a change
  /// that nobody has begun and that is not stale), asked again (a stale change), or reported: a danger never starts by
  /// itself, and what had begun may have had its effect. Answers go where they were asked.
  void recover();

  /// From any thread: this person is being paged, so that for them the key 4 takes it, whatever was asked before.
  void paged(PersonId const& person);

  [[nodiscard]] StopOutcome stop_work(PersonId const& by, Role role, std::string const& code) override;
  /// Parses a stored command line for `caller`; nothing when it no longer means anything.
  [[nodiscard]] std::optional<std::pair<Command const*, Arguments>> read(std::string const& line,
                                                                         Setup const& setup) const;

 private:
  struct Memory {
    PersonId person;
    std::vector<std::string> choices;
    Message last;
    Instant until{};
  };
  struct Running {
    std::string code;
    PersonId person;
    std::string what;
    std::stop_source stop;
    PersonId stopped_by;
  };
  friend class WorkInProgress;
  /// A command that takes time, on its way to a worker.
  struct Job {
    Inbound inbound;
    std::shared_ptr<Setup const> setup;
    Caller caller;
    Command const* command = nullptr;
    Arguments arguments;
    std::shared_ptr<Running> running;
    ReplySink reply;
    /// What else is stored with the answer, in the same transaction.
    std::function<void(Database&, Instant, Message const&)> also_store;
  };
  using MemoryKey = std::pair<std::string, std::string>;  // account, room

  /// With what came along: words that are no command become a note of it, and a command that changes an incident is
  /// followed by one.
  ParseOutcome parse_with_attached(Inbound& inbound, Setup const& setup, ParseContext const& context, ReplySink& reply);
  ParseContext context_of(Inbound const& inbound, Caller const& caller, Setup const& setup);
  void remember(MemoryKey const& key, PersonId const& person, Message const& message, Instant now);
  void run_instant(Inbound const& inbound, std::shared_ptr<Setup const> setup, Caller caller, Command const* command,
                   Arguments arguments, ReplySink reply);
  void run_work(Inbound const& inbound, std::shared_ptr<Setup const> setup, Caller caller, Command const* command,
                Arguments arguments, ReplySink reply);
  /// False: too busy.
  [[nodiscard]] bool hand_over(Job job);
  void perform(Job const& job, std::stop_token const& pool);
  Message run_and_record(Job const& job, bool& confidential);
  [[nodiscard]] Job late_job(store::Envelope const& envelope, Command const* command, Arguments arguments,
                             std::shared_ptr<Setup const> setup);
  bool over_limit(Caller const& caller, Command const& command, Setup const& setup);

  Parts parts_;
  std::mutex mutex_;
  std::map<MemoryKey, Memory> memory_;
  std::map<std::string, std::vector<Instant>> recent_;  // by person or account: for the rate limit
  std::vector<std::shared_ptr<Running>> running_;
  std::int64_t next_work_ = 1;
};

}  // namespace tocsin
