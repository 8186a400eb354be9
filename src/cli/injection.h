#pragma once

// The second act of a hook: telling an agent that begins a session what it needs to know of the
// work that is open here. The event is recorded by then and no lock is held; what is late or fails
// says nothing. docs/decisions/injection.md.

#include "agents/agent.h"

namespace baton::cli {

// Ends the process, with status 0, when its time is up.
void inject(const agents::Agent& agent, const agents::Heard& heard);

}  // namespace baton::cli
