#include "bot/slack/houses.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "bot/log.hpp"
#include "bot/slack/platform.hpp"

namespace tocsin::slack {
namespace {

constexpr std::size_t kMostHouses = 500;

}  // namespace

class Houses::State : public std::enable_shared_from_this<State> {
 public:
  State(boost::asio::io_context& io, Lane& lane) : io_(io), lane_(lane) {}

  void stop() {
    stopped_ = true;
    houses_.clear();
  }

  HousePtr of(IncidentId incident) {
    auto& house = houses_[incident.value];
    if (!house) house = std::make_shared<House>();
    auto const kept = house;
    kept->incident = incident;
    // Those of long ago are read again when they are asked for.
    if (houses_.size() > kMostHouses) {
      std::erase_if(houses_, [&](auto const& each) {
        return !each.second->busy && !each.second->furnishing && each.second != kept;
      });
    }
    return kept;
  }

  void enqueue(HousePtr const& house, House::Task task) {
    house->queue.push_back(std::move(task));
    go_on(house);
  }

  void with_home(HousePtr const& house, std::function<void()> const& then) {
    if (house->loaded) return then();
    auto const found = std::make_shared<std::optional<store::Home>>();
    lane_.submit([found, id = house->incident](Database& database,
                                               Instant) { *found = store::home_of(database, kPlatform, id); },
                 [self = shared_from_this(), house, found, then](std::exception_ptr failed) {
                   boost::asio::post(self->io_, [self, house, found, failed, then] {
                     if (self->stopped_) return;
                     house->loaded = !failed;
                     house->home = *found;
                     if (*found) house->furniture = decode_furniture((*found)->done);
                     then();
                   });
                 });
  }

  void save(HousePtr const& house, std::function<void()> const& then) {
    auto home = *house->home;
    home.done = encode(house->furniture);
    lane_.submit([home = std::move(home)](Database& database, Instant) { store::put_home(database, home); },
                 [self = shared_from_this(), then](std::exception_ptr failed) {
                   if (failed) log_warn("where an incident lives in Slack could not be noted");
                   boost::asio::post(self->io_, [self, then] {
                     if (!self->stopped_) then();
                   });
                 });
  }

 private:
  void go_on(HousePtr const& house) {
    if (stopped_ || house->busy || house->queue.empty()) return;
    house->busy = true;
    auto const task = std::move(house->queue.front());
    house->queue.pop_front();
    task([self = shared_from_this(), house] {
      house->busy = false;
      boost::asio::post(self->io_, [self, house] { self->go_on(house); });
    });
  }

  boost::asio::io_context& io_;
  Lane& lane_;
  std::map<std::int64_t, HousePtr> houses_;
  bool stopped_ = false;
};

Houses::Houses(boost::asio::io_context& io, Lane& lane) : state_(std::make_shared<State>(io, lane)) {}
Houses::~Houses() { stop(); }
void Houses::stop() { state_->stop(); }
HousePtr Houses::of(IncidentId incident) { return state_->of(incident); }
void Houses::enqueue(HousePtr const& house, House::Task task) { state_->enqueue(house, std::move(task)); }
void Houses::with_home(HousePtr const& house, std::function<void()> const& then) { state_->with_home(house, then); }
void Houses::save(HousePtr const& house, std::function<void()> const& then) { state_->save(house, then); }

}  // namespace tocsin::slack
