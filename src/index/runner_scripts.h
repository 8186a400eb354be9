#pragma once

// Scripts of the project's own, by name: `sh tests/retry_test.sh`, `python manage.py test`.

#include <optional>

#include "index/runner_words.h"
#include "index/test_runners.h"

namespace baton::index {

std::optional<RunnerMatch> match_script(const Words& words);

}  // namespace baton::index
