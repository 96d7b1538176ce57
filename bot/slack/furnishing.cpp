#include "bot/slack/furnishing.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "bot/detail/json.hpp"
#include "bot/log.hpp"

namespace tocsin::slack {
namespace {

using detail::list_at;
using detail::parsed;
using detail::text_at;

constexpr std::size_t kInvitedAtOnce = 100;  // the lower of the two figures that Slack's reference gives
constexpr int kPagesOfPeople = 10;
/// Somebody may take it out again.
constexpr std::chrono::minutes kStaysJoined{30};

/// One of a list in an answer by its name.
std::string id_in(std::string_view body, char const* list, std::string const& name) {
  auto const answer = parsed(body);
  for (auto const& each : list_at(answer, list)) {
    if (text_at(each, "name") == name) return text_at(each, "id");
  }
  return {};
}

std::set<std::string> links_in(std::string_view body) {
  std::set<std::string> links;
  auto const answer = parsed(body);
  for (auto const& each : list_at(answer, "bookmarks")) links.insert(text_at(each, "link"));
  return links;
}

/// Whom an invitation, forced past the others, did not reach; of a refused one without names nobody is known.
std::set<std::string> failed_in(std::string_view body) {
  std::set<std::string> users;
  auto const answer = parsed(body);
  for (auto const& each : list_at(answer, "errors")) {
    auto const error = text_at(each, "error");
    if (error != "already_in_channel" && error != "cant_invite_self") users.insert(text_at(each, "user"));
  }
  users.erase("");
  return users;
}

}  // namespace

class Furnishing::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(Parts parts) : parts_(std::move(parts)) {}
  void stop() { stopped_ = true; }

  using Done = std::function<void(ApiResult const&)>;

  void join(std::string const& channel) {
    if (!channel.starts_with('C')) return;
    auto const now = parts_.clock.now();
    auto const known = joined_.find(channel);
    if (known != joined_.end() && now - known->second < kStaysJoined) return;
    joined_[channel] = now;
    parts_.api.call({"conversations.join", {{"channel", channel}}},
                    [self = shared_from_this(), channel](ApiResult const& got) {
                      if (got || got.error().error == "method_not_supported_for_channel_type") return;
                      self->joined_.erase(channel);
                      log_warn("the bot could not join {}: {} {}", channel, got.error().error, got.error().needed);
                    });
  }

  void left(std::string const& channel) { joined_.erase(channel); }

  void create(std::string const& name, bool hidden, bool again, Done const& done) {
    Call call{"conversations.create", {{"name", name}, {"is_private", hidden ? "true" : "false"}}};
    call.urgency = Urgency::urgent;
    parts_.api.call(std::move(call), [self = shared_from_this(), name, hidden, again, done](ApiResult const& got) {
      if (self->stopped_) return;
      if (got) return done(text_in(*got, "/channel/id"));
      bool const maybe = got.error().trouble == Trouble::unknown || (again && got.error().error == "name_taken");
      if (!maybe) return done(got);
      self->look_for(name, hidden, "", kPagesOfPeople, [self, name, hidden, again, done, got](std::string const& id) {
        if (!id.empty()) return done(ApiResult(id));
        if (again) return done(got);
        self->create(name, hidden, true, done);
      });
    });
  }

  void look_for(std::string const& name, bool hidden, std::string const& cursor, int pages,
                std::function<void(std::string const&)> const& found) {
    Call call{
        "conversations.list",
        {{"types", hidden ? "private_channel" : "public_channel"}, {"exclude_archived", "true"}, {"limit", "200"}}};
    if (!cursor.empty()) call.arguments.emplace_back("cursor", cursor);
    parts_.api.call(std::move(call), [self = shared_from_this(), name, hidden, pages, found](ApiResult const& got) {
      if (self->stopped_) return;
      if (!got) return found({});
      auto const id = id_in(*got, "channels", name);
      auto const next = text_in(*got, "/response_metadata/next_cursor");
      if (!id.empty() || next.empty() || pages <= 1) return found(id);
      self->look_for(name, hidden, next, pages - 1, found);
    });
  }

  /// One run over the channel: each step that is left, in turn.
  struct Visit {
    std::string channel;
    std::string card;
    About about;
    std::string topic;
    Furniture furniture;
    std::function<void(Furniture const&, bool again)> done;
    bool again = false;  ///< something could not be done just now
  };
  using VisitPtr = std::shared_ptr<Visit>;

  void pin(VisitPtr const& visit) {
    if (visit->furniture.pinned == visit->card || closed(*visit)) return set_topic(visit);
    step(visit, {"pins.add", {{"channel", visit->channel}, {"timestamp", visit->card}}},
         [this, visit](ApiResult const& got) {
           if (over(got)) visit->furniture.pinned = visit->card;
           set_topic(visit);
         });
  }

  void set_topic(VisitPtr const& visit) {
    // Each change is a notice in the channel.
    if (visit->furniture.topic == visit->topic || visit->topic.empty() || visit->furniture.archived)
      return look_at_bookmarks(visit);
    step(visit, {"conversations.setTopic", {{"channel", visit->channel}, {"topic", visit->topic}}},
         [this, visit](ApiResult const& got) {
           if (over(got)) visit->furniture.topic = visit->topic;
           look_at_bookmarks(visit);
         });
  }

  void look_at_bookmarks(VisitPtr const& visit) {
    if (visit->furniture.bookmarks || closed(*visit)) return find_people(visit);
    step(visit, {"bookmarks.list", {{"channel_id", visit->channel}}}, [this, visit](ApiResult const& got) {
      auto const links = got ? links_in(*got) : std::set<std::string>();
      auto wanted = bookmarks_of(*visit);
      std::erase_if(wanted, [&](auto const& each) { return links.contains(each.second); });
      add_bookmarks(visit, std::move(wanted));
    });
  }

  std::vector<std::pair<std::string, std::string>> bookmarks_of(Visit const& visit) const {
    auto const setup = parts_.setup();
    std::vector<std::pair<std::string, std::string>> wanted;
    Reader reader;
    reader.locale = setup->config.locale;
    if (auto const call = meeting_of(*setup->config.chat.slack, visit.about.incident.id); !call.empty())
      wanted.emplace_back(setup->catalogue->render(Notice("slack.meeting"), reader), call);
    for (auto const& link : setup->config.links) {
      auto const& title = link.title.in(setup->config.locale);
      wanted.emplace_back(title.empty() ? link.name : title, link.url);
    }
    return wanted;
  }

  void add_bookmarks(VisitPtr const& visit, std::vector<std::pair<std::string, std::string>> wanted) {
    if (wanted.empty()) {
      visit->furniture.bookmarks = true;
      return find_people(visit);
    }
    auto const [title, link] = wanted.front();
    wanted.erase(wanted.begin());
    step(visit, {"bookmarks.add", {{"channel_id", visit->channel}, {"title", title}, {"type", "link"}, {"link", link}}},
         [this, visit, wanted](ApiResult const& got) {
           // One that may be there or not is seen in the list next time.
           if (!over(got)) return find_people(visit);
           add_bookmarks(visit, wanted);
         });
  }

  void find_people(VisitPtr const& visit) {
    if (closed(*visit)) return archive(visit);
    parts_.people.ids_of(visit->about.people, [self = shared_from_this(), visit](std::vector<std::string> users) {
      if (!self->stopped_) self->find_groups(visit, std::move(users));
    });
  }

  /// Nobody is brought into a private incident but by name.
  void find_groups(VisitPtr const& visit, std::vector<std::string> users) {
    auto const setup = parts_.setup();
    auto const groups = visit->about.incident.hidden ? std::vector<std::string>{} : setup->config.chat.slack->invite;
    parts_.people.members_of(groups, [self = shared_from_this(), visit,
                                      users = std::move(users)](std::vector<std::string> const& members) mutable {
      if (self->stopped_) return;
      for (auto const& member : members) {
        if (std::find(users.begin(), users.end(), member) == users.end()) users.push_back(member);
      }
      // Who invites is there already, and one name that can't be invited spoils a list of its own.
      auto const own = self->parts_.self().user;
      std::erase_if(users, [&](auto const& user) { return user == own || visit->furniture.invited.contains(user); });
      self->invite(visit, std::move(users));
    });
  }

  void invite(VisitPtr const& visit, std::vector<std::string> users) {
    if (users.empty()) return archive(visit);
    auto const last = users.begin() + static_cast<std::ptrdiff_t>(std::min(users.size(), kInvitedAtOnce));
    std::vector<std::string> const now(users.begin(), last);
    users.erase(users.begin(), last);
    std::string list;
    for (auto const& user : now) list += (list.empty() ? "" : ",") + user;
    step(visit, {"conversations.invite", {{"channel", visit->channel}, {"users", list}, {"force", "true"}}},
         [this, visit, now, users](ApiResult const& got) {
           note_invited(*visit, now, got);
           invite(visit, users);
         });
  }

  static void note_invited(Visit& visit, std::vector<std::string> const& users, ApiResult const& got) {
    if (!over(got)) return;
    auto failed = got ? failed_in(*got) : std::set<std::string>(users.begin(), users.end());
    for (auto const& user : users) {
      visit.furniture.invited.insert(user);  // asked once: who may not come is told once
      if (failed.contains(user)) visit.furniture.could_not.insert(user);
    }
  }

  void archive(VisitPtr const& visit) {
    bool const wanted = parts_.setup()->config.chat.slack->archive && closed(*visit) && !visit->furniture.archived;
    if (!wanted) return visit->done(visit->furniture, visit->again);
    step(visit, {"conversations.archive", {{"channel", visit->channel}}}, [this, visit](ApiResult const& got) {
      if (over(got)) visit->furniture.archived = true;
      visit->done(visit->furniture, visit->again);
    });
  }

 private:
  static bool closed(Visit const& visit) { return visit.about.incident.status == Status::closed; }

  /// Done, or refused for good: asking again changes nothing.
  static bool over(ApiResult const& got) {
    return got || got.error().trouble == Trouble::refused || got.error().trouble == Trouble::gone ||
           got.error().trouble == Trouble::scope;
  }

  void step(VisitPtr const& visit, Call call, std::function<void(ApiResult const&)> next) {
    call.urgency = Urgency::slow;
    auto const method = call.method;
    parts_.api.call(std::move(call),
                    [self = shared_from_this(), visit, method, next = std::move(next)](ApiResult const& got) {
                      if (self->stopped_) return;
                      if (!got)
                        log_warn("{} in {}: {} {}", method, visit->channel, got.error().error, got.error().needed);
                      visit->again = visit->again || !over(got);
                      next(got);
                    });
  }

  Parts parts_;
  std::map<std::string, Instant> joined_;  ///< channels, and when
  bool stopped_ = false;
};

Furnishing::Furnishing(Parts parts) : state_(std::make_shared<State>(std::move(parts))) {}
Furnishing::~Furnishing() { state_->stop(); }
void Furnishing::join(std::string const& channel) { state_->join(channel); }
void Furnishing::left(std::string const& channel) { state_->left(channel); }

void Furnishing::create(std::string const& name, bool hidden, std::function<void(ApiResult const&)> done) {
  state_->create(name, hidden, false, done);
}

void Furnishing::see_to(std::string const& channel, std::string const& card, About const& about,
                        std::string const& topic, Furniture const& furniture,
                        std::function<void(Furniture const&, bool again)> done) {
  state_->pin(std::make_shared<State::Visit>(State::Visit{channel, card, about, topic, furniture, std::move(done)}));
}

}  // namespace tocsin::slack
