#pragma once

// The renames that carry a plan out, forwards and backwards. Each can be told from the folder alone
// whether it is done, so a killed process's work can be taken up by another.

#include <string>
#include <vector>

#include "base/result.h"
#include "os/file.h"
#include "store/rewind_plan.h"

namespace baton::rollback {

using store::FileMark;
using Move = store::RewindMove;

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

 private:
  Status remove(size_t number);
  Status place(size_t number);
  Status take_back(size_t number);
  std::string full(const std::string& path) const { return os::join(root_, path); }
  std::string staged(size_t number) const { return store::rewind_staged_path(folder_, number); }
  std::string kept(size_t number) const { return store::rewind_kept_path(folder_, number); }
  void drop_empty_folders(const std::string& path) const;

  std::string root_, folder_;
  std::vector<Move> moves_;
};

}  // namespace baton::rollback
