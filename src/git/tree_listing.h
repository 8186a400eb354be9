#pragma once

// What trees and the index hold, and what differs between two trees.

#include <cstdint>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "git/repository.h"

namespace baton::git {

struct TreeEntry {
  uint32_t mode = 0;  // as in index_file.h
  ObjectId id;
  std::string path;  // from the root of the tree
};

// The entries of a tree (or a commit's): of the root, or with `recursive` all files below. With
// `path`, the entry of that path only (with `recursive` the files below it).
Result<std::vector<TreeEntry>> ls_tree(const Repository& repository, const ObjectId& tree,
                                       bool recursive, const std::string& path = {});

struct TreeChange {
  char status = 'M';  // A, D, M, T (type), R (renamed), C (copied)
  uint32_t old_mode = 0, new_mode = 0;
  ObjectId old_id, new_id;  // empty where there is none
  std::string path;         // the new one, if there are two
  std::string old_path;     // of R and C
};

struct DiffOptions {
  bool renames = false;
  std::vector<std::string> paths = {};
};

// What differs between two trees or commits, in order of paths. An empty id is the empty tree.
Result<std::vector<TreeChange>> diff_tree(const Repository& repository, const ObjectId& before,
                                          const ObjectId& after, const DiffOptions& options = {});

// Paths whose entry in the index is not what the commit's tree holds.
Result<std::vector<std::string>> staged_paths(const Repository& repository, const ObjectId& commit);

}  // namespace baton::git
