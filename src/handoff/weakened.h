#pragma once

// Hunks of tests that make them prove less.

#include <span>
#include <string>
#include <string_view>

#include "handoff/hunks.h"

namespace baton::handoff {

// test-skipped: a mark that skips tests, or all others, was added. test-removed: what makes a test
// went and less came. test-assertion-removed: assertions went and fewer came.
// test-expectation-changed: an assertion was replaced. test-changed: anything else but pure
// additions, an early return and what catches a failure. "" for additions. Goes by words of the
// common test libraries and, in shell scripts, by comparisons that end the script. What only moved,
// or was indented, within the file (`all` its hunks) did not go.
std::string weakening(std::string_view path, const Hunk& hunk, std::span<const Hunk> all);

}  // namespace baton::handoff
