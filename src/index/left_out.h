#pragma once

// What a worktree's files are left out of the record by, as it was last seen: a journal says when
// something was left out, not when it went or was let in.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "index/index.h"
#include "model/views.h"
#include "store/manifest.h"
#include "store/store.h"

namespace baton::index {

class StillLeftOut {
 public:
  explicit StillLeftOut(const store::Store& store) : store_(store) {}
  // True, too, where a worktree's manifest is not there to tell.
  bool holds(const model::Skipped& skipped);

 private:
  const store::Store& store_;
  std::map<std::string, std::optional<store::Manifest>> manifests_;
};

// Paths of a worktree that are left out of the record, with the reason.
Result<std::vector<model::Skipped>> left_out(Index& index, std::string_view worktree);

// What was left out when a file was first recorded may have been there before: nobody knows what it
// held.
class LeftOutThen {
 public:
  LeftOutThen(Index& index, std::string worktree) : index_(index), worktree_(std::move(worktree)) {}
  // Why a file that was not recorded at the number `q` may have been there all the same, "" if it
  // was not. `time`: when that was, 0: not known.
  Result<std::string> reason(const std::string& path, int64_t q, Micros time);

 private:
  Status load();
  Result<bool> was_let_in(const model::Skipped& folder, int64_t q);
  Index& index_;
  std::string worktree_;
  std::optional<std::map<std::string, model::Skipped, std::less<>>> rows_;
};

}  // namespace baton::index
