#pragma once

// One file's run of changes taken back from what became of it since.

#include "index/index.h"
#include "rollback/plan.h"
#include "rollback/runs.h"

namespace baton::rollback {

// What the file becomes; a conflict if lines were changed on both sides.
struct TakenBack {
  Version version;
  std::optional<std::string> content;  // if it is none of the recorded ones
  std::optional<Conflict> conflict;
};

// The file is `now`, with `content` if that is not recorded. Contents are read as they are needed.
Result<TakenBack> take_back(index::Index& index, const Run& run, const Version& now,
                            const std::optional<std::string>& content);

}  // namespace baton::rollback
