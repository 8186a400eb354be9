#pragma once

// When a commit was made: times of commits are whole seconds, and can be anything.

#include <optional>
#include <string>

#include "index/index.h"

namespace baton::index {

// When the step ended that made the commit (its full id); nothing if no step did.
Result<std::optional<Micros>> commit_made(Index& index, const std::string& id);
// When a look first saw HEAD moved there by a command that makes commits: at or after it was made.
Result<std::optional<Micros>> commit_seen(Index& index, const std::string& id);

}  // namespace baton::index
