#pragma once

// Where a worktree's timeline starts: a commit's tree but for the exceptions. For the .cc files of
// this folder only.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "index/index_impl.h"
#include "model/views.h"

namespace baton::index {

struct Base {
  int64_t key = 0;
  Micros time = 0;
  int64_t q = 0;  // it holds for what follows this number
  std::string commit, tree;
  std::string revision() const { return tree.empty() ? commit : tree; }
};

// Oldest first.
Result<std::vector<Base>> load_bases(Index& index, int64_t worktree);

// What the base holds at the path. Nothing: not there. ErrorKind::not_found if only git could tell.
Result<std::optional<model::StateEntry>> base_entry(Index& index, const Base& base,
                                                    int64_t path_key, std::string_view path);

}  // namespace baton::index
