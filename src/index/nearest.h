#pragma once

// Which versions of a path are left around one that a budget took.

#include <string>
#include <string_view>

#include "base/hash.h"
#include "index/index.h"

namespace baton::index {

// "c7f2.3 before it, c7f2.9 after it": the nearest on either side whose content is there, by the
// step that made it or when it was seen. "" if none is.
std::string nearest_kept(Index& index, std::string_view worktree, std::string_view path,
                         const ObjectId& id);

}  // namespace baton::index
