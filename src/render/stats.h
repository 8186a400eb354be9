#pragma once

// Sums over prompts as a table and as JSON.

#include <string>

#include "attribution/stats.h"
#include "render/style.h"

namespace baton::render {

std::string stats_text(const Style& style, const attribution::Stats& stats);
std::string stats_json(const Style& style, const attribution::Stats& stats);

}  // namespace baton::render
