// pack_words FOLDER OUTPUT: the message catalogues under FOLDER as the binary carries them, one file for each language
// in OUTPUT. Exit code 1 with every mistake and its place if they are not in order.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <list>
#include <sstream>

#include "config/catalogue.hpp"

namespace {

std::string read(std::filesystem::path const& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file || !text) throw std::runtime_error("can't read " + path.string());
  return std::move(text).str();
}

int pack_all(std::filesystem::path const& folder, std::filesystem::path const& output) {
  std::list<std::string> kept;
  std::vector<tocsin::embedded::File> files;
  for (auto const& each : std::filesystem::recursive_directory_iterator(folder)) {
    if (each.path().extension() != ".yaml") continue;
    auto const& name = kept.emplace_back(std::filesystem::relative(each.path(), folder).generic_string());
    files.push_back({name, kept.emplace_back(read(each.path()))});
  }
  auto const loaded = tocsin::Catalogue::load(files);
  if (auto const* mistakes = std::get_if<std::vector<tocsin::Mistake>>(&loaded)) {
    for (auto const& each : *mistakes) {
      std::cerr << (folder / each.file).string() << ':' << each.line << ':' << each.column << ": error: " << each.path
                << ": " << each.what.key << '\n';
    }
    return 1;
  }
  std::filesystem::create_directories(output);
  for (auto const locale : tocsin::kLocales) {
    std::ofstream file(output / tocsin::Catalogue::packed_name(locale), std::ios::binary);
    file << std::get<tocsin::Catalogue>(loaded).packed(locale);
    if (!file.flush()) throw std::runtime_error("can't write into " + output.string());
  }
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  try {
    if (count == 3) return pack_all(arguments[1], arguments[2]);
    std::cerr << "usage: pack_words FOLDER OUTPUT\n";
  } catch (std::exception const& problem) {
    std::cerr << "pack_words: " << problem.what() << '\n';
  }
  return 1;
}
