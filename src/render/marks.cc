#include "render/marks.h"

#include "render/json.h"
#include "render/text.h"
#include "render/when.h"

namespace baton::render {
namespace {

constexpr size_t kShortId = 7;

}  // namespace

std::string marks_text(const Style& style, const std::vector<index::Mark>& marks) {
  Table table;
  for (const index::Mark& mark : marks) {
    std::string turn = mark.turn ? mark.session + ":" + std::to_string(mark.turn) : "";
    table.row({{mark.address, Look::address},
               {when(style, mark.time), Look::faint},
               {mark.agent, Look::agent},
               {turn},
               {mark.head.substr(0, kShortId)},
               {mark.reason}});
  }
  return table.text(style);
}

std::string marks_json(const Style& style, const std::vector<index::Mark>& marks) {
  JsonAnswer answer("marks");
  json::Writer& json = answer.writer();
  json.key("marks").begin_array();
  for (const index::Mark& mark : marks) {
    json.begin_object().member("address", mark.address).member("session", mark.session);
    json.member("agent", mark.agent).member("n", mark.number).member("reason", mark.reason);
    optional_time(json, "time", mark.time);
    if (mark.turn) json.member("turn", mark.session + ":" + std::to_string(mark.turn));
    optional_member(json, "head", mark.head);
    if (mark.position.known()) {
      json.key("position");
      write(json, mark.position);
    }
    json.end_object();
  }
  json.end_array();
  return answer.finish(style);
}

std::string dropped_text(const Style& style, const std::vector<DroppedThing>& things, bool known) {
  std::string text;
  if (!known) {
    text += "the agent's summary was not recorded: this is all that the session held before\n\n";
  } else if (things.empty()) {
    return "the agent's summary names everything that was recorded before\n";
  } else {
    text += "recorded before, and not named by the agent's summary\n\n";
  }
  Table table;
  for (const DroppedThing& thing : things) {
    table.row({{thing.source, Look::address},
               {thing.kind, Look::faint},
               {first_line(clean(style, thing.text))}});
  }
  return text + table.text(style);
}

std::string dropped_json(const Style& style, const std::vector<DroppedThing>& things, bool known) {
  JsonAnswer answer("dropped");
  json::Writer& json = answer.writer();
  json.member("summary_known", known).key("dropped").begin_array();
  for (const DroppedThing& thing : things) {
    json.begin_object().member("kind", thing.kind).member("text", thing.text);
    optional_member(json, "source", thing.source);
    json.end_object();
  }
  json.end_array();
  return answer.finish(style);
}

}  // namespace baton::render
