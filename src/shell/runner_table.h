#pragma once

// Programs that are known to run tests, builds and linters: one row a program and subcommand, with
// the options by which it takes less than the whole.

#include <optional>

#include "shell/runner_words.h"
#include "shell/test_runners.h"

namespace baton::shell {

std::optional<RunnerMatch> match_table(const Words& words);

}  // namespace baton::shell
