#pragma once

// Answers as JSON: the form that docs/json.md describes. What is unknown or empty is left out;
// counts, states and lists that a question is about are always there.

#include <string>
#include <string_view>

#include "base/json.h"
#include "model/views.h"
#include "render/style.h"

namespace baton::render {

constexpr int kJsonVersion = 1;

// One answer: an object that says its version and kind, with the members that are added.
class JsonAnswer {
 public:
  explicit JsonAnswer(std::string_view kind);

  json::Writer& writer() { return json_; }
  // The whole line. Strings are masked, characters that a terminal would obey are escaped.
  std::string finish(const Style& style);

 private:
  json::Writer json_;
};

// A member, if there is something to say.
void optional_member(json::Writer& json, std::string_view name, std::string_view value);
void optional_time(json::Writer& json, std::string_view name, Micros time);

void write(json::Writer& json, const model::Position& position);
void write(json::Writer& json, const model::Owner& owner);
void write(json::Writer& json, const model::Change& change);
void write(json::Writer& json, const model::TestRun& run);
void write(json::Writer& json, const model::PlanItem& item);
void write(json::Writer& json, const model::Plan& plan);
void write(json::Writer& json, const model::Message& message);
void write(json::Writer& json, const model::Session& session);
void write(json::Writer& json, const model::Step& step);
void write(json::Writer& json, const model::Turn& turn);
void write(json::Writer& json, const model::TurnView& view, bool steps, bool messages);
void write(json::Writer& json, const model::StepView& view);
void write(json::Writer& json, const model::Hit& hit);
void write(json::Writer& json, const model::Note& note);
void write(json::Writer& json, const model::Gap& gap);
void write(json::Writer& json, const model::Skipped& skipped);
void write(json::Writer& json, const model::WorktreeView& worktree);
void write(json::Writer& json, const model::AgentHeard& agent);
void write(json::Writer& json, const model::CommitView& view);

// What the tool was given, out of what the agent sent: the value itself unless it is a whole
// payload.
json::Value tool_input(const json::Value& sent);
// "claude-code/0f3c…", below sessions/ in the store.
std::string journal_name(const model::EventPlace& event);

template <class List>
void write_list(json::Writer& json, std::string_view name, const List& list) {
  json.key(name).begin_array();
  for (const auto& item : list) write(json, item);
  json.end_array();
}
void write_strings(json::Writer& json, std::string_view name, const std::vector<std::string>& list);

}  // namespace baton::render
