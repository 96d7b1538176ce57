#include "commands/help.hpp"

#include "commands/usage.hpp"

namespace tocsin {
namespace {

Message help_about(Call const& call, Command const& command) {
  Message message(Notice("help.one")
                      .with("usage", usage_of(command, name_of(call.caller.locale)))
                      .with("summary", std::vector{Notice(command.summary_key)})
                      .with("effect", std::vector{Notice("effect." + std::string(name_of(command.effect)))})
                      .with("needs", std::vector{Notice("role_of." + std::string(name_of(command.needs)))}));
  std::string examples;
  for (auto const& example : command.examples) examples += example.text + "\n";
  if (!examples.empty()) message.blocks.emplace_back(Code{std::move(examples), "", ""});
  return message;
}

}  // namespace

Message help_for(Call const& call, std::string const& about) {
  if (!about.empty()) {
    auto const* command =
        call.table.find(about.starts_with('/') ? std::string_view(about).substr(1) : std::string_view(about));
    if (command == nullptr) return Message(Notice("refused.no_such_help").with("about", about));
    return help_about(call, *command);
  }
  Table table;
  table.heads = {Notice("head.say"), Notice("head.command"), Notice("head.what")};
  for (auto const& command : call.table.rows()) {
    if (call.caller.role < command.needs) continue;
    auto const title = command.titles.find(std::string(name_of(call.caller.locale)));
    table.rows.push_back(
        {{printed_word(command, name_of(call.caller.locale)), "/" + command.name,
          title == command.titles.end() ? Arg{std::vector{Notice(command.summary_key)}} : Arg{title->second}},
         Verdict::none});
  }
  Message message(Notice("help.head").with("count", static_cast<std::int64_t>(table.rows.size())));
  message.blocks.emplace_back(std::move(table));
  return message;
}

}  // namespace tocsin
