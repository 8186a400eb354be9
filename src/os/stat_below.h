#pragma once

// A look at a path of a tree that never leaves the tree.

#include <string>

#include "os/file.h"

namespace baton::os {

// Like stat_file of `path` below `root`, but nothing is there if a folder above it, below the root,
// is a link (or no folder at all): what lies behind it is not the tree's.
Result<FileStat> stat_below(const std::string& root, const std::string& path);

}  // namespace baton::os
