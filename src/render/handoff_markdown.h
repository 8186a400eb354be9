#pragma once

// A handoff as Markdown, for people and for agents. Sections come in a fixed order; empty ones are
// left out but for the tests and the ways back. The form is described in docs/handoff.md.

#include <string>

#include "handoff/handoff.h"
#include "render/handoff_sections.h"
#include "render/markdown.h"
#include "render/style.h"

namespace baton::render {

constexpr size_t kBytesOfToken = 4;  // of UTF-8, rounded up

struct HandoffForm {
  size_t budget = 0;    // tokens that are never exceeded; 0: none
  bool prompt = false;  // for an agent that goes on with the work
};

// Without a budget each section is cut to a number of entries, and says how many there are. With
// one, what is needed most comes first, in its shortest form; what room is left goes to longer
// forms. The last line says what was left out and how to see it.
std::string handoff_markdown(const Style& style, const handoff::Handoff& handoff,
                             const HandoffForm& form = {});

// The same of sections that are made already, in at most `bytes`.
std::string fitted(const HandoffDocument& document, size_t bytes);

}  // namespace baton::render
