#pragma once

// How a statement is held against the record. For the claims*.cc files only; claims.h is the door.

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "handoff/facts.h"
#include "handoff/handoff.h"
#include "handoff/statements.h"

namespace baton::handoff {

struct Verdict {
  std::string word, reason;
  std::vector<Citation> evidence;
};

class Judge {
 public:
  Judge(const Facts& facts, const Handoff& handoff, const model::Turn& turn)
      : facts_(facts), handoff_(handoff), turn_(turn) {
    // What stood when the message was said; a turn whose end was not heard has none.
    said_ = turn.ended != 0 ? turn.ended : INT64_MAX;
  }

  Verdict judge(const Statement& statement) const;

 private:
  // --- Tests, builds and linters: claims_runs.cc ---

  // The run that a statement is about: of a named script or runner if it names one.
  const model::Step* run_for(const Statement& statement, model::TestKind kind) const;
  static bool is_named(const Statement& statement, const model::Step& step);
  Verdict passing(const Statement& statement, model::TestKind kind) const;
  // Of some tests, where a run failed in which others passed.
  static bool may_have_passed(const Statement& statement, const model::Step& run);
  // How many passed in the newest runs of all runners; nothing if one does not tell.
  std::optional<int> passed_in_all() const;
  // The run passed on the files as they were when the agent spoke: was it the run that is meant?
  Verdict tests_passed(const Statement& statement, const model::Step& run,
                       const std::vector<Citation>& evidence) const;
  // Checks of tests that the repository has and nobody ran (not_checked.h found them).
  std::vector<std::string> other_suites() const;
  Verdict failing(const Statement& statement, model::TestKind kind) const;
  Verdict not_run() const;

  // --- Files: claims_files.cc ---

  bool is_own_session(const model::Step& step) const;
  // Whether it is a step of this turn, or of a subagent that it started.
  bool is_of_turn(const model::Step& step) const;
  // Changes until the agent spoke that may be its own, though nothing tells whose they are.
  bool has_unknown(Micros since, auto&& is_meant) const {
    for (const auto& [worktree, changes] : facts_.timelines) {
      for (const auto& change : changes) {
        if (change.skipped || change.seen < since || change.seen > said_) continue;
        if (change.owner.kind == model::OwnerKind::unknown && is_meant(change)) return true;
      }
    }
    return false;
  }
  Verdict nothing_changed() const;
  // Whether the file was another one than before the task when the agent spoke.
  bool stood_changed(const Net& net) const;
  Verdict file(const Statement& statement) const;

  // --- Completeness: claims.cc ---

  // The plan's items as this session left them: what another one did with them came later.
  std::vector<PlanLine> own_plan() const;
  Verdict complete() const;

  const Facts& facts_;
  const Handoff& handoff_;
  const model::Turn& turn_;
  Micros said_;
};

}  // namespace baton::handoff
