#include "bot/setup_of_the_moment.hpp"

#include <utility>

namespace tocsin {

SetupOfTheMoment::SetupOfTheMoment(Config written, Acquaintances known, std::shared_ptr<Catalogue const> words,
                                   std::shared_ptr<CurrentRedactor> redactor)
    : words_(std::move(words)), redactor_(std::move(redactor)), written_(std::move(written)), known_(std::move(known)) {
  setup_ = std::make_shared<Setup const>(introduced(written_, known_), words_);
  redactor_->set(setup_->redactor);
}

std::shared_ptr<Setup const> SetupOfTheMoment::get() const {
  std::lock_guard const lock(mutex_);
  return setup_;
}

std::vector<SettingChange> SetupOfTheMoment::replace(Config written) {
  std::lock_guard const renewing(renewing_);
  auto changes = difference(written_, written);
  if (changes.empty()) return changes;
  written_ = std::move(written);
  renew();
  return changes;
}

void SetupOfTheMoment::introduce(Acquaintances const& known) {
  std::lock_guard const renewing(renewing_);
  if (known == known_) return;
  known_ = known;
  renew();
}

Acquaintances SetupOfTheMoment::known() const {
  std::lock_guard const renewing(renewing_);
  return known_;
}

void SetupOfTheMoment::renew() {
  auto next = std::make_shared<Setup const>(introduced(written_, known_), words_, redactor_->get().get());
  redactor_->set(next->redactor);
  std::lock_guard const lock(mutex_);
  setup_ = std::move(next);
}

}  // namespace tocsin
