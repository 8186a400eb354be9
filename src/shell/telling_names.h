#pragma once

// Names that promise a check: of scripts, targets and packages' commands ("runTests", "lint:js").

#include <optional>
#include <string>
#include <string_view>

#include "shell/test_runners.h"

namespace baton::shell {

// What the name promises, if anything.
std::optional<model::TestKind> kind_of_name(std::string_view name);
// Whether it says that something is prepared, made or removed for tests.
bool only_prepares(std::string_view name);

// A match that rests on a name.
RunnerMatch named(std::string name, model::TestKind kind);

}  // namespace baton::shell
