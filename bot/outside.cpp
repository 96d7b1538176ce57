#include "bot/outside.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>

#include "bot/load.hpp"
#include "integrations/net/http_client.hpp"

namespace tocsin {
namespace {

paging::EmailSecurity security_of(MailSecurity security) {
  switch (security) {
    case MailSecurity::tls:
      return paging::EmailSecurity::implicit_tls;
    case MailSecurity::starttls:
      return paging::EmailSecurity::starttls;
    case MailSecurity::none:
      return paging::EmailSecurity::plain;
  }
  return paging::EmailSecurity::starttls;
}

void begin(boost::asio::io_context& io, HealthCheck const& check, std::filesystem::path const& workdir,
           std::function<void(web::Finding)> done) {
  web::Expectation expectation;
  expectation.statuses.assign(check.expect.begin(), check.expect.end());
  expectation.marker = check.marker;
  expectation.latency = check.latency;
  net::HttpClientOptions options;
  if (!check.ca_file.empty()) options.ca_file = below(workdir, check.ca_file).string();
  auto client = std::make_shared<net::HttpClient>(io, options);
  web::probe(*client, {check.url, check.deadline, expectation},
             [client, done = std::move(done)](web::Finding finding) { done(std::move(finding)); });
}

}  // namespace

paging::EmailOptions email_options(MailSettings const& mail, std::filesystem::path const& workdir) {
  paging::EmailOptions options;
  options.host = mail.host;
  options.port = mail.port;
  options.security = security_of(mail.security);
  options.user = mail.user;
  options.password = mail.password.value;
  options.from = mail.from;
  if (!mail.ca_file.empty()) options.ca_file = below(workdir, mail.ca_file).string();
  options.total_timeout = mail.deadline;
  return options;
}

std::string domain_of(std::string const& address) {
  auto const at = address.find('@');
  return at == std::string::npos ? "tocsin.invalid" : address.substr(at + 1);
}

web::Finding probe_on(boost::asio::io_context& io, HealthCheck const& check, std::filesystem::path const& workdir) {
  auto promise = std::make_shared<std::promise<web::Finding>>();
  auto result = promise->get_future();
  boost::asio::post(io, [&io, promise, check, workdir] {
    begin(io, check, workdir, [promise](web::Finding finding) { promise->set_value(std::move(finding)); });
  });
  return result.get();
}

web::Finding probe_here(HealthCheck const& check, std::filesystem::path const& workdir) {
  boost::asio::io_context io;
  web::Finding found;
  begin(io, check, workdir, [&found](web::Finding finding) { found = std::move(finding); });
  io.run();
  return found;
}

}  // namespace tocsin
