#pragma once

// `baton handoff --list` and `--at`: the marks of a task, and its handoff as it stood at one.

#include "cli/front.h"
#include "handoff/handoff.h"

namespace baton::cli {

Result<int> list_marks(Front& front);
// ErrorKind::usage for MARK..MARK, which is no handoff (dropped_between).
Result<handoff::Handoff> handoff_at(Front& front);
// What a session's handoff held at the first mark and the agent's summary before the second does
// not name. True if --at asks for that.
bool asks_dropped(const Front& front);
Result<int> dropped_between(Front& front);

}  // namespace baton::cli
