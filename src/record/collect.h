#pragma once

// Copies what is new in an agent's session file into the store (docs/format/transcripts.md).

#include <string>

#include "agents/agent.h"
#include "store/objects.h"
#include "worktree/limits.h"

namespace baton::record {

struct Collected {
  std::string path;
  uint64_t offset = 0;    // bytes of the file that are done
  bool complete = false;  // nothing is left
};

// Goes on from where the last copy stopped until the file's end or the deadline. A file that was
// rewritten is begun anew. ErrorKind::limit if somebody else copies just now, not_found if the file
// is gone.
Result<Collected> collect(const store::Store& store, store::Objects& objects,
                          const agents::Agent& agent, const std::string& session,
                          const std::string& path, worktree::Deadline deadline);

}  // namespace baton::record
