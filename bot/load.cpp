#include "bot/load.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "bot/environment.hpp"
#include "config/catalogue.hpp"
#include "incidents/base/embedded.hpp"
#include "incidents/base/redactor.hpp"

namespace tocsin {
namespace {

constexpr std::uintmax_t kMaxConfigBytes = 1024 * 1024;

}  // namespace

Loaded load_from(std::optional<std::filesystem::path> const& file, Secrets secrets) {
  Sources sources{environment_variable, read_secret_file};
  if (secrets == Secrets::unread)
    sources = {[](auto const&) { return std::optional<std::string>("unread"); },
               [](auto const&) { return Result<std::string>("unread"); }};
  if (!file) {
    auto const& shipped = embedded::shipped();
    auto const demo =
        std::find_if(shipped.begin(), shipped.end(), [](auto const& each) { return each.name == "demo.yaml"; });
    return load_config(demo->text, "demo.yaml", sources);
  }
  std::error_code error;
  auto const size = std::filesystem::file_size(*file, error);
  std::ifstream stream(*file, std::ios::binary);
  if (error || !stream || size > kMaxConfigBytes) {
    Mistake mistake;
    mistake.file = file->string();
    mistake.what = Notice(size > kMaxConfigBytes && !error ? "config.too_large" : "config.unreadable")
                       .with("detail", error.message());
    return std::vector{std::move(mistake)};
  }
  std::ostringstream text;
  text << stream.rdbuf();
  return load_config(text.str(), file->string(), sources);
}

std::string worded(std::vector<Mistake> const& mistakes, Catalogue const& catalogue, Locale locale) {
  std::string out;
  Reader reader;
  reader.locale = locale;
  reader.medium = Medium::plain;
  for (auto const& mistake : mistakes) {
    out += mistake.file;
    if (mistake.line > 0) out += ":" + std::to_string(mistake.line);
    if (!mistake.path.empty()) out += ": " + mistake.path;
    out += ": " + catalogue.render(mistake.what, reader) + "\n";
  }
  // A mistake repeats what is in the file, and somebody may have written a password there.
  return Redactor().redact(out);
}

std::filesystem::path below(std::filesystem::path const& workdir, std::string const& path) {
  std::filesystem::path const given(path);
  return given.is_absolute() ? given : workdir / given;
}

}  // namespace tocsin
