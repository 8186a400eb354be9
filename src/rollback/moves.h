#pragma once

// The renames that carry a plan out, forwards and backwards. Each can be told from the folder alone
// whether it is done, so a killed process's work can be taken up by another.

#include <string>
#include <vector>

#include "base/result.h"
#include "os/file.h"

namespace baton::rollback {

// Of an lstat, what tells whether a file is still the same.
struct FileMark {
  uint64_t inode = 0, size = 0;
  int64_t mtime_ns = 0, ctime_ns = 0;
  bool operator==(const FileMark&) const = default;
  static FileMark of(const os::FileStat& st) {
    return {st.inode, st.size, st.mtime_ns, st.ctime_ns};
  }
};

struct Move {
  std::string path;                       // from the worktree's root
  bool removes = false, creates = false;  // neither: it replaces
  uint64_t staged_inode = 0;              // of the new file; 0 if it removes
  FileMark was;                           // what lies there before; all 0 if it creates
};

class Moves {
 public:
  Moves(std::string root, std::string folder, std::vector<Move> moves)
      : root_(std::move(root)), folder_(std::move(folder)), moves_(std::move(moves)) {}

  // All of them; stops at the first that fails.
  Status forward();
  // Those that are done, newest first. Goes on past one that fails, and gives the first error.
  // A file that somebody changed since is left.
  Status back();
  // Paths whose file is not what the plan took it for any more.
  std::vector<std::string> changed() const;

  bool is_done(size_t number) const;
  const std::vector<Move>& list() const { return moves_; }

  static std::string staged_path(const std::string& folder, size_t number);
  static std::string kept_path(const std::string& folder, size_t number);

 private:
  Status remove(size_t number);
  Status place(size_t number);
  Status take_back(size_t number);
  std::string full(const std::string& path) const { return os::join(root_, path); }
  std::string staged(size_t number) const { return staged_path(folder_, number); }
  std::string kept(size_t number) const { return kept_path(folder_, number); }
  void drop_empty_folders(const std::string& path) const;

  std::string root_, folder_;
  std::vector<Move> moves_;
};

}  // namespace baton::rollback
