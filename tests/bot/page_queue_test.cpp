#include "bot/page_queue.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace tocsin;

namespace {

PageJob job_of(std::int64_t number, std::string channel, bool urgent = false) {
  PageJob job;
  job.page = {number};
  job.channel = std::move(channel);
  job.urgent = urgent;
  return job;
}

std::vector<PageJob> all_that_may(PageQueue& queue) {
  std::vector<PageJob> jobs;
  while (auto job = queue.pop()) jobs.push_back(std::move(*job));
  return jobs;
}

}  // namespace

TEST_CASE("pages: what is urgent is carried first, each kind as it came") {
  PageQueue queue;
  for (std::int64_t number = 1; number <= 4; ++number) REQUIRE(queue.push(job_of(number, "email", number > 2)));
  std::vector<std::int64_t> order;
  for (auto const& job : all_that_may(queue)) order.push_back(job.page.value);
  CHECK(order == std::vector<std::int64_t>{3, 4, 1, 2});
}

TEST_CASE("pages: a channel that hangs leaves hands for the others, and what is less urgent leaves some for the rest") {
  PageQueue queue;
  for (std::int64_t number = 1; number <= 100; ++number) REQUIRE(queue.push(job_of(number, "hangs")));
  CHECK(all_that_may(queue).size() == PageQueue::kOrdinaryThere);
  REQUIRE(queue.push(job_of(101, "works")));
  CHECK(all_that_may(queue).size() == 1);
  for (std::int64_t number = 201; number <= 300; ++number) REQUIRE(queue.push(job_of(number, "hangs", true)));
  CHECK(all_that_may(queue).size() == PageQueue::kOfChannel - PageQueue::kOrdinaryThere);

  // Every channel hangs: a share of all hands is still there for what is urgent.
  for (auto const* channel : {"a", "b", "c", "d"}) {
    for (std::int64_t number = 0; number < 30; ++number) REQUIRE(queue.push(job_of(number, channel)));
  }
  CHECK(all_that_may(queue).size() == PageQueue::kOrdinary - PageQueue::kOrdinaryThere - 1);
  REQUIRE(queue.push(job_of(1, "works", true)));
  CHECK(all_that_may(queue).size() == 1);
}

TEST_CASE("pages: as one is carried the next begins, and the share of each stays what it is") {
  PageQueue queue;
  for (std::int64_t number = 1; number <= 40; ++number) REQUIRE(queue.push(job_of(number, "email")));
  std::size_t carried = 0;
  for (auto under_way = all_that_may(queue); !under_way.empty(); under_way = all_that_may(queue)) {
    CHECK(under_way.size() <= PageQueue::kOrdinaryThere);
    for (auto const& job : under_way) {
      queue.ended(job);
      ++carried;
    }
  }
  CHECK(carried == 40);
}

TEST_CASE("pages: more than can wait are refused, and those that are not urgent take nobody else's place") {
  PageQueue queue;
  for (std::size_t count = 0; count < PageQueue::kWaiting; ++count) REQUIRE(queue.push(job_of(1, "email")));
  CHECK_FALSE(queue.push(job_of(1, "slack")));
  CHECK(queue.push(job_of(1, "slack", true)));
}
