#pragma once

// What the index asks git. It may be absent (no repository, no git): then nothing that needs it is
// guessed. The one implementation that spawns git is in git_objects.h; tests have their own.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/result.h"

namespace baton::index {

struct GitEntry {
  std::string path;
  std::string mode;  // "100644", "100755", "120000"
  ObjectId id;
};

class GitSource {
 public:
  // The entry of each path in the tree of `revision` (a commit or tree id, or an expression such as
  // "<commit>^2"); nothing where the tree does not hold it. ErrorKind::not_found if there is no
  // such revision.
  virtual Result<std::vector<std::optional<GitEntry>>> entries(
      std::string_view revision, const std::vector<std::string>& paths) = 0;
  // Whether it answers at all. If it does not, that something is not found says nothing.
  virtual bool answers() { return true; }
  // All files of the tree, by path.
  virtual Result<std::vector<GitEntry>> tree(std::string_view revision) = 0;
  virtual Result<std::string> blob(const ObjectId& id) = 0;
  // Full id of the commit that the words name.
  virtual Result<std::string> resolve(std::string_view revision) = 0;
  // Commits of a range, newest first, as `git rev-list` has them.
  virtual Result<std::vector<std::string>> commits(std::string_view range) = 0;
  // What a commit changes against its first parent (a root: against nothing), and when it was made.
  struct CommitChange {
    std::string path;
    ObjectId before, after;  // empty: not there
  };
  struct Commit {
    std::string id;
    std::vector<std::string> parents;
    int64_t committed = 0;  // seconds since the epoch
    std::vector<CommitChange> changes;
  };
  virtual Result<Commit> commit(std::string_view revision) = 0;

 protected:
  ~GitSource() = default;
};

}  // namespace baton::index
