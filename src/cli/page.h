#pragma once

// The page of a review, and what leaves this machine with it.

#include "cli/front.h"
#include "handoff/pull_request.h"
#include "render/outward.h"

namespace baton::cli {

// Where things lie here: every worktree and the home.
Result<render::Outward> outward(Front& front, index::Index& index);

// The review as one HTML page (render/page.h).
Result<std::string> review_page(Front& front, index::Index& index, const handoff::Task& task,
                                handoff::PullRequest request);

// The page of what the command line asks for, all of it.
Result<std::string> asked_page(Front& front, index::Index& index);

}  // namespace baton::cli
