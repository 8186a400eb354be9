#pragma once

// Names of a bundle's files beside those of a store (docs/format/bundle.md).

#include <cstddef>
#include <string_view>

namespace baton::handoff {

constexpr std::string_view kTreesFolder = "trees";
constexpr std::string_view kCommitsFile = "trees/commits";
constexpr std::string_view kStatesFile = "states";
constexpr std::string_view kWorktreeFile = "worktree";
constexpr std::string_view kTasksFile = "tasks";
constexpr size_t kMaxFile = 1u << 30;

}  // namespace baton::handoff
