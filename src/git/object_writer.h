#pragma once

// Blobs, trees and commits made from parts. They are added to the repository's own store; callers
// are the pin (refs/baton/...) and `export --git`, which the user asks for.

#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "git/repository.h"
#include "git/signature.h"
#include "git/tree_listing.h"

namespace baton::git {

Result<ObjectId> write_blob(const Repository& repository, std::string_view content);

// Writes the trees that hold these files (full paths, in any order) and returns the root's id. The
// objects need not exist. ErrorKind::usage for paths that git forbids or that collide.
Result<ObjectId> create_tree(const Repository& repository, std::vector<TreeEntry> files);
// The id alone, without writing anything or asking git.
Result<ObjectId> tree_id(HashKind hash, std::vector<TreeEntry> files);

struct CommitDraft {
  ObjectId tree;
  std::vector<ObjectId> parents;
  Signature author, committer;
  std::string message;
};
Result<ObjectId> create_commit(const Repository& repository, const CommitDraft& draft);

// Whether git takes the path: ErrorKind::usage or ErrorKind::limit if not.
Status check_path(std::string_view path);

}  // namespace baton::git
