#pragma once

// Many objects and commits in one stream.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "git/repository.h"
#include "git/signature.h"
#include "os/process.h"

namespace baton::git {

// Many objects and commits in one stream (`git fast-import`); they land in a pack at `finish`,
// which must be called, and nothing is certain before it succeeded.
class Import {
 public:
  static Result<Import> start(const Repository& repository);

  Result<ObjectId> blob(std::string_view content);

  struct Change {
    uint32_t mode = 0;  // 0 deletes
    ObjectId id;
    std::string path;
  };
  struct Draft {
    std::string ref;       // full name of a branch; it is set at `finish`, and only forwards
    ObjectId parent = {};  // empty: the last commit of this import on that ref, or a root
    Signature author, committer;
    std::string message;
    bool from_nothing = false;  // the changes are the whole tree, not a difference to the parent's
    std::vector<Change> changes = {};
  };
  Result<ObjectId> commit(const Draft& draft);
  Status finish();

 private:
  HashKind hash_ = HashKind::sha1;
  os::Child child_;
  uint64_t last_mark_ = 0;
  ObjectId last_;  // the commit of that mark
};

}  // namespace baton::git
