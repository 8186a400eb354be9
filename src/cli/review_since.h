#pragma once

// `baton pr --since`: what a reviewer has seen already, as a commit, an address, a mark, or the
// file of a handoff or body that was made then.

#include "cli/front.h"
#include "handoff/pull_request.h"

namespace baton::cli {

// Of all time if the option was not given. ErrorKind::not_found if the word names nothing.
Result<handoff::Since> asked_since(Front& front, index::Index& index, const handoff::Task& task);

}  // namespace baton::cli
