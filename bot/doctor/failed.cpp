#include "bot/doctor/failed.hpp"

namespace tocsin::doctor {

using chat::Trouble;

Notice told(chat::ApiFailure const& failure) {
  return told(failure.needed.empty() ? failure.error : failure.error + ": " + failure.needed);
}

Finding failed(chat::ApiFailure const& failure, Cures const& cures) {
  switch (failure.trouble) {
    case Trouble::credential:
      return {Verdict::bad, told(failure), Notice(cures.credential)};
    case Trouble::scope:
      return {Verdict::bad, told(failure), Notice(cures.scope)};
    case Trouble::too_often:
      return {Verdict::warning, told(failure), Notice(cures.later)};
    case Trouble::gone:
    case Trouble::refused:
      return {Verdict::bad, told(failure), Notice(cures.refused)};
    case Trouble::passing:
    case Trouble::unknown:
      break;
  }
  return {Verdict::bad, told(failure), Notice("doctor.cure_host")};
}

}  // namespace tocsin::doctor
