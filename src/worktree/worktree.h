#pragma once

// One checkout: where it is, what the store knows it as, its lock and the numbers of its timeline.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "git/repository.h"
#include "os/file.h"
#include "store/store.h"

namespace baton::worktree {

// In a linked worktree's git folder: its id.
constexpr std::string_view kWorktreeNote = "baton-worktree";     // in a linked one's git folder
constexpr std::string_view kMainWorktreeNote = "main-worktree";  // in the store

struct Worktree {
  std::string id;                             // random, 16 hex digits
  bool fresh = false;                         // it was given this id just now
  std::string root;                           // absolute path of the files
  std::string directory;                      // what the store keeps of it
  std::optional<git::Repository> repository;  // nothing outside git
};

// Where a path belongs: the innermost repository or `.baton` folder around it, and its store.
// ErrorKind::no_store if there is none.
struct Place {
  store::Store store;
  std::string root;  // of the worktree
  std::optional<git::Repository> repository;
};
Result<Place> find_place(const std::string& path);

// The worktree's id is noted in its own git folder, because git reuses the names of worktrees and a
// folder may be moved. Made on the first call.
Result<Worktree> open_worktree(const Place& place);
// The worktrees that the store knows, by id; their roots are not known here.
Result<std::vector<std::string>> known_worktrees(const store::Store& store);

// Repositories inside of this worktree's files, from its root: a command run here may change them
// too. They are noted when a pass meets them, and may be gone.
constexpr size_t kMaxNestedNoted = 64;
std::vector<std::string> nested_repositories(const Worktree& worktree);
// REQUIRES: the worktree's lock.
Status note_nested(const Worktree& worktree, const std::vector<std::string>& paths);

// Held while a worktree's transitions are numbered and its manifest is changed.
class Lock {
 public:
  static Result<Lock> take(const Worktree& worktree, int64_t budget_us);
  // Takes `count` numbers of the timeline; the first of them. Numbers are never used again: when
  // the file that holds the next one was lost, they go on from the clock's microseconds, which is
  // more than were ever taken.
  Result<uint64_t> take_numbers(uint64_t count);
  // The number that the next transition gets; 0: not known.
  Result<uint64_t> next_number() const;

 private:
  Status write_next(uint64_t number);
  os::File file_;  // also holds the next number, as text
};

}  // namespace baton::worktree
