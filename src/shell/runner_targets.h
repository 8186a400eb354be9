#pragma once

// Runners of what a project defines itself, by name: commands of a package (npm, yarn, pnpm, bun)
// and targets (make, just, task, rake, ninja, ...).

#include <optional>

#include "shell/runner_words.h"
#include "shell/test_runners.h"

namespace baton::shell {

// `npm test`, `npm run test:unit`, `yarn lint`, `yarn jest`.
std::optional<RunnerMatch> match_package_script(const Words& words);
// `make check`, `just lint`.
std::optional<RunnerMatch> match_targets(const Words& words);

}  // namespace baton::shell
