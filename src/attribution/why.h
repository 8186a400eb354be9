#pragma once

// Why a step did what it did, and what came of it: the prompt, the agent's words, the item of the
// plan that was in progress, and the run of tests that followed.

#include <optional>
#include <string>
#include <vector>

#include "index/index.h"
#include "index/queries.h"
#include "model/session.h"

namespace baton::attribution {

struct Why {
  model::Step step;
  model::Turn turn;
  // A subagent's prompt is its parent's work: the turn of the parent that started it.
  std::optional<model::Turn> asked_by;
  std::string words;                 // the agent's, before the step
  std::vector<std::string> planned;  // items of the plan in progress
  // The first run of tests in its worktree that began after it.
  std::optional<model::TestRun> next_test;
};

Result<Why> why(index::Index& index, const model::StepRef& step);

// The prompt and what asked for it, without the rest.
Result<std::optional<model::Turn>> asking_turn(index::Index& index, int64_t session_key);

}  // namespace baton::attribution
