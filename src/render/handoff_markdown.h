#pragma once

// A handoff as Markdown (CommonMark). Recorded text stands in code spans and fenced blocks only,
// where neither Markdown nor HTML means anything; secrets are masked and control characters made
// visible before that. Sections come in a fixed order; empty ones are left out but for the tests
// and the ways back. The form is described in docs/handoff.md.

#include <string>
#include <string_view>

#include "handoff/handoff.h"
#include "render/style.h"

namespace baton::render {

// How much of a section is shown when no budget is given; the rest is counted, and the line says
// where to see it.
constexpr size_t kMaxHandoffPrompts = 12;
constexpr size_t kMaxHandoffLines = 20;  // entries of any other section
constexpr size_t kMaxQuotedBlock = 30;   // lines of one prompt or message

std::string handoff_markdown(const Style& style, const handoff::Handoff& handoff);

// Recorded text as a code span on one line, "⏎" where a line ends. `max` columns, 0 for no end.
std::string code_span(const Style& style, std::string_view text, size_t max = 0);
// Recorded text as a fenced block, each line behind `indent`, at most `max_lines` (0: all).
std::string code_block(const Style& style, std::string_view text, std::string_view indent,
                       size_t max_lines = 0);

}  // namespace baton::render
