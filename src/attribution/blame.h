#pragma once

// `baton blame`: for each line of a file the step and prompt that wrote it, or who else did, and
// what that rests on.

#include <optional>
#include <string>
#include <vector>

#include "git/commands.h"
#include "index/index.h"
#include "index/queries.h"

namespace baton::attribution {

struct BlameOptions {
  std::string path;                             // from the worktree's root
  std::string worktree;                         // id
  std::string content;                          // what is blamed
  ObjectId content_id;                          // of it
  const git::Repository* repository = nullptr;  // null outside git
  ObjectId revision;  // the commit that `content` is of; empty: working tree
};

struct BlamedLine {
  std::string text;  // without its newline
  model::Owner owner;
  int turn = 0;  // of owner.step
  // What git says of the line; for owners `git` and `before` it is the answer.
  std::string commit;  // hex; "" if git does not know the line
  std::string author;
  int64_t author_time = 0;  // seconds
  uint32_t original_line = 0;
  std::string summary;
};

struct Blame {
  bool recorded = false;  // the store knows versions of this path
  std::vector<BlamedLine> lines;
};

Result<Blame> blame(index::Index& index, const BlameOptions& options);

}  // namespace baton::attribution
