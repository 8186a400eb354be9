#pragma once

#include <string>

#include "model/views.h"
#include "render/style.h"

namespace baton::render {

std::string search_text(const Style& style, const model::SearchView& view);
std::string search_json(const Style& style, const model::SearchView& view);

}  // namespace baton::render
