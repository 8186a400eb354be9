#pragma once

// What git itself is asked: for readers, `init` and rare passes over a whole tree, never for a file
// tool's hook (starting git costs about a millisecond). git runs in the repository that was found,
// whatever GIT_DIR says; without optional locks, pager, hooks, file system monitor, external diffs,
// replaced objects and fetching from a promisor; its language is C. Names go to it in forms that
// cannot be taken for options, paths are literal.
//
// Nothing here writes in the user's repository but what stands below "Writing".
//
// Errors: not_found for a revision, object or path that does not exist, usage for a name that
// cannot be one, io with git's own words for the rest.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "git/repository.h"
#include "os/process.h"

namespace baton::git {

constexpr uint64_t kMaxObjectBytes = 1ull << 30;

// "git version 2.39.5"
Result<std::string> version();

struct ObjectInfo {
  ObjectId id;
  std::string type;  // "blob", "tree", "commit", "tag"
  uint64_t size = 0;
};

struct Object {
  ObjectInfo info;
  std::string content;
};

// Objects by name, from a `git cat-file --batch` that is started at the first question and lives as
// long as this object: some 20 microseconds a question. A name is anything that names an object:
// "HEAD", an id, "v1.0^{tree}", "main:dir/file".
class ObjectReader {
 public:
  explicit ObjectReader(const Repository& repository) : repository_(repository) {}

  Result<ObjectInfo> info(std::string_view name);
  // ErrorKind::limit over `max_bytes`.
  Result<Object> read(std::string_view name, uint64_t max_bytes = kMaxObjectBytes);
  // The content of a blob.
  Result<std::string> blob(const ObjectId& id, uint64_t max_bytes = kMaxObjectBytes);
  // The commit that a revision leads to, through tags.
  Result<ObjectId> commit(std::string_view revision);
  // The tree of a revision.
  Result<ObjectId> tree(std::string_view revision);

 private:
  Result<ObjectInfo> ask(os::Child& child, std::string_view mode, std::string_view name);
  Repository repository_;
  os::Child contents_, infos_;
};

// One revision, without keeping a process: ObjectReader is better for several.
Result<ObjectId> resolve_commit(const Repository& repository, std::string_view revision);

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

struct Signature {
  std::string name, email;
  int64_t time = 0;        // seconds since the epoch
  int offset_minutes = 0;  // of the time zone
};

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

struct BlameCommit {
  ObjectId id;  // all zeros: not committed
  Signature author, committer;
  std::string summary;
  bool boundary = false;
};

struct BlameLine {
  uint32_t commit = 0;         // in Blame::commits
  uint32_t file = 0;           // in Blame::files: the path in that commit
  uint32_t original_line = 0;  // counted from 1
  uint32_t final_line = 0;     // the same, in the file that is blamed
  std::string text;            // without its newline
};

struct Blame {
  std::vector<BlameCommit> commits;
  std::vector<std::string> files;
  std::vector<BlameLine> lines;  // of the final file, in order
};

struct BlameOptions {
  ObjectId revision = {};                    // empty: the working tree
  std::optional<std::string> contents = {};  // blamed instead of the file on disk
  bool ignore_whitespace = false;            // -w
  bool moves = false;                        // -M
  int copies = 0;                            // -C, up to three times
  std::vector<std::string> flags = {};       // others, as git's command line has them
  std::vector<std::string> ranges = {};      // -L, as git's command line has them
};

Result<Blame> blame(const Repository& repository, const std::string& path,
                    const BlameOptions& options = {});
// What `git blame --porcelain` prints, byte for byte, in the user's configuration.
Result<std::string> blame_porcelain(const Repository& repository, const std::string& path,
                                    const BlameOptions& options = {});

// The commits that changed these lines (counted from 1) of the path as `revision` holds it, newest
// first, followed back through its versions and renames.
Result<std::vector<Commit>> line_log(const Repository& repository, const std::string& revision,
                                     const std::string& path, uint32_t first, uint32_t last);
// The newest commit of a history (empty: HEAD's) that brought this content to the path; empty if
// none did.
Result<ObjectId> commit_with(const Repository& repository, const std::string& path,
                             const ObjectId& blob, const ObjectId& history = {});

// --- Writing. These add objects to the repository's own store or move refs; callers are the pin
// (refs/baton/...) and `export --git`, which the user asks for.

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

// Sets a ref (a full name). `expected` is what it must be now: an empty id means that it must not
// exist; without it whatever is there is replaced. An empty `id` deletes it. No hook of the user's
// is run.
Status update_ref(const Repository& repository, const std::string& ref, const ObjectId& id,
                  const std::optional<ObjectId>& expected = std::nullopt);

// A new worktree in a folder that is empty or not there, on a new branch that begins at the commit.
Status add_worktree(const Repository& repository, const std::string& directory,
                    const std::string& branch, const std::string& commit);

// The index's entries of these paths, as text that `set_index_entries` takes: it puts the index
// back to it, whatever it holds at the paths by then.
Result<std::string> index_entries(const Repository& repository,
                                  const std::vector<std::string>& paths);
Status set_index_entries(const Repository& repository, const std::vector<std::string>& paths,
                         const std::string& entries);
// The index gets what lies at the paths now.
Status stage_paths(const Repository& repository, const std::vector<std::string>& paths);

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
