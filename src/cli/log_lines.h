#pragma once

#include "cli/front.h"

namespace baton::cli {

// `baton log --lines PATH:A,B`.
Result<int> run_log_lines(Front& front);

}  // namespace baton::cli
