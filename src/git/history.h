#pragma once

// Commits and how they follow each other.

#include <cstdint>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "git/repository.h"
#include "git/signature.h"

namespace baton::git {

struct Commit {
  ObjectId id, tree;
  std::vector<ObjectId> parents;
  Signature author, committer;
  std::string message;  // UTF-8 if the commit names its encoding; as git shows it
};

struct LogOptions {
  std::vector<std::string> revisions = {};  // "main", "A..B", "^C"; none: HEAD
  std::vector<std::string> paths = {};
  bool pathspecs = false;  // `paths` are git's patterns, not literal
  bool first_parent = false;
  uint64_t limit = UINT64_MAX;
};

// Newest first, in git's order.
Result<std::vector<Commit>> log(const Repository& repository, const LogOptions& options = {});

// The best common ancestor; an empty id if there is none.
Result<ObjectId> merge_base(const Repository& repository, const ObjectId& a, const ObjectId& b);
Result<bool> is_ancestor(const Repository& repository, const ObjectId& ancestor,
                         const ObjectId& descendant);

// The commits that changed these lines (counted from 1) of the path as `revision` holds it, newest
// first, followed back through its versions and renames.
Result<std::vector<Commit>> line_log(const Repository& repository, const std::string& revision,
                                     const std::string& path, uint32_t first, uint32_t last);
// The newest commit of a history (empty: HEAD's) that brought this content to the path; empty if
// none did.
Result<ObjectId> commit_with(const Repository& repository, const std::string& path,
                             const ObjectId& blob, const ObjectId& history = {});

}  // namespace baton::git
