#pragma once

// `baton handoff --verify FILE`.

#include "cli/front.h"

namespace baton::cli {

// kNegative if something is missing, altered or out of date.
Result<int> verify_handoff_file(Front& front);

}  // namespace baton::cli
