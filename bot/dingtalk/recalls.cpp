#include "bot/dingtalk/recalls.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <map>
#include <set>
#include <utility>

#include "bot/all_said.hpp"
#include "bot/dingtalk/platform.hpp"
#include "incidents/store/posted.hpp"

namespace tocsin::dingtalk {
namespace {

constexpr std::size_t kRememberedRecalls = 1'000;

}  // namespace

class Recalls::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(Parts parts) : parts_(std::move(parts)) {}

  void stop() { stopped_ = true; }

  void keep(std::string const& key, std::string const& name) {
    if (name.empty()) return;
    if (settled_.contains(key)) return take_back(key, name, [](bool) {});
    if (names_.size() > kRememberedRecalls) names_.clear();
    names_[key] = name;
    parts_.lane.submit(
        [shelf = parts_.shelf, key, name](Database& database, Instant now) {
          store::put_posted(database, {kPlatform, shelf, key, name, "", ""}, now);
        },
        [](std::exception_ptr) {});
  }

  void recall(std::vector<SettledPage> const& pages, std::function<void(bool)> const& done) {
    auto const keys = std::make_shared<std::vector<std::string>>();
    for (auto const& page : pages) {
      if (page.channel != parts_.channel) continue;
      keys->push_back(page.key);
      if (settled_.size() > kRememberedRecalls) settled_.clear();
      settled_.insert(page.key);
    }
    if (keys->empty()) return done(true);
    auto const found = std::make_shared<std::map<std::string, std::string>>();
    parts_.lane.submit(
        [keys, found, shelf = parts_.shelf](Database& database, Instant) {
          for (auto const& key : *keys) {
            if (auto const row = store::posted(database, kPlatform, shelf, key)) (*found)[key] = row->message;
          }
        },
        [self = shared_from_this(), keys, found, done](std::exception_ptr) {
          boost::asio::post(self->parts_.io, [self, keys, found, done] {
            if (self->stopped_) return;
            for (auto const& key : *keys) {
              if (auto const known = self->names_.find(key); known != self->names_.end()) (*found)[key] = known->second;
            }
            auto const over = all_said(found->size(), done);
            for (auto const& [key, name] : *found) self->take_back(key, name, over);
          });
        });
  }

 private:
  void take_back(std::string const& key, std::string const& name, std::function<void(bool)> const& done) {
    parts_.take_back(name, [self = shared_from_this(), key, done](bool over) {
      if (self->stopped_) return;
      if (over) {
        self->names_.erase(key);
        self->parts_.lane.submit(
            [shelf = self->parts_.shelf, key](Database& database, Instant) {
              store::drop_posted(database, kPlatform, shelf, key);
            },
            [](std::exception_ptr) {});
      }
      done(over);
    });
  }

  Parts parts_;
  std::map<std::string, std::string> names_;  ///< of pages that wait for an answer
  std::set<std::string> settled_;             ///< what is still on its way is taken back when it arrives
  bool stopped_ = false;
};

Recalls::Recalls(Parts parts) : state_(std::make_shared<State>(std::move(parts))) {}
Recalls::~Recalls() { state_->stop(); }
void Recalls::keep(std::string const& key, std::string const& name) { state_->keep(key, name); }
void Recalls::recall(std::vector<SettledPage> const& pages, std::function<void(bool)> done) {
  state_->recall(pages, done);
}

}  // namespace tocsin::dingtalk
