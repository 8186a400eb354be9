#pragma once

// Programs that are known to run tests, builds and linters: one row a program and subcommand, with
// the options by which it takes less than the whole.

#include <optional>

#include "index/runner_words.h"
#include "index/test_runners.h"

namespace baton::index {

std::optional<RunnerMatch> match_table(const Words& words);

}  // namespace baton::index
