// The log of this process.
#pragma once

#include <memory>

#include "incidents/base/redactor.hpp"

namespace tocsin {

/// Whatever is logged from now on goes through the redactor of the moment.
void redact_log(std::shared_ptr<CurrentRedactor const> redactor);

}  // namespace tocsin
