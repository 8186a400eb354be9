#pragma once

// What the commands that judge a task have in common: which task was asked for, and its handoff
// against the files as they are now.

#include "cli/front.h"
#include "handoff/handoff.h"
#include "handoff/tasks.h"

namespace baton::cli {

// Where we stand among the tasks.
handoff::Standing standing_of(Front& front);

// The task, session, branch or range that the words or --session name; without any, the task that
// is worked on here. ErrorKind::not_found if nothing was recorded.
Result<handoff::Task> asked_task(Front& front, index::Index& index);

// Whether the tests still hold is a question about the files as they are now: looks at them. A
// problem is a warning, and the files count as they were last seen.
Status look_at_files(Front& front, index::Index& index, std::string_view reader);

// What was asked for, after a look at the files; what is asked wrongly costs no look.
Result<handoff::Task> task_of_now(Front& front, index::Index& index, std::string_view reader);

// Where we are, and what may be touched here.
Status add_surroundings(Front& front, index::Index& index, handoff::Options& options);

// Looks at the files, then makes the handoff of what was asked for.
Result<handoff::Handoff> asked_handoff(Front& front, index::Index& index, std::string_view reader,
                                       handoff::Options options = {});

}  // namespace baton::cli
