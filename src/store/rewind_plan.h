#pragma once

// A rewind under way, as it is written down beside the worktree's manifest before any file is moved
// (docs/format/store.md, "A rewind under way"). It lies there after a process that was killed, for
// whoever finishes it, and for hooks that meet files which nobody has told of yet.

#include <cstdint>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "os/file.h"

namespace baton::store {

// Of an lstat, what tells whether a file is still the same.
struct FileMark {
  uint64_t inode = 0, size = 0;
  int64_t mtime_ns = 0, ctime_ns = 0;
  bool operator==(const FileMark&) const = default;
  static FileMark of(const os::FileStat& st) {
    return {st.inode, st.size, st.mtime_ns, st.ctime_ns};
  }
};

struct RewindMove {
  std::string path;                       // from the worktree's root
  bool removes = false, creates = false;  // neither: it replaces
  uint64_t staged_inode = 0;              // of the new file; 0 if it removes
  ObjectId then;                          // its content; empty if it removes
  FileMark was;                           // what lies there before; all 0 if it creates
};

struct RewindPlan {
  std::string root, folder;      // of the worktree's files, of the new ones
  std::string session, payload;  // of the event to be written
  std::vector<RewindMove> moves;
};

// Below a worktree's directory in the store.
constexpr std::string_view kRewindDirectory = "rewind";
std::string rewind_plan_path(const std::string& worktree_directory);

// Written whole or not at all, and flushed.
Status write_rewind_plan(const std::string& worktree_directory, const RewindPlan& plan);
// ErrorKind::not_found if there is none.
Result<RewindPlan> read_rewind_plan(const std::string& worktree_directory);

// Where the n-th move's new file is written, and where what lay at its path is kept.
std::string rewind_staged_path(const std::string& folder, size_t number);
std::string rewind_kept_path(const std::string& folder, size_t number);

}  // namespace baton::store
