#pragma once

// A step by itself, for those who read a whole session: what show_step() tells but for its turn,
// the plan and the states around it, which cost as much as the turn is long.

#include "index/index.h"
#include "model/views.h"

namespace baton::index {

// ErrorKind::not_found if it is not there.
Result<model::StepView> step_trace(Index& index, int64_t session_key, int step);

// What the call answered, as step_trace() has it, at the cost of reading one event.
struct StepOutput {
  std::string output, error;
};
Result<StepOutput> step_output(Index& index, int64_t session_key, int step);

}  // namespace baton::index
