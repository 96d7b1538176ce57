// From settings to what the adapters want: mail servers and health checks, for the running bot and for `doctor`.
#pragma once

#include <filesystem>
#include <string>

#include "config/config.hpp"
#include "integrations/paging/email.hpp"
#include "integrations/web/probe.hpp"

namespace boost::asio {
class io_context;
}

namespace tocsin {

[[nodiscard]] paging::EmailOptions email_options(MailSettings const& mail, std::filesystem::path const& workdir);

/// What stands behind the @; "tocsin.invalid" where there is none.
[[nodiscard]] std::string domain_of(std::string const& address);

/// Fetches a health check within its deadline. `io` runs on another thread; blocks until that has the answer.
[[nodiscard]] web::Finding probe_on(boost::asio::io_context& io, HealthCheck const& check,
                                    std::filesystem::path const& workdir);

/// The same on this thread alone.
[[nodiscard]] web::Finding probe_here(HealthCheck const& check, std::filesystem::path const& workdir);

}  // namespace tocsin
