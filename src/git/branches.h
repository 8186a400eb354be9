#pragma once

// Branches, and the one that others start from.

#include <optional>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "git/repository.h"

namespace baton::git {

struct Branch {
  std::string name;      // "main"
  std::string upstream;  // full ref name, or ""
  ObjectId id;
};
Result<std::vector<Branch>> branches(const Repository& repository);

// The branch that others start from: what origin/HEAD names, else main, else master.
struct BaseBranch {
  std::string ref;   // "refs/remotes/origin/main", "refs/heads/main"
  std::string name;  // "main"
  ObjectId id;
};
Result<std::optional<BaseBranch>> base_branch(const Repository& repository);

// What a branch goes back to, by one question.
struct BranchRoots {
  std::optional<BaseBranch> base;  // as base_branch() says
  std::string upstream;            // of the branch itself: full ref name, or ""
};
Result<BranchRoots> branch_roots(const Repository& repository, const std::string& branch);

// Whether git would take `name` for a new branch.
bool is_branch_name(const Repository& repository, const std::string& name);

}  // namespace baton::git
