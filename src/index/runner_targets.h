#pragma once

// Runners of what a project defines itself, by name: commands of a package (npm, yarn, pnpm, bun)
// and targets (make, just, task, rake, ninja, ...).

#include <optional>

#include "index/runner_words.h"
#include "index/test_runners.h"

namespace baton::index {

// `npm test`, `npm run test:unit`, `yarn lint`, `yarn jest`.
std::optional<RunnerMatch> match_package_script(const Words& words);
// `make check`, `just lint`.
std::optional<RunnerMatch> match_targets(const Words& words);

}  // namespace baton::index
