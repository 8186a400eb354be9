#pragma once

// What a session was given to work under, by nobody's prompt: instruction files, what hooks added,
// baton's own handoff.

#include <string>
#include <vector>

#include "index/index.h"

namespace baton::index {

struct Given {
  std::string kind;  // instructions, hook, handoff
  std::string name;  // the file, from the worktree's root if it lies in it; the hook's event; how
                     // the session began
  std::string why;   // instructions: whose they are, in the agent's word
  std::string text;  // hook: what it added, its beginning
  Micros time = 0;
};

// By time.
Result<std::vector<Given>> given_to(Index& index, int64_t session_key);

}  // namespace baton::index
