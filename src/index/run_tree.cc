#include "index/run_tree.h"

#include <algorithm>

namespace baton::index {
namespace {

// A kernel stamps files with the time of its last tick, up to 10 ms before the write.
constexpr Micros kTick = 20'000;

bool is_suspect(const model::Owner& owner, const model::StepRef& step) {
  bool doubtful =
      owner.kind == model::OwnerKind::unknown || owner.evidence == model::Evidence::contested;
  return doubtful && std::ranges::find(owner.candidates, step) != owner.candidates.end();
}

}  // namespace

RanOn ran_on(const model::TestRun& run, const model::Change& change) {
  if (change.q <= run.tree.q) return RanOn::yes;
  // The run may have made it itself.
  if (is_suspect(change.owner, run.step)) return RanOn::unknown;
  if (run.tree_seen) return RanOn::no;
  const model::StepRef& by = change.owner.step;
  if (change.owner.kind == model::OwnerKind::step && by.session_key == run.step.session_key &&
      by.step > run.step.step) {
    return RanOn::no;
  }
  Micros changed = change.ctime_ns / 1000;
  if (changed <= 0 || !run.start_heard) return RanOn::unknown;
  if (changed >= run.time) return RanOn::no;
  // A new file may have been moved there, with its time, long after it was written.
  bool replaced = !change.before.empty() && !change.after.empty();
  return replaced && changed < run.time - kTick ? RanOn::yes : RanOn::unknown;
}

}  // namespace baton::index
