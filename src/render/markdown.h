#pragma once

// Recorded text in Markdown (CommonMark): only in code spans and fenced blocks, where neither
// Markdown nor HTML means anything. Secrets are masked and control characters made visible.

#include <string>
#include <string_view>

#include "render/style.h"

namespace baton::render {

// Recorded text as a code span on one line, "⏎" where a line ends. `max` columns, 0 for no end.
std::string code_span(const Style& style, std::string_view text, size_t max = 0);
// Recorded text as a fenced block, each line behind `indent`, at most `max_lines` (0: all).
std::string code_block(const Style& style, std::string_view text, std::string_view indent,
                       size_t max_lines = 0);

}  // namespace baton::render
