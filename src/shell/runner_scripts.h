#pragma once

// Scripts of the project's own, by name: `sh tests/retry_test.sh`, `python manage.py test`.

#include <optional>

#include "shell/runner_words.h"
#include "shell/test_runners.h"

namespace baton::shell {

std::optional<RunnerMatch> match_script(const Words& words);

}  // namespace baton::shell
