// The setup that holds now: another one after a reload, and after a platform found out who somebody is.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "bot/acquaintances.hpp"
#include "bot/setup.hpp"
#include "config/loader.hpp"

namespace tocsin {

/// Any thread.
class SetupOfTheMoment {
 public:
  /// `known`: from an earlier life.
  SetupOfTheMoment(Config written, Acquaintances known, std::shared_ptr<Catalogue const> words,
                   std::shared_ptr<CurrentRedactor> redactor);

  [[nodiscard]] std::shared_ptr<Setup const> get() const;
  /// What differs from the configuration before; nothing: it stays.
  std::vector<SettingChange> replace(Config written);
  void introduce(Acquaintances const& known);
  [[nodiscard]] Acquaintances known() const;

 private:
  void renew();

  std::shared_ptr<Catalogue const> const words_;
  std::shared_ptr<CurrentRedactor> const redactor_;
  mutable std::mutex renewing_;  ///< held while a setup is made, which takes a while
  Config written_;
  Acquaintances known_;
  mutable std::mutex mutex_;
  std::shared_ptr<Setup const> setup_;
};

}  // namespace tocsin
