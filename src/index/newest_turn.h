#pragma once

// The newest prompt on a branch: what the one who stands there works on.

#include <optional>
#include <string_view>

#include "index/index.h"
#include "model/session.h"

namespace baton::index {

// Of a person, among the newest few hundred; nothing if none of them was given there.
Result<std::optional<model::Turn>> newest_turn(Index& index, std::string_view branch);

}  // namespace baton::index
