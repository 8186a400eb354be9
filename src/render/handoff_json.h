#pragma once

// A handoff as JSON: the form of docs/handoff.schema.json.

#include <string>

#include "handoff/handoff.h"
#include "render/style.h"

namespace baton::render {

std::string handoff_json(const Style& style, const handoff::Handoff& handoff);

}  // namespace baton::render
