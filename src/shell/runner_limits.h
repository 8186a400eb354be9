#pragma once

// What keeps a runner's end from proving something: options with which it checks nothing or ends
// well whatever it finds, and outputs of a shell that could not start it.

#include <string_view>

#include "shell/runner_words.h"

namespace baton::shell {

// Whether the runner only shows, lists or prepares: `tox -l`, `jest --listTests`, `make -t test`.
bool checks_nothing(const Words& words);

// Whether its exit status is 0 whatever it finds, or though nothing was there to run: `make -i`,
// `mvn -fn`, `npm test --if-present`.
bool ends_well_anyway(const Words& words);

// Whether a variable that is set for it chooses what is tested: `make test TESTS=one`,
// `PYTEST_ADDOPTS='-k x' pytest`.
bool chooses_by_variable(std::string_view assignment);

// Whether the output says that the program, script or target was not there: nothing ran.
bool did_not_start(const Words& words, std::string_view output);

// Whether the output says that the program which called the tests failed: make, npm, tox, just.
bool says_it_failed(const Words& words, std::string_view output);

}  // namespace baton::shell
