#pragma once

// Blocks that a commit moved from other files before anybody saw them in their new place.

#include "attribution/blame.h"
#include "attribution/git_lines.h"
#include "attribution/history.h"

namespace baton::attribution {

// Gives lines of options.content that no version explains, and that git knows, the marks of lines
// that the same commit took out of another file, as far as versions of that file are recorded.
// Such a mark has an arrival and no mover: that is the commit. `since`: older commits are not
// looked at.
Status from_commits(History& history, const BlameOptions& options, const GitLines& git,
                    Micros since, Lines& lines);

}  // namespace baton::attribution
