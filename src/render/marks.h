#pragma once

// Handoff marks, and what went between two of them.

#include <string>
#include <vector>

#include "index/marks.h"
#include "render/style.h"

namespace baton::render {

std::string marks_text(const Style& style, const std::vector<index::Mark>& marks);
std::string marks_json(const Style& style, const std::vector<index::Mark>& marks);

struct DroppedThing {
  std::string kind;  // prompt, note, failed attempt, test run, change, read, open plan item
  std::string text;
  std::string key;  // what a summary that knows of it would hold
  std::string source;
};
// `known`: the summary was recorded.
std::string dropped_text(const Style& style, const std::vector<DroppedThing>& things, bool known);
std::string dropped_json(const Style& style, const std::vector<DroppedThing>& things, bool known);

}  // namespace baton::render
