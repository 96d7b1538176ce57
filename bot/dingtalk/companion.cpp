#include "bot/dingtalk/companion.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <map>
#include <set>
#include <utility>

#include "bot/chat/words.hpp"
#include "bot/dingtalk/markdown.hpp"
#include "bot/dingtalk/platform.hpp"
#include "bot/dingtalk/worded.hpp"
#include "bot/log.hpp"
#include "incidents/store/digest.hpp"
#include "incidents/store/posted.hpp"

namespace tocsin::dingtalk {
namespace {

constexpr std::size_t kPageTitle = 60;
constexpr std::size_t kPageText = 2'500;
constexpr std::size_t kTextBytes = 6'000;
constexpr std::size_t kLinks = 4;
constexpr std::size_t kRememberedPages = 1'000;

std::string key_of(std::string const& page) { return "page:" + page; }

}  // namespace

std::string page_name(paging::PageEnvelope const& page) { return page.message_id.substr(0, page.message_id.find('@')); }

Rendered companion_content(paging::PageEnvelope const& page) {
  Rendered content;
  content.title = chat::first_characters(one_line(unmarked(page.subject)), kPageTitle);
  auto body = page.body;
  // How to answer stands below an empty line; here there are buttons for it.
  if (!page.answers.empty()) body.resize(std::min(body.size(), body.find("\n\n")));
  auto all = pieces(markdown(body.empty() ? page.subject : body), kPageText, kTextBytes);
  content.parts = {all.empty() ? markdown(page.subject) : std::move(all.front())};
  for (auto const& each : page.answers) {
    if (content.buttons.size() == kLinks) break;
    content.buttons.push_back({each.label, each.command, content.buttons.empty()});
  }
  content.digest = sha256_hex(content.title + '\0' + content.parts.front());
  return content;
}

class Companion::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(Parts parts) : parts_(std::move(parts)) {}
  void stop() { stopped_ = true; }

  void say(paging::PageEnvelope const& page) {
    Saying saying;
    saying.conversation = alone_with(page.contact);
    saying.key = key_of(page_name(page));
    saying.urgency = page.urgent ? Urgency::urgent : Urgency::page;
    saying.content = companion_content(page);
    saying.recallable = true;
    if (parts_.setup()->config.chat.dingtalk->card_template.empty()) return say_message(std::move(saying));
    auto const spare = saying;
    parts_.cards.show(std::move(saying), [self = shared_from_this(), spare](Said const& said) {
      if (self->stopped_) return;
      if (said.kind == Said::Kind::refused) return self->say_message(spare);
      if (said.kind != Said::Kind::said) log_info("DingTalk: the card beside a DING: {}", said.error);
    });
  }

  void settle(std::vector<SettledPage> const& pages, std::function<void(bool)> const& done) {
    auto const mine = std::make_shared<std::vector<SettledPage>>();
    for (auto const& page : pages) {
      if (page.channel != kPlatform) continue;
      mine->push_back(page);
      if (settled_.size() > kRememberedPages) settled_.clear();
      settled_.insert(page.key);
    }
    if (mine->empty()) return done(true);
    auto const rows = std::make_shared<std::map<std::string, store::Posted>>();
    parts_.lane.submit(
        [mine, rows](Database& database, Instant) {
          for (auto const& page : *mine) {
            auto row = store::posted(database, kPlatform, alone_with(page.contact), key_of(page.key));
            if (row) rows->emplace(page.key, std::move(*row));
          }
        },
        [self = shared_from_this(), mine, rows, done](std::exception_ptr) {
          boost::asio::post(self->parts_.io, [self, mine, rows, done] {
            if (!self->stopped_) self->settle_known(*mine, *rows, done);
          });
        });
  }

 private:
  static constexpr char const* kMessage = "message";

  void say_message(Saying saying) {
    std::string links;
    for (auto const& each : saying.content.buttons)
      links += (links.empty() ? "" : "  ") + command_link(each.label, each.command);
    if (!links.empty()) saying.content.parts.front() += "\n\n" + links;
    auto const place = saying.conversation;
    auto const key = saying.key;
    parts_.posting.say(std::move(saying), [self = shared_from_this(), place, key](Said const& said) {
      if (self->stopped_) return;
      if (said.kind != Said::Kind::said) return log_info("DingTalk: the words beside a DING: {}", said.error);
      if (said.message.empty()) return;
      // Meanwhile somebody has answered it.
      if (self->settled_.contains(key.substr(key.find(':') + 1)))
        return self->parts_.posting.recall(place, said.message, [](Said const&) {});
      self->parts_.lane.submit(
          [place, key, message = said.message](Database& database, Instant now) {
            store::put_posted(database, {kPlatform, place, key, message, kMessage, ""}, now);
          },
          [](std::exception_ptr) {});
    });
  }

  void settle_known(std::vector<SettledPage> const& pages, std::map<std::string, store::Posted> const& rows,
                    std::function<void(bool)> const& done) {
    auto const left = std::make_shared<std::size_t>(rows.size());
    auto const all = std::make_shared<bool>(true);
    if (rows.empty()) return done(true);
    auto const one = [left, all, done](Said const& said) {
      *all = *all && is_over(said);
      if (--*left == 0) done(*all);
    };
    for (auto const& page : pages) {
      auto const row = rows.find(page.key);
      if (row == rows.end()) continue;
      if (row->second.thread == kMessage) {
        take_back(row->second, one);
      } else {
        change(page, one);
      }
    }
  }

  void take_back(store::Posted const& row, std::function<void(Said const&)> const& done) {
    parts_.posting.recall(row.conversation, row.message, [self = shared_from_this(), row, done](Said const& said) {
      if (self->stopped_) return;
      if (is_over(said))
        self->parts_.lane.submit(
            [row](Database& database, Instant) {
              store::drop_posted(database, row.platform, row.conversation, row.key);
            },
            [](std::exception_ptr) {});
      done(said);
    });
  }

  void change(SettledPage const& page, std::function<void(Said const&)> const& done) {
    Saying saying;
    saying.conversation = alone_with(page.contact);
    saying.key = key_of(page.key);
    saying.urgency = Urgency::page;
    saying.content = worded_for_person(page.message, *parts_.setup(), parts_.clock.now(), page.person);
    saying.content.buttons.clear();
    saying.only_change = true;
    parts_.cards.show(std::move(saying), done);
  }

  Parts parts_;
  std::set<std::string> settled_;  ///< what is still on its way is taken back when it arrives
  bool stopped_ = false;
};

Companion::Companion(Parts parts) : state_(std::make_shared<State>(std::move(parts))) {}
Companion::~Companion() { state_->stop(); }
void Companion::say(paging::PageEnvelope const& page) { state_->say(page); }
void Companion::settle(std::vector<SettledPage> const& pages, std::function<void(bool)> done) {
  state_->settle(pages, done);
}

}  // namespace tocsin::dingtalk
