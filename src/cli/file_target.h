#pragma once

// Which file, in which state, and which of its lines the words of a user mean: `[REV] PATH[:LINES]`
// of `blame` and `log --lines`. A path is taken from the current folder; one that exists as it is
// written is never taken apart.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/front.h"
#include "model/session.h"

namespace baton::cli {

struct FileTarget {
  std::string root;            // of the worktree
  std::string path;            // from there
  std::string written;         // as the user wrote it, without lines
  std::string revision;        // a commit's id; "" for anything else
  std::string since_revision;  // of FROM..TO: FROM's id
  std::string moment;          // "c7f2.14" for the file as it was after a step, else ""
  std::string worktree;        // whose versions come first; "" without a store
  std::string content;
  ObjectId id;  // of it; empty if the file is gone
  // A budget took it: `content` tells that it was binary, and nothing else.
  std::optional<Error> thinned;
  uint64_t bytes = 0;  // that it had, then
  std::string lines;   // what stood behind the path: "12", "10,20"
  bool of_working_tree() const { return revision.empty() && moment.empty(); }
};

// `words` are REV and PATH, or PATH alone, the path perhaps behind `--`. With a store, the index
// must have been opened.
Result<FileTarget> find_file(Front& front, index::Index* index, const std::string& revision,
                             const std::string& path);

// A file that is not there any more, as it is now: nothing. ErrorKind::not_found if none was
// recorded under this name.
Result<FileTarget> find_deleted_file(Front& front, index::Index& index, const std::string& path);

// Makes the file's present content known to the record, so that a person's lines are `outside` and
// not `unknown`. What cannot be recorded stays unknown.
Status look_at_file(Front& front, index::Index& index, const FileTarget& target,
                    std::string_view command);

}  // namespace baton::cli
