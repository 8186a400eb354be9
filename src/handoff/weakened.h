#pragma once

// Hunks of tests that make them prove less.

#include <string>
#include <string_view>

#include "handoff/hunks.h"

namespace baton::handoff {

// test-skipped: a mark that skips was added. test-assertion-removed: assertions went and fewer
// came. test-expectation-changed: an assertion was replaced. test-changed: anything else but pure
// additions. "" for additions. Goes by words of the common test libraries and, in shell scripts, by
// comparisons that end the script.
std::string weakening(std::string_view path, const Hunk& hunk);

}  // namespace baton::handoff
