#pragma once

// Maven and Gradle: what is checked follows from the goals and tasks among their words.

#include <optional>

#include "shell/runner_words.h"
#include "shell/test_runners.h"

namespace baton::shell {

std::optional<RunnerMatch> match_maven(const Words& words);
std::optional<RunnerMatch> match_gradle(const Words& words);

}  // namespace baton::shell
