#pragma once

// Who made the versions of paths, looked up each once.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "attribution/blame.h"
#include "attribution/marks.h"
#include "index/index.h"

namespace baton::attribution {

class Hands {
 public:
  explicit Hands(index::Index& index) : index_(index) {}

  // Those of many origins at once.
  Status look_up(const std::vector<Origin>& origins);
  Result<std::shared_ptr<const Hand>> of(const Origin& origin);

 private:
  Result<std::string> worktree(int64_t key);

  index::Index& index_;
  struct Slot {
    std::shared_ptr<Hand> hand;
    bool asked = false;
  };
  std::map<Origin, Slot> hands_;
  std::map<int64_t, std::string> worktrees_;
};

// Whether a line that went from one to the other stayed in the same hands: a step, or other steps
// for the same prompt; nobody in particular, twice.
bool same_hands(const model::Owner& a, const model::Owner& b);
// Whether it was the very same step, or nobody in particular, twice.
bool same_maker(const model::Owner& a, const model::Owner& b);

}  // namespace baton::attribution
