#pragma once

// What may have caused a failure, the likeliest first, and what could not be told.

#include <string>

#include "render/style.h"
#include "triage/triage.h"

namespace baton::render {

struct TriageView {
  std::string revision;  // commit id, "" for the working tree
  triage::Triage triage;
};

std::string triage_text(const Style& style, const TriageView& view);
std::string triage_json(const Style& style, const TriageView& view);

}  // namespace baton::render
