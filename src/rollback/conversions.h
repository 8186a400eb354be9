#pragma once

// Git's blobs, as a checkout writes them: what is recorded of a worktree are its own bytes.

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "git/attributes.h"
#include "rollback/plan.h"

namespace baton::rollback {

using SidesByPath = std::map<std::string, std::pair<Version, Version>>;  // now, git's

class Conversions {
 public:
  explicit Conversions(const Here& here);  // REQUIRES: a git repository

  // Finds the files that git holds to be clean: they need not be converted to be compared.
  Status look(const SidesByPath& files);
  // Makes of git's version what a checkout would write; `content`, where that is not the blob.
  Status apply(const std::string& path, const Version& now, Version& then,
               std::optional<std::string>& content);

 private:
  bool may_differ(const std::string& path, const std::pair<Version, Version>& sides);

  const Here& here_;
  const git::Repository& repository_;
  git::Attributes attributes_;
  std::map<std::string, ObjectId> clean_;
};

}  // namespace baton::rollback
