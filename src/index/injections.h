#pragma once

// What hooks told agents of work that was recorded: lines of baton's own session `injections`, read
// from its journal.

#include <string>
#include <vector>

#include "index/index.h"

namespace baton::index {

struct Injection {
  Micros time = 0;
  std::string source;              // startup, resume, clear, compact; "" at a prompt after a rewind
  std::vector<std::string> about;  // addresses of the sessions that it tells of
  std::string text;                // "" if it is not there any more
};

// Of one session, by time.
Result<std::vector<Injection>> injections(Index& index, const model::Session& session);

}  // namespace baton::index
