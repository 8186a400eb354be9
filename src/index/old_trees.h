#pragma once

// Trees that a worktree's history begins with, even when git has thrown them away since: a tree
// that HEAD left is the newer one with the differences taken back, which the journal tells.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "index/git_source.h"
#include "index/index.h"

namespace baton::index {

// ErrorKind::not_found if neither git nor the record knows the tree.
Result<std::vector<GitEntry>> tree_entries(Index& index, std::string_view tree);
// What git says is kept with what `keep` of index/lines.h keeps.
Result<std::optional<GitEntry>> tree_entry(Index& index, std::string_view tree,
                                           const std::string& path);

}  // namespace baton::index
