#pragma once

// Where a handoff's text cites the record.

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "handoff/handoff.h"

namespace baton::render {

// "[c7f2.14]"; "" for nothing.
std::string cite(const handoff::Citation& step);
// "c7f2", "c7f2:3", "c7f2.14", "note:3f2a11bc"
bool is_citation(std::string_view text);
// The session of a citation.
std::string session_of(std::string_view citation);
// Of a line of Markdown, without what stands in code marks.
std::vector<std::string> citations_of_line(std::string_view line);
// Of a text of Markdown, without its fenced blocks.
std::vector<std::string> citations_of_markdown(std::string_view text);
// Adds those of a member of a handoff's JSON and of what lies below it.
void collect_citations(json::Value value, std::string_view name, std::vector<std::string>& found);

}  // namespace baton::render
