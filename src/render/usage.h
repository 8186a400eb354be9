#pragma once

// Where a store's bytes are, for `baton du`.

#include <string>

#include "render/style.h"
#include "store/usage.h"

namespace baton::render {

// With at most so many of the largest sessions and paths.
std::string usage_text(const Style& style, const store::Usage& usage, size_t most);
std::string usage_json(const Style& style, const store::Usage& usage, size_t most);

}  // namespace baton::render
