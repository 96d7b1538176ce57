#include "bot/slack/saying.hpp"

namespace tocsin::slack {

Said said_of(ApiFailure const& failure) {
  Said said;
  said.error = failure.needed.empty() ? failure.error : failure.error + " (" + failure.needed + ")";
  said.kind = failure.trouble == Trouble::gone                                           ? Said::Kind::nowhere
              : failure.trouble == Trouble::refused || failure.trouble == Trouble::scope ? Said::Kind::refused
                                                                                         : Said::Kind::later;
  said.lasting = failure.trouble == Trouble::credential;
  return said;
}

}  // namespace tocsin::slack
