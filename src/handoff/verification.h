#pragma once

// Whether the tests hold: of the whole, and of each file.

#include "handoff/facts.h"

namespace baton::handoff {

// Whether a later run speaks of what failed in an earlier one: of the same runner (or script), and
// nothing in its words or in the names of the failing tests says that it was of another part.
bool speaks_of(const model::Step& later, const model::Step& failed);
// The run that tells how things stood at a moment: the newest failed one that no later run speaks
// of, else the newest; null if none ran. `kind`: tests, builds or linters. Runs that began after
// `until` do not count.
const model::Step* deciding_run(const Facts& facts, model::TestKind kind, Micros until = INT64_MAX);
// The changes that a run did not run on and that are not its own, each path once an owner.
struct Since {
  std::vector<SinceLine> after;
  std::vector<SinceLine> maybe;  // nothing tells whether it ran on them
  bool empty() const { return after.empty() && maybe.empty(); }
};
Since changed_since(const Facts& facts, const model::Step& run, Micros until = INT64_MAX);
VerificationLine verify_whole(const Facts& facts);
// Fills in what the newest run that saw the file's present content says of it.
void verify_file(const Facts& facts, const Net& net, ChangeLine& line);
// All runs in order; for each failed one what changed up to the next of the same command.
std::vector<TestLine> test_lines(const Facts& facts);

}  // namespace baton::handoff
