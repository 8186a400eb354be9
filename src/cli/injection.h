#pragma once

// The second act of a hook: telling an agent that begins a session what it needs to know of the
// work that is open here. The event is recorded by then and no lock is held; what is late or fails
// says nothing. docs/decisions/injection.md.

#include <string>

#include "agents/agent.h"

namespace baton::cli {

// Ends the process, with status 0, when its time is up.
void inject(const agents::Agent& agent, const agents::Heard& heard);

// At a prompt: what became of files that the session's steps changed, if a rewind took them back.
// Costs a look for one file if nothing did.
void inject_notice(const agents::Agent& agent, const agents::Heard& heard,
                   const std::string& store_path);

}  // namespace baton::cli
