#pragma once

// What an agent's words of a tool call mean to the index.

#include <cstdint>
#include <optional>

#include "agents/agent.h"
#include "model/session.h"

namespace baton::index {

model::StepKind kind_of(agents::ToolClass tool_class);
// Nothing for "no outcome here".
std::optional<model::StepOutcome> outcome_of(agents::OutcomeKind kind);
// Whether a step of this kind can change any file, and not only those that it names.
bool may_change_anything(model::StepKind kind);
// Stands for the id of a call that has none: what it is called with. Never 0.
int64_t input_hash(const agents::ToolCall& call);

}  // namespace baton::index
