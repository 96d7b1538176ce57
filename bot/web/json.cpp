#include "bot/web/json.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "bot/render.hpp"
#include "commands/card.hpp"
#include "commands/guard.hpp"
#include "integrations/net/base64.hpp"

namespace tocsin::web_json {
namespace {

using nlohmann::json;

/// Every text a reader would see. Keys and the frame's own words hold nothing foreign.
void redact(json& value, Redactor const& redactor) {
  if (value.is_string()) {
    auto& text = value.get_ref<std::string&>();
    if (redactor.suspects(text)) text = redactor.redact(text);
  } else if (value.is_structured()) {
    for (auto& each : value) redact(each, redactor);
  }
}

/// Our own texts are valid UTF-8; foreign ones are made so rather than ending the connection.
std::string dumped(json const& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

std::string redacted(json value, Setup const& setup) {
  redact(value, *setup.redactor);
  return dumped(value);
}

/// What goes along in a frame; the page takes as much, and no frame is above 4 MiB.
constexpr std::size_t kLargestInline = std::size_t{1} << 20;

std::string_view style_of(Button::Style style) {
  switch (style) {
    case Button::Style::primary:
      return "primary";
    case Button::Style::danger:
      return "danger";
    case Button::Style::plain:
      break;
  }
  return "plain";
}

std::string_view verdict_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::good:
      return "good";
    case Verdict::warning:
      return "warning";
    case Verdict::bad:
      return "bad";
    case Verdict::unknown:
      return "unknown";
    case Verdict::none:
      break;
  }
  return "none";
}

class ToJson {
 public:
  ToJson(Catalogue const& words, Reader const& reader) : words_(words), reader_(reader) {}

  json operator()(Say const& block) const { return {{"kind", "text"}, {"text", words_.render(block.notice, reader_)}}; }
  json operator()(Code const& block) const {
    return {{"kind", "code"},
            {"text", block.text},
            {"language", block.language},
            {"file_name", block.file_name},
            {"cut", false}};
  }
  json operator()(Table const& block) const {
    json heads = json::array();
    for (auto const& head : block.heads) heads.push_back(words_.render(head, reader_));
    json rows = json::array();
    for (auto const& row : block.rows) {
      json cells = json::array();
      for (auto const& cell : row.cells) cells.push_back(render_cell(cell, words_, reader_));
      rows.push_back({{"cells", std::move(cells)}, {"verdict", verdict_of(row.verdict)}});
    }
    return {{"kind", "table"}, {"heads", std::move(heads)}, {"rows", std::move(rows)}};
  }
  json operator()(Fields const& block) const {
    json fields = json::array();
    for (auto const& field : block.fields) {
      fields.push_back(
          {{"label", words_.render(field.label, reader_)}, {"value", render_cell(field.value, words_, reader_)}});
    }
    return {{"kind", "fields"}, {"fields", std::move(fields)}};
  }
  json operator()(Buttons const& block) const {
    json buttons = json::array();
    for (auto const& button : block.buttons) {
      buttons.push_back({{"label", words_.render(button.label, reader_)},
                         {"command", button.command},
                         {"style", style_of(button.style)}});
    }
    return {{"kind", "buttons"}, {"buttons", std::move(buttons)}};
  }
  json operator()(Progress const& block) const {
    return {{"kind", "progress"},
            {"text", words_.render(block.notice, reader_)},
            {"done", block.done},
            {"total", block.total}};
  }
  json operator()(File const& block) const {
    if (block.bytes.empty()) return {{"kind", "text"}, {"text", block.name}};  // of an earlier run: not kept
    if (block.media_type.starts_with("text/"))
      return {{"kind", "code"}, {"text", block.bytes}, {"language", ""}, {"file_name", block.name}, {"cut", false}};
    if (block.bytes.size() > kLargestInline) return {{"kind", "text"}, {"text", block.name}};
    return {{"kind", "file"},
            {"name", block.name},
            {"media_type", block.media_type},
            {"size", block.bytes.size()},
            {"data", net::base64(block.bytes)}};
  }
  json operator()(Picture const& block) const {
    auto shows = words_.render(block.shows, reader_);
    if (block.bytes.empty() || block.bytes.size() > kLargestInline)
      return {{"kind", "text"}, {"text", std::move(shows)}};
    return {{"kind", "picture"},
            {"name", block.name},
            {"media_type", block.media_type},
            {"shows", std::move(shows)},
            {"data", net::base64(block.bytes)}};
  }

 private:
  Catalogue const& words_;
  Reader const& reader_;
};

json clock_json(TargetClock const& clock, Pauses pauses, Instant now) {
  auto const by = deadline(clock, pauses);
  return {{"state", name_of(state_at(clock, pauses, now))},
          {"deadline", by ? json(to_millis(*by)) : json(nullptr)},
          {"started", to_millis(clock.started_at)},
          {"target_ms", clock.target.count()},
          {"elapsed_ms", elapsed(clock, pauses, now).count()},
          {"met_at", clock.met_at ? json(to_millis(*clock.met_at)) : json(nullptr)}};
}

std::string label_of(IncidentId id) { return "INC-" + std::to_string(id.value); }

std::string text_field(json const& value, char const* name) {
  auto const found = value.find(name);
  return found != value.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::int64_t number_field(json const& value, char const* name) {
  auto const found = value.find(name);
  return found != value.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

/// What the page asks of its person, while it still asks.
Buttons buttons_of(store::Page const& page, std::vector<Incident> const& live, std::vector<Approval> const& requests) {
  if (page.text.key == kApprovalPage) {
    auto const* code = page.text.text("code");
    bool const waits = code != nullptr && std::any_of(requests.begin(), requests.end(),
                                                      [&](Approval const& each) { return each.code == *code; });
    return waits ? consent_buttons(*code) : Buttons{};
  }
  bool const open = std::any_of(live.begin(), live.end(), [&](Incident const& each) {
    return each.id == page.incident && !each.response.met_at;
  });
  bool const over = page.state == PageState::superseded || page.state == PageState::acknowledged;
  if (!open || over) return {};
  return {{{Button::Style::primary, Notice("button.ack"), "/incident ack " + label_of(page.incident)}}};
}

}  // namespace

std::string hello(Caller const& caller, Setup const& setup, Server const& server) {
  auto const name = caller.person.empty() ? std::string{} : setup.display_name(caller.person, caller.locale);
  return dumped({{"type", "hello"},
                 {"person", {{"id", caller.person.value}, {"name", name}, {"role", name_of(caller.role)}}},
                 {"locale", name_of(caller.locale)},
                 {"zone", caller.zone},
                 {"now", to_millis(server.now)},
                 {"rate", server.rate},
                 {"version", server.version},
                 {"demo", setup.config.mode == Mode::demo},
                 {"log", server.log},
                 {"reset", server.reset}});
}

std::string pong(Instant now) { return dumped({{"type", "pong"}, {"now", to_millis(now)}}); }

std::string entry(LocalEntry const& entry, Setup const& setup, Reader const& reader) {
  json blocks = json::array();
  ToJson const to_json(*setup.catalogue, reader);
  if (!entry.typed.empty()) blocks.push_back({{"kind", "text"}, {"text", entry.typed}});
  for (auto const& block : entry.message.blocks) blocks.push_back(std::visit(to_json, block));
  bool const bot = entry.author.empty();
  return redacted({{"type", "entry"},
                   {"id", entry.id},
                   {"key", entry.key},
                   {"at", to_millis(entry.at)},
                   {"edited_at", entry.edited_at ? json(to_millis(*entry.edited_at)) : json(nullptr)},
                   {"author",
                    {{"id", entry.author.value},
                     {"name", bot ? "" : setup.display_name(entry.author, reader.locale)},
                     {"bot", bot}}},
                   {"reply_to", entry.reply_to.empty() ? json(nullptr) : json(entry.reply_to)},
                   {"private", entry.audience.has_value()},
                   {"blocks", std::move(blocks)}},
                  setup);
}

std::string result(std::string const& id, std::string_view state) {
  return dumped({{"type", "result"}, {"id", id}, {"state", state}});
}

std::string completions(std::int64_t sequence, std::vector<Completion> const& items, Setup const& setup,
                        Reader const& reader) {
  json list = json::array();
  for (auto const& item : items) {
    list.push_back(
        {{"text", item.text},
         {"help", item.summary_key.empty() ? "" : setup.catalogue->render(Notice(item.summary_key), reader)}});
  }
  return dumped({{"type", "completions"}, {"seq", sequence}, {"items", std::move(list)}});
}

std::string incidents(std::vector<Incident> const& live, Setup const& setup, Reader const& reader, Instant now) {
  json items = json::array();
  ToJson const to_json(*setup.catalogue, reader);
  for (auto const& each : live) {
    auto const name = [&](PersonId const& person) {
      return person.empty() ? json(nullptr) : json(setup.display_name(person, reader.locale));
    };
    items.push_back({{"id", each.id.value},
                     {"label", label_of(each.id)},
                     {"severity", name_of(each.severity)},
                     {"title", each.title},
                     {"status", name_of(each.status)},
                     {"private", each.hidden},
                     {"drill", each.drill},
                     {"assignee", name(each.assignee)},
                     {"commander", name(each.commander)},
                     {"response", clock_json(each.response, pauses_of(each), now)},
                     {"recovery", clock_json(each.recovery, pauses_of(each), now)},
                     {"buttons", to_json(incident_buttons(each))["buttons"]}});
  }
  return redacted({{"type", "incidents"}, {"items", std::move(items)}}, setup);
}

std::string inbox(std::vector<store::Page> const& pages, std::vector<Incident> const& live,
                  std::vector<Approval> const& requests, Setup const& setup, Reader const& reader) {
  json list = json::array();
  ToJson const to_json(*setup.catalogue, reader);
  for (auto const& page : pages) {
    auto const buttons = buttons_of(page, live, requests);
    list.push_back({{"id", page.id.value},
                    {"incident", page.incident ? json(label_of(page.incident)) : json(nullptr)},
                    {"text", setup.catalogue->render(page.text, reader)},
                    {"at", to_millis(page.created)},
                    {"state", name_of(page.state)},
                    {"buttons", to_json(buttons)["buttons"]}});
  }
  return redacted({{"type", "inbox"}, {"pages", std::move(list)}}, setup);
}

std::string error(std::string const& text) { return dumped({{"type", "error"}, {"text", text}}); }

FromPage read(std::string_view text) {
  FromPage result;
  constexpr std::size_t kMaxIdBytes = 100;
  auto const value = json::parse(text, nullptr, false);
  if (!value.is_object()) return result;
  auto const type = text_field(value, "type");
  result.id = text_field(value, "id");
  result.text = text_field(value, "text");
  result.log = text_field(value, "log");
  result.since = number_field(value, "since");
  result.sequence = number_field(value, "seq");
  if (type == "hello") result.kind = FromPage::Kind::hello;
  if (type == "command" && !result.id.empty() && result.id.size() <= kMaxIdBytes) result.kind = FromPage::Kind::command;
  if (type == "complete") result.kind = FromPage::Kind::complete;
  if (type == "ping") result.kind = FromPage::Kind::ping;
  return result;
}

}  // namespace tocsin::web_json
